#include "engine/kernel/quantile_sketch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "engine/kernel/quantile.hpp"

using namespace tollgate;

namespace {

QuantileSketch sketch_of(const std::vector<double>& sample) {
  QuantileSketch sketch;
  for (const double x : sample) sketch.add(x);
  return sketch;
}

std::vector<double> drawn(std::size_t n, std::mt19937_64& random,
                          const std::function<double(std::mt19937_64&)>& draw) {
  std::vector<double> sample(n);
  for (double& x : sample) x = draw(random);
  return sample;
}

/// A sample of either sign, over many orders of magnitude, with zeros.
double wild(std::mt19937_64& random) {
  if (random() % 10 == 0) return 0;
  const double size = std::exp(std::normal_distribution<double>(0, 20)(random));
  return random() % 3 == 0 ? -size : size;
}

double normal(std::mt19937_64& random) { return std::normal_distribution<double>(100, 15)(random); }

double lognormal(std::mt19937_64& random) {
  return std::lognormal_distribution<double>(3, 1)(random);
}

}  // namespace

TEST_CASE("quantiles of a sketch are within its relative error of those of the sample") {
  std::mt19937_64 random(3);
  for (const auto& draw : {normal, lognormal}) {
    std::vector<double> sample = drawn(20000, random, draw);
    const QuantileSketch sketch = sketch_of(sample);
    std::ranges::sort(sample);
    CHECK(sketch.count() == 20000);
    CHECK(sketch.buckets().size() <= QuantileSketch::kMostBuckets);
    const double error = sketch.relative_error();
    for (int i = 0; i <= 1000; ++i) {
      const double p = i / 1000.0;
      const double exact = quantile(sample, p);
      REQUIRE(std::abs(sketch.quantile(p) - exact) <= error * std::abs(exact) * (1 + 1e-12));
    }
  }
}

TEST_CASE("the relative error is small where a sample goes over few octaves") {
  std::mt19937_64 random(3);
  // From about 40 to 160: two octaves of 128 buckets.
  CHECK(sketch_of(drawn(1000, random, normal)).relative_error() <= 1.0 / 256);
  // Four standard deviations, a factor of e each, either way: twelve octaves, the outer ones thin.
  CHECK(sketch_of(drawn(1000, random, lognormal)).relative_error() <= 1.0 / 32);
}

TEST_CASE("each number is within the relative error of the value of its bucket") {
  std::mt19937_64 random(9);
  for (const double scale : {1.0, 1e-9, 1e12}) {
    const std::vector<double> sample =
        drawn(5000, random, [&](std::mt19937_64& r) { return scale * (normal(r) - 90); });
    const QuantileSketch sketch = sketch_of(sample);
    for (const double x : sample) {
      const bool is_near = std::ranges::any_of(sketch.buckets(), [&](const auto& bucket) {
        return std::abs(sketch.value(bucket) - x) <= sketch.relative_error() * std::abs(x);
      });
      REQUIRE(is_near);
    }
    CHECK(std::ranges::is_sorted(sketch.buckets(), {},
                                 [&](const auto& bucket) { return sketch.value(bucket); }));
  }
}

TEST_CASE("up to as many different numbers as there are buckets are kept exactly") {
  std::vector<double> sample;
  for (int i = 0; i < 256; ++i) sample.push_back(0.1 * (i - 60));
  std::vector<double> twice = sample;
  twice.insert(twice.end(), sample.begin(), sample.end());
  const QuantileSketch sketch = sketch_of(twice);
  std::ranges::sort(twice);
  CHECK(sketch.relative_error() == 0);
  for (int i = 0; i <= 100; ++i) {
    CHECK(sketch.quantile(i / 100.0) == doctest::Approx(quantile(twice, i / 100.0)).epsilon(1e-14));
  }
  CHECK(sketch.quantile(0) == sample.front());
  CHECK(sketch.quantile(1) == sample.back());
}

TEST_CASE("a sketch is the same in any order and merged from any parts") {
  std::mt19937_64 random(4);
  for (const auto& draw : {normal, lognormal, wild}) {
    std::vector<double> sample = drawn(3000, random, draw);
    const QuantileSketch whole = sketch_of(sample);
    for (int trial = 0; trial < 20; ++trial) {
      std::ranges::shuffle(sample, random);
      REQUIRE(sketch_of(sample) == whole);
      std::vector<QuantileSketch> parts(1 + random() % 12);
      std::uniform_real_distribution<double> share(0, 1);
      // Parts of very different sizes, so that they have dropped different numbers of bits.
      for (const double x : sample) {
        const auto part = static_cast<std::size_t>(std::pow(share(random), 4) *
                                                   static_cast<double>(parts.size()));
        parts[part].add(x);
      }
      std::ranges::shuffle(parts, random);
      // Pairwise, as a tree.
      while (parts.size() > 1) {
        parts[random() % (parts.size() - 1)].merge(parts.back());
        parts.pop_back();
      }
      REQUIRE(parts.front() == whole);
    }
  }
}

TEST_CASE("a sketch takes any finite numbers, and is made again from its parts") {
  constexpr double kMost = std::numeric_limits<double>::max();
  QuantileSketch sketch;
  CHECK(std::isnan(sketch.quantile(0.5)));
  for (const double x : {0.0, -0.0, 5e-324, kMost, -kMost}) sketch.add(x);
  CHECK(sketch.buckets().size() == 3);
  CHECK(sketch.quantile(0.5) == 0);
  CHECK(sketch.quantile(1) == kMost);
  // A number in each octave: buckets have to be wider.
  for (int e = -1000; e < 1000; ++e) {
    sketch.add(std::ldexp(1.3, e));
    sketch.add(std::ldexp(-1.3, e));
  }
  CHECK(sketch.buckets().size() <= QuantileSketch::kMostBuckets);
  CHECK(sketch.relative_error() == std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(sketch.quantile(1)));
  CHECK(sketch.quantile(0.5) == 0);
  CHECK(QuantileSketch(sketch.dropped_bits(), sketch.buckets()) == sketch);
  CHECK_THROWS_AS(QuantileSketch(63, {}), std::invalid_argument);
  CHECK_THROWS_AS(QuantileSketch(3, {{4, 1}, {4, 1}}), std::invalid_argument);
  sketch.clear();
  CHECK(sketch == QuantileSketch());
}
