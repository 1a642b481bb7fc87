#include "engine/search/search.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

namespace {

const Box kUnit{{0}, {1}};

/// Noise that is the same for a replica whenever it is run at a point.
double noise_at(std::uint64_t seed, std::uint32_t replica, double x) {
  Stream stream(seed, replica, std::bit_cast<std::uint64_t>(x), hash_name("noise"));
  return draw_normal(stream);
}

/// -(x - c_r)^2 with c_r normal about 0.55, and noise of its own at each point.
Evaluate noisy_hill(std::uint64_t seed, std::uint32_t replicas, double spread, double noise) {
  return [=](const Point& p) {
    std::vector<double> responses;
    for (std::uint32_t r = 0; r < replicas; ++r) {
      Stream stream(seed, r, 0, hash_name("hill"));
      const double centre = 0.55 + spread * draw_normal(stream);
      responses.push_back(-(p[0] - centre) * (p[0] - centre) + noise * noise_at(seed, r, p[0]));
    }
    return responses;
  };
}

}  // namespace

TEST_CASE("95% intervals of the optimum hold it in 95 of 100 experiments") {
  constexpr int kExperiments = 200;
  int hits = 0;
  double width = 0;
  for (std::uint64_t seed = 1; seed <= kExperiments; ++seed) {
    const SearchResult found =
        maximise(kUnit, noisy_hill(seed, 50, 0.3, 0.05), {.resamples = 500, .seed = seed});
    REQUIRE(found.interval.size() == 1);
    const Interval interval = found.interval[0];
    CHECK(interval.low <= found.optimum[0]);
    CHECK(interval.high >= found.optimum[0]);
    if (interval.low <= 0.55 && 0.55 <= interval.high) ++hits;
    width += (interval.high - interval.low) / kExperiments;
  }
  // Binomial with p = 0.95: standard error sqrt(0.95 * 0.05 / 200) = 0.0154; three of these, and
  // 0.02 for what the percentile bootstrap of 50 replicas is known to lack.
  const double share = static_cast<double>(hits) / kExperiments;
  MESSAGE("coverage ", share, ", mean width ", width);
  CHECK(share > 0.95 - 0.02 - 3 * 0.0154);
  // Not by being wide: the spread of centres alone makes 2 * 1.96 * 0.3 / sqrt(50) = 0.166.
  CHECK(width < 1.5 * 0.166);
}

TEST_CASE("a smooth function in two and three axes is maximised as finely as asked") {
  for (std::size_t axes = 2; axes <= 3; ++axes) {
    CAPTURE(axes);
    const SearchResult found =
        maximise({Point(axes, 0), Point(axes, 1)},
                 [axes](const Point& p) {
                   double value = std::exp(-(p[0] - 0.35) * (p[1] - 0.61));  // correlates the axes
                   for (std::size_t i = 0; i < axes; ++i) value -= 3 * std::cosh(p[i] - 0.4) - 3;
                   return std::vector<double>{value};
                 },
                 {.grid_per_axis = 5, .tolerance = 1e-6, .local_evaluations = 100});
    // Conditions of first order by central differences of the same function.
    const auto f = [&](Point p) {
      double value = std::exp(-(p[0] - 0.35) * (p[1] - 0.61));
      for (std::size_t i = 0; i < axes; ++i) value -= 3 * std::cosh(p[i] - 0.4) - 3;
      return value;
    };
    for (std::size_t i = 0; i < axes; ++i) {
      Point above = found.optimum;
      Point below = found.optimum;
      above[i] += 1e-5;
      below[i] -= 1e-5;
      // A gradient g with curvature of about -3 means an error of g / 3.
      CHECK(std::abs(f(above) - f(below)) / 2e-5 < 3e-5);
    }
  }
}

TEST_CASE("a rough function has its optimum where the smooth one under it has") {
  // One replica whose roughness is a tenth of the hill's height within a grid step.
  int runs = 0;
  const SearchResult found = maximise(
      kUnit,
      [&](const Point& p) {
        ++runs;
        return std::vector<double>{-(p[0] - 0.55) * (p[0] - 0.55) + 7e-4 * noise_at(1, 0, p[0])};
      },
      {});
  // The vertex of a fit over a window of half width w = 1/12 to 7 points with noise s has an error
  // of about s / (2 w) / sqrt(sum u^2 = 3.1) = 0.0024; narrower windows are only taken when surer.
  CHECK(std::abs(found.optimum[0] - 0.55) < 4 * 0.0024);
  CHECK(runs < 60);
}

TEST_CASE("where more is always better, the optimum and its interval are the end of the range") {
  for (const double slope : {1.0, -1.0}) {
    const SearchResult found = maximise(
        kUnit,
        [slope](const Point& p) {
          return std::vector<double>{slope * p[0], 2 * slope * p[0], slope * std::sqrt(p[0])};
        },
        {});
    const double end = slope > 0 ? 1 : 0;
    CHECK(found.optimum[0] == end);
    CHECK(found.interval[0].low == end);
    CHECK(found.interval[0].high == end);
  }
}

TEST_CASE("at a cliff the best point that was run is the answer") {
  const double edge = 0.37;
  const SearchResult found =
      maximise(kUnit,
               [edge](const Point& p) {
                 std::vector<double> responses;
                 for (std::uint32_t r = 0; r < 20; ++r) {
                   responses.push_back((p[0] < edge ? 1 + p[0] : 0) + 0.01 * noise_at(1, r, p[0]));
                 }
                 return responses;
               },
               {});
  CHECK_FALSE(found.is_quadratic);
  CHECK(found.optimum[0] < edge);
  CHECK(found.optimum[0] > edge - 1.0 / 12);
  CHECK(found.interval[0].low <= found.optimum[0]);
  CHECK(found.interval[0].high < edge);
}

TEST_CASE("an axis that changes nothing is told from one that matters, and not searched") {
  const Evaluate evaluate = [](const Point& p) {
    return std::vector<double>{-(p[1] - 0.3) * (p[1] - 0.3), -(p[1] - 0.4) * (p[1] - 0.4)};
  };
  const SearchResult found = maximise({{5, 0}, {6, 1}}, evaluate, {.grid_per_axis = 5});
  CHECK(found.has_effect == std::vector<std::uint8_t>{0, 1});
  CHECK(found.optimum[0] == 5);
  CHECK(found.interval[0].low == 5);
  CHECK(found.interval[0].high == 6);
  CHECK(std::abs(found.optimum[1] - 0.35) < 1e-6);

  const SearchResult flat = maximise(kUnit,
                                     [](const Point&) {
                                       return std::vector<double>{1, 2};
                                     },
                                     {});
  CHECK(flat.has_effect == std::vector<std::uint8_t>{0});
  CHECK(flat.evaluations.size() == 13);
}

TEST_CASE("a replica that fails somewhere counts nowhere") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const SearchResult found =
      maximise(kUnit,
               [nan](const Point& p) {
                 const double high = p[0] > 0.9 ? nan : 100 * p[0];
                 return std::vector<double>{-(p[0] - 0.3) * (p[0] - 0.3), high,
                                            -(p[0] - 0.4) * (p[0] - 0.4)};
               },
               {});
  CHECK(complete_replicas(found.evaluations) == std::vector<std::size_t>{0, 2});
  CHECK(std::abs(found.optimum[0] - 0.35) < 1e-6);
}

TEST_CASE("a search that is stopped keeps what it ran and has no optimum") {
  for (const int runs : {0, 5, 13, 15, 18}) {
    CAPTURE(runs);
    int left = runs;
    const Evaluate hill = noisy_hill(1, 10, 0.3, 0.05);
    const SearchResult found = maximise(kUnit,
                                        [&](const Point& p) -> std::optional<std::vector<double>> {
                                          if (left-- == 0) return std::nullopt;
                                          return hill(p);
                                        },
                                        {});
    CHECK(found.was_interrupted);
    CHECK(found.evaluations.size() == static_cast<std::size_t>(runs));
    CHECK(found.optimum.empty());
  }
}
