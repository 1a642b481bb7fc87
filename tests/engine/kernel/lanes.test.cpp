#include "engine/kernel/lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace tollgate;

namespace {

using L = Lanes<2>;

double exp_of(double x) { return L::exp_of_nonpositive(L::all(x))[1]; }
double power_of(double x) { return L::power_of_two(L::all(x))[1]; }
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

TEST_CASE("the power of two in lanes is within an ulp of the true one, and exact at integers") {
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = -0.00507 * i;  // to -1,014
    const long double truth = std::exp2(static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(std::abs(power_of(x) / truth - 1)));
  }
  CHECK(worst < std::numeric_limits<double>::epsilon());
  CHECK(power_of(0) == 1);
  CHECK(power_of(-1) == 0.5);
  CHECK(power_of(-1021) == 0x1p-1021);
  CHECK(power_of(-1022) == 0);
  CHECK(power_of(-std::numeric_limits<double>::infinity()) == 0);
}

TEST_CASE("power and logarithm in single precision have their 23 bits, and do not overflow") {
  using S = SingleLanes<4>;
  double worst = 0;
  for (int i = 0; i < 100'000; ++i) {
    const float x = -80.0F + 0.0018F * static_cast<float>(i);  // to 100
    const double truth = std::exp2(static_cast<double>(x));
    worst = std::max(worst, std::abs(double{S::power_of_two(S::all(x))[1]} / truth - 1));
    const float y = std::exp2(0.0012F * static_cast<float>(i) - 60.0F);
    const double log = std::log2(static_cast<double>(y));
    const double found = S::log2_of_positive(S::all(y))[2];
    worst = std::max(worst, std::abs(found - log) / std::max(1.0, std::abs(log)));
  }
  CHECK(worst < 3 * double{std::numeric_limits<float>::epsilon()});
  CHECK(S::power_of_two(S::all(0))[0] == 1);
  CHECK(S::power_of_two(S::all(1e30F))[0] == 0x1p100F);
  CHECK(S::power_of_two(S::all(-81))[0] == 0);
  CHECK(S::power_of_two(S::all(std::numeric_limits<float>::quiet_NaN()))[0] == 0);
  CHECK(S::log2_of_positive(S::all(1))[0] == 0);
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
