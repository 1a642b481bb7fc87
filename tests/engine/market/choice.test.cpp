#include "engine/market/choice.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numeric>

using namespace tollgate;

TEST_CASE("without similarity the nested logit is the plain logit") {
  ChoiceSet set;
  const std::array<double, 4> v = {1, -0.5, 2, 0};
  double sum = 0;
  for (std::size_t j = 0; j < v.size(); ++j) {
    set.add(v[j], static_cast<std::uint8_t>(j % 2));
    sum += std::exp(v[j]);
  }
  const auto p = set.probabilities(0);
  for (std::size_t j = 0; j < v.size(); ++j) CHECK(p[j] == doctest::Approx(std::exp(v[j]) / sum));
  CHECK(set.log_sum() == doctest::Approx(std::log(sum)));
}

TEST_CASE("two equal options of one nest share what one of them would get, as nests grow similar") {
  // Red bus, blue bus: with similarity near 1 the pair counts as one option.
  ChoiceSet set;
  set.add(0, 0);
  set.add(0, 1);
  set.add(0, 1);
  const auto p = set.probabilities(0.999);
  CHECK(p[0] == doctest::Approx(0.5).epsilon(0.001));
  CHECK(p[1] == doctest::Approx(0.25).epsilon(0.001));
  CHECK(p[1] == p[2]);
}

TEST_CASE("a hand-worked nest of two and an outside option") {
  ChoiceSet set;
  set.add(std::log(2.0), 1);
  set.add(std::log(3.0), 1);
  set.add(0, 4);
  const double t = 0.5;
  const double s = std::pow(2, 1 / t) + std::pow(3, 1 / t);  // 4 + 9
  const double nest = std::pow(s, t);
  const auto p = set.probabilities(1 - t);
  CHECK(p[0] == doctest::Approx(4.0 / 13 * nest / (nest + 1)));
  CHECK(p[1] == doctest::Approx(9.0 / 13 * nest / (nest + 1)));
  CHECK(p[2] == doctest::Approx(1 / (nest + 1)));
}

TEST_CASE("huge utilities do not overflow") {
  ChoiceSet set;
  set.add(5000, 0);
  set.add(4999, 1);
  set.add(-5000, 2);
  const auto p = set.probabilities(0.5);
  CHECK(p[0] == doctest::Approx(1 / (1 + std::exp(-1.0))));
  CHECK(std::accumulate(p.begin(), p.end(), 0.0) == doctest::Approx(1));
}

TEST_CASE("Box-Cox is linear at lambda 1, the logarithm at 0, and smooth between") {
  CHECK(box_cox(3, 1) == doctest::Approx(2));
  CHECK(box_cox(3, 0) == doctest::Approx(std::log(3.0)));
  CHECK(box_cox(3, 1e-9) == doctest::Approx(std::log(3.0)).epsilon(1e-8));
  CHECK(box_cox(1, 0.7) == 0);
}

TEST_CASE("lots by largest remainder are whole, sum up, and are nearest to the shares") {
  const std::array<double, 4> p = {0.5, 0.3, 0.15, 0.05};
  std::array<std::int64_t, 4> counts{};
  allocate_lots(p, 7, nullptr, counts);
  CHECK(counts == std::array<std::int64_t, 4>{4, 2, 1, 0});  // 3.5, 2.1, 1.05, 0.35
}

TEST_CASE("drawn lots sum up and follow the probabilities within five standard errors") {
  const std::array<double, 3> p = {0.6, 0.3, 0.1};
  std::array<std::int64_t, 3> counts{};
  Stream stream(3, 0, 0, 0);
  constexpr std::int64_t kLots = 100000;
  allocate_lots(p, kLots, &stream, counts);
  CHECK(counts[0] + counts[1] + counts[2] == kLots);
  for (std::size_t j = 0; j < p.size(); ++j) {
    const double se = std::sqrt(p[j] * (1 - p[j]) / kLots);
    CHECK(std::abs(static_cast<double>(counts[j]) / kLots - p[j]) < 5 * se);
  }
}
