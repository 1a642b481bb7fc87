#include "engine/kernel/quantile.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace tollgate;

TEST_CASE("quantiles interpolate between order statistics (type 7)") {
  const std::array<double, 4> sample = {1, 2, 3, 4};
  CHECK(quantile(sample, 0) == 1);
  CHECK(quantile(sample, 1) == 4);
  CHECK(quantile(sample, 0.5) == 2.5);
  CHECK(quantile(sample, 0.05) == doctest::Approx(1.15));
  CHECK(quantile(std::array{7.0}, 0.95) == 7);
}
