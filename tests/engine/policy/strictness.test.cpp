/// The lag of a government that reacts, against closed forms.
#include "engine/policy/strictness.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace tollgate;

namespace {

constexpr SimTime kStart{0};
SimTime after(double days) { return kStart + days_rounded(days); }

ResponseSpec reacting() {
  ResponseSpec spec;
  spec.lag_days = 60;
  spec.memory_days = 200;
  spec.opening_weight = 2;
  spec.tightening_weight = -0.5;
  spec.supply_weight = 3;
  return spec;
}

}  // namespace

TEST_CASE("strictness comes nearer to a constant target by exp(-t / lag), in whatever steps") {
  for (const int steps : {1, 7, 365}) {
    Strictness strictness(reacting(), kStart);
    strictness.see_coverage(0.2);
    for (int i = 1; i <= steps; ++i) strictness.advance(after(365.0 * i / steps));
    CHECK(std::log(strictness.value()) ==
          doctest::Approx(3 * 0.2 * (1 - std::exp(-365.0 / 60))).epsilon(1e-9));
  }
}

TEST_CASE("a move pulls with its weight and fades: the response of a lag to a fading pull") {
  for (const int steps : {1, 10}) {
    Strictness strictness(reacting(), kStart);
    strictness.see_move(0.3, 0.1);
    const double pull = 2 * 0.3 - 0.5 * 0.1;
    for (int i = 1; i <= steps; ++i) strictness.advance(after(100.0 * i / steps));
    // y' = (pull exp(-t/200) - y) / 60, y(0) = 0
    const double expected =
        pull / 60 * (std::exp(-100.0 / 200) - std::exp(-100.0 / 60)) / (1.0 / 60 - 1.0 / 200);
    CHECK(std::log(strictness.value()) == doctest::Approx(expected).epsilon(1e-9));
  }
}

TEST_CASE("a memory as long as the lag is the limit of one that is nearly so") {
  ResponseSpec spec = reacting();
  spec.memory_days = spec.lag_days;
  Strictness same(spec, kStart);
  same.see_move(1, 0);
  same.advance(after(60));
  CHECK(std::log(same.value()) == doctest::Approx(2 * std::exp(-1.0)).epsilon(1e-12));
  spec.memory_days *= 1 + 1e-5;
  Strictness near(spec, kStart);
  near.see_move(1, 0);
  near.advance(after(60));
  CHECK(std::log(near.value()) == doctest::Approx(2 * std::exp(-1.0)).epsilon(1e-4));
}

TEST_CASE("strictness keeps between floor and ceiling, and comes back from there") {
  ResponseSpec spec = reacting();
  spec.floor = 0.8;
  spec.ceiling = 1.5;
  Strictness strictness(spec, kStart);
  strictness.see_move(1, 0);
  strictness.advance(after(100));
  CHECK(strictness.value() == 1.5);
  strictness.see_coverage(-1);
  strictness.advance(after(1000));
  CHECK(strictness.value() == 0.8);
  strictness.see_coverage(0);
  strictness.advance(after(5000));
  CHECK(strictness.value() == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("without weights strictness stays exactly 1") {
  ResponseSpec spec;
  CHECK_FALSE(spec.reacts());
  Strictness strictness(spec, kStart);
  strictness.see_move(1, 1);
  strictness.see_coverage(5);
  for (int i = 1; i < 50; ++i) strictness.advance(after(30.4 * i));
  CHECK(strictness.value() == 1.0);
}
