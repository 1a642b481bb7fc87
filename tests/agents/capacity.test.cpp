/// The path of a supplier's capacity against closed forms.
#include "agents/supplier/capacity.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr double kYear = 365.25;

SupplierSpec foundry() {
  SupplierSpec spec;
  spec.capacity_per_month = 100;
  spec.capacity_growth = 2;
  return spec;
}

SimTime start() { return date("2022-01-01"); }
SimTime after(double days) { return start() + days_rounded(days); }

}  // namespace

TEST_CASE("without a path capacity grows by its factor a year from the start") {
  CHECK(capacity_at(foundry(), start(), start()) == 100);
  CHECK(capacity_at(foundry(), start(), after(kYear)) == doctest::Approx(200));
  CHECK(capacity_at(foundry(), start(), after(kYear / 2)) == doctest::Approx(100 * std::sqrt(2.0)));
}

TEST_CASE("a path is met at its dates, grows at a constant rate between, and by the factor after") {
  SupplierSpec spec = foundry();
  spec.capacity_path = {{after(200), 400}, {after(400), 300}};
  CHECK(capacity_at(spec, start(), after(100)) == doctest::Approx(200));  // geometric mean
  CHECK(capacity_at(spec, start(), after(200)) == doctest::Approx(400));
  CHECK(capacity_at(spec, start(), after(300)) == doctest::Approx(std::sqrt(400.0 * 300)));
  CHECK(capacity_at(spec, start(), after(400)) == doctest::Approx(300));
  CHECK(capacity_at(spec, start(), after(400 + kYear)) == doctest::Approx(600));
}

TEST_CASE("from or to nothing the path is a straight line") {
  SupplierSpec spec = foundry();
  spec.capacity_path = {{after(200), 0}, {after(300), 50}};
  CHECK(capacity_at(spec, start(), after(50)) == doctest::Approx(75));
  CHECK(capacity_at(spec, start(), after(200)) == 0);
  CHECK(capacity_at(spec, start(), after(250)) == doctest::Approx(25));
}

TEST_CASE("dates up to the start do not count, and the scale is on the whole path") {
  SupplierSpec spec = foundry();
  const double plain = capacity_at(spec, start(), after(500));
  spec.capacity_path = {{after(-50), 1e6}, {start(), 1e7}};
  CHECK(capacity_at(spec, start(), after(500)) == plain);
  spec.capacity_path.push_back({after(200), 400});
  spec.capacity_scale = 0.5;
  for (const double days : {0.0, 100.0, 200.0, 700.0}) {
    SupplierSpec full = spec;
    full.capacity_scale = 1;
    CHECK(capacity_at(spec, start(), after(days)) == capacity_at(full, start(), after(days)) / 2);
  }
}

TEST_CASE("what is made is the integral of the path, jumps and all") {
  SupplierSpec spec = foundry();
  const double months = 1 / (kYear / 12);
  // Exponential: the integral of 100 * 2^t over a year is 100 / ln 2 a year; slices of a day err by
  // their square.
  CHECK(made_between(spec, start(), start(), after(kYear)) ==
        doctest::Approx(1200 / std::log(2.0)).epsilon(1e-6));
  spec.capacity_growth = 1;
  CHECK(made_between(spec, start(), after(3), after(33.5)) == doctest::Approx(100 * 30.5 * months));
  CHECK(made_between(spec, start(), after(3), after(3)) == 0);
  spec.capacity_path = {{after(10), 100}, {after(11), 400}, {after(15), 400}, {after(16), 100}};
  const double ramp = 300 / std::log(4.0);  // mean of a day in which it grows fourfold
  CHECK(made_between(spec, start(), start(), after(30)) ==
        doctest::Approx((100 * 24 + 400 * 4 + 2 * ramp) * months).epsilon(0.01));
}
