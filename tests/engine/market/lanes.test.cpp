#include "engine/market/lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace tollgate;

namespace {

using L = Lanes<2>;

double exp_of(double x) { return L::exp_of_nonpositive(L::all(x))[1]; }
double log_of(double x) { return L::log_of_positive(L::all(x))[1]; }

}  // namespace

TEST_CASE("the exponential in lanes is within an ulp of the true one, and exact at its ends") {
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = -0.00353 * i;  // to -706
    const long double truth = std::exp(static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(std::abs(exp_of(x) / truth - 1)));
  }
  CHECK(worst < std::numeric_limits<double>::epsilon());
  CHECK(exp_of(0) == 1);
  CHECK(exp_of(-709) == 0);
  CHECK(exp_of(-1e300) == 0);
  CHECK(exp_of(-std::numeric_limits<double>::infinity()) == 0);
}

TEST_CASE("the logarithm in lanes is within an ulp of the true one, and exact at 1") {
  double worst = 0;
  for (int i = 1; i < 100'000; ++i) {
    for (const double x : {1 + 1e-4 * i, 1e-5 * i, 1e6 * i}) {
      const long double truth = std::log(static_cast<long double>(x));
      if (truth == 0) continue;
      worst = std::max(worst, static_cast<double>(std::abs(log_of(x) / truth - 1)));
    }
  }
  CHECK(worst < std::numeric_limits<double>::epsilon());
  CHECK(log_of(1) == 0);
}

TEST_CASE("lanes do not know their neighbours") {
  const std::array<double, 2> pair = {-3.7, -std::numeric_limits<double>::infinity()};
  const auto both = L::exp_of_nonpositive(L::load(pair.data()));
  CHECK(both[0] == exp_of(-3.7));
  CHECK(both[1] == 0);
}
