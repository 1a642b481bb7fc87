#include "engine/kernel/exact_moments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace tollgate;

namespace {

template <class T>
ExactMoments<T> moments_of(const std::vector<T>& sample) {
  ExactMoments<T> moments;
  for (const T x : sample) moments.add(x);
  return moments;
}

}  // namespace

TEST_CASE("moments of integers are those of the definition, exactly") {
  const ExactMoments<std::int64_t> moments = moments_of<std::int64_t>({-3, 1, 2, 8});
  CHECK(moments.count() == 4);
  CHECK(moments.minimum() == -3);
  CHECK(moments.maximum() == 8);
  CHECK(moments.mean() == 2);
  CHECK(moments.standard_deviation() == std::sqrt((25.0 + 1 + 0 + 36) / 3));
  // Sums of squares of 2^126 each, with signs that cancel.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const ExactMoments<std::int64_t> large = moments_of<std::int64_t>({kMost, -kMost, kMost, -kMost});
  CHECK(large.mean() == 0);
  CHECK(large.standard_deviation() == doctest::Approx(0x1p63 * std::sqrt(4.0 / 3)).epsilon(1e-15));
  // A spread of 1 on top of 9e18: doubles would not see it.
  const ExactMoments<std::int64_t> narrow = moments_of<std::int64_t>({kMost, kMost - 1, kMost - 2});
  CHECK(narrow.standard_deviation() == 1);
  CHECK(narrow.mean() == 0x1p63);
}

TEST_CASE("moments of doubles are those of the definition, and what is no number is left out") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ExactMoments<double> moments =
      moments_of<double>({0.25, NAN, -0.75, kInfinity, 1.5, -kInfinity, 0x1p62});
  CHECK(moments.count() == 3);
  CHECK(moments.minimum() == -0.75);
  CHECK(moments.maximum() == 1.5);
  CHECK(moments.mean() == 1.0 / 3);
  CHECK(moments.standard_deviation() ==
        doctest::Approx(std::sqrt((1.0 / 144 + 169.0 / 144 + 196.0 / 144) / 2)).epsilon(1e-15));
  // Equal numbers have a mean that is the number, and no spread.
  ExactMoments<double> equal;
  for (int i = 0; i < 1000; ++i) equal.add(0.1);
  CHECK(equal.mean() == 0.1);
  CHECK(equal.standard_deviation() == 0);
  CHECK_FALSE(std::signbit(moments_of<double>({-0.0}).minimum()));
}

TEST_CASE("of no number there is no mean, of one no standard deviation") {
  CHECK(std::isnan(ExactMoments<double>().mean()));
  CHECK(std::isnan(ExactMoments<std::int64_t>().standard_deviation()));
  CHECK(std::isnan(moments_of<double>({2}).standard_deviation()));
  CHECK(moments_of<double>({2}).mean() == 2);
}

TEST_CASE("moments are the same bits in any order and from any parts") {
  std::mt19937_64 random(11);
  std::lognormal_distribution<double> sizes(0, 6);
  std::vector<double> sample;
  for (int i = 0; i < 3000; ++i) sample.push_back((i % 3 == 0 ? -1 : 1) * sizes(random));
  sample.push_back(NAN);
  const ExactMoments<double> whole = moments_of(sample);
  long double mean = 0;
  for (const double x : sample) mean += std::isnan(x) ? 0 : x;
  mean /= 3000;
  CHECK(whole.mean() == doctest::Approx(static_cast<double>(mean)).epsilon(1e-14));
  for (int trial = 0; trial < 20; ++trial) {
    std::ranges::shuffle(sample, random);
    std::vector<ExactMoments<double>> parts(1 + random() % 9);
    for (const double x : sample) parts[random() % parts.size()].add(x);
    ExactMoments<double> merged;
    for (const ExactMoments<double>& part : parts) merged.merge(part);
    REQUIRE(merged == whole);
  }
}

TEST_CASE("means and standard deviations of integers are rounded once") {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<std::int64_t> cents(-4'000'000'000'000, 9'000'000'000'000);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::int64_t> sample(2 + random() % 50);
    for (std::int64_t& x : sample) x = cents(random);
    const ExactMoments<std::int64_t> moments = moments_of(sample);
    // 64 bits of mantissa hold these sums; their quotient is rounded twice, which may be off by
    // one.
    long double sum = 0;
    for (const std::int64_t x : sample) sum += static_cast<long double>(x);
    const long double mean = sum / static_cast<long double>(sample.size());
    long double squares = 0;
    for (const std::int64_t x : sample) squares += (x - mean) * (x - mean);
    CHECK(moments.mean() == doctest::Approx(static_cast<double>(mean)).epsilon(3e-16));
    CHECK(moments.standard_deviation() ==
          doctest::Approx(
              std::sqrt(static_cast<double>(squares / static_cast<long double>(sample.size() - 1))))
              .epsilon(1e-15));
  }
}
