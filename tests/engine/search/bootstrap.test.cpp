#include "engine/search/bootstrap.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

TEST_CASE("the bootstrap spreads a mean as its standard error does") {
  constexpr int kReplicas = 400;
  Eigen::MatrixXd values(1, kReplicas);
  Stream noise(1, 0, 0, 0);
  std::vector<double> sample;
  for (Eigen::Index r = 0; r < kReplicas; ++r) {
    values(0, r) = draw_normal(noise);
    sample.push_back(values(0, r));
  }
  const auto optima = resample_optima(
      values, [](const Eigen::VectorXd& mean) { return Point{mean[0]}; }, 4000, Stream(1, 0, 1, 1));
  CHECK(optima.size() == 4000);
  const Interval found = percentile_intervals(optima).front();
  const Interval expected = estimate_mean(sample).interval;
  // A 2.5% quantile of 4000 has a standard error of sqrt(0.025 * 0.975 / 4000) / density = 0.042 of
  // the spread, that is 0.011 of the interval's width; five of these.
  const double width = expected.high - expected.low;
  CHECK(std::abs(found.low - expected.low) < 0.055 * width);
  CHECK(std::abs(found.high - expected.high) < 0.055 * width);
}

TEST_CASE("a mean has the interval of Student's t") {
  // Sample 1, 2, 3: mean 2, standard error sqrt(1/3), t of two degrees at 97.5% is 4.30265.
  const MeanEstimate estimate = estimate_mean(std::vector<double>{1, 2, 3});
  CHECK(estimate.mean == doctest::Approx(2));
  CHECK(estimate.interval.low == doctest::Approx(2 - 4.30265273 * std::sqrt(1.0 / 3)));
  CHECK(estimate.interval.high == doctest::Approx(2 + 4.30265273 * std::sqrt(1.0 / 3)));
  CHECK(std::isnan(estimate_mean(std::vector<double>{1}).interval.low));
}
