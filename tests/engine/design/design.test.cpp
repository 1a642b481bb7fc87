#include "engine/design/design.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/stream.hpp"

using namespace tollgate;

namespace {

std::vector<DesignFactor> factors(std::size_t n, std::uint64_t levels = 0) {
  std::vector<DesignFactor> result;
  for (std::size_t f = 0; f < n; ++f) result.push_back({"x" + std::to_string(f), levels});
  return result;
}

Design make(DesignKind kind, std::size_t n, std::uint32_t points, std::uint64_t seed = 7) {
  DesignSpec spec;
  spec.kind = kind;
  spec.seed = seed;
  spec.points = points;
  spec.trajectories = points;
  return {spec, factors(n)};
}

std::vector<double> point(const Design& design, std::uint64_t p) {
  std::vector<double> u(design.factors());
  design.fill(p, u);
  return u;
}

std::vector<std::vector<double>> points(const Design& design) {
  std::vector<std::vector<double>> result;
  for (std::uint64_t p = 0; p < design.points(); ++p) result.push_back(point(design, p));
  return result;
}

/// Square of the centred L2 discrepancy (Hickernell 1998, doi:10.1090/S0025-5718-98-00894-1).
double discrepancy(const std::vector<std::vector<double>>& x) {
  const auto n = static_cast<double>(x.size());
  const std::size_t d = x[0].size();
  double single = 0;
  double pairs = 0;
  for (const auto& a : x) {
    double product = 1;
    for (const double u : a) {
      const double z = std::abs(u - 0.5);
      product *= 1 + 0.5 * z - 0.5 * z * z;
    }
    single += product;
    for (const auto& b : x) {
      double of_pair = 1;
      for (std::size_t k = 0; k < d; ++k) {
        of_pair *= 1 + 0.5 * std::abs(a[k] - 0.5) + 0.5 * std::abs(b[k] - 0.5) -
                   0.5 * std::abs(a[k] - b[k]);
      }
      pairs += of_pair;
    }
  }
  return std::pow(13.0 / 12, static_cast<double>(d)) - 2 / n * single + pairs / (n * n);
}

std::vector<std::size_t> differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::size_t> result;
  for (std::size_t f = 0; f < a.size(); ++f) {
    if (a[f] != b[f]) result.push_back(f);
  }
  return result;
}

}  // namespace

TEST_CASE("a grid has every combination once, the last factor fastest") {
  DesignSpec spec;
  const Design grid(spec, {{"a", 2}, {"b", 3}, {"c", 4}});
  REQUIRE(grid.points() == 24);
  for (std::uint64_t p = 0; p < 24; ++p) {
    const std::vector<double> u = point(grid, p);
    CHECK(level_at(u[0], 2) == p / 12);
    CHECK(level_at(u[1], 3) == p / 4 % 3);
    CHECK(level_at(u[2], 4) == p % 4);
  }
}

TEST_CASE("each level of a long grid is met, none by rounding into its neighbour") {
  DesignSpec spec;
  for (const std::uint64_t n : {1ULL, 3ULL, 49ULL, 1000003ULL}) {
    const Design grid(spec, {{"a", n}});
    for (std::uint64_t p = 0; p < n; p += 1 + n / 1000) {
      CHECK(level_at(point(grid, p)[0], n) == p);
    }
  }
}

TEST_CASE("one at a time: the first levels, then every other level of each factor alone") {
  DesignSpec spec;
  spec.kind = DesignKind::kOneAtATime;
  const Design design(spec, {{"a", 3}, {"b", 1}, {"c", 2}});
  REQUIRE(design.points() == 4);
  const std::size_t expected[4][3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {0, 0, 1}};
  for (std::uint64_t p = 0; p < 4; ++p) {
    const std::vector<double> u = point(design, p);
    CHECK(level_at(u[0], 3) == expected[p][0]);
    CHECK(level_at(u[1], 1) == expected[p][1]);
    CHECK(level_at(u[2], 2) == expected[p][2]);
  }
}

TEST_CASE("a Latin hypercube of points hits each stratum of each factor once") {
  for (const std::uint32_t n : {1U, 5U, 64U, 1000U}) {
    const auto x = points(make(DesignKind::kLatinHypercube, 6, n));
    for (std::size_t f = 0; f < 6; ++f) {
      std::vector<int> hits(n, 0);
      for (const auto& u : x) ++hits[level_at(u[f], n)];
      CHECK(std::ranges::all_of(hits, [](int h) { return h == 1; }));
    }
  }
}

TEST_CASE("hypercubes and Sobol points are spread more evenly than random points") {
  constexpr std::uint32_t kPoints = 256;
  constexpr int kSeeds = 20;
  for (const std::size_t d : {2U, 5U, 10U}) {
    // The best of the random designs, so that luck alone would fail once in 2^20 at least.
    double random = 1e9;
    double lhs = 0;
    double sobol = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Stream stream(seed, 0, 1, 2);
      std::vector<std::vector<double>> x(kPoints, std::vector<double>(d));
      for (auto& u : x) {
        for (double& coordinate : u) coordinate = draw_uniform(stream);
      }
      random = std::min(random, discrepancy(x));
      lhs += discrepancy(points(make(DesignKind::kLatinHypercube, d, kPoints, seed))) / kSeeds;
      sobol += discrepancy(points(make(DesignKind::kSobol, d, kPoints, seed))) / kSeeds;
    }
    CAPTURE(d);
    CHECK(lhs < random);
    CHECK(sobol < lhs);
  }
}

TEST_CASE("Saltelli's rows are A, A with one column of B each, and B") {
  constexpr std::size_t kFactors = 5;
  const Design design = make(DesignKind::kSaltelli, kFactors, 64);
  REQUIRE(design.points() == 64 * (kFactors + 2));
  for (std::uint64_t i = 0; i < 64; ++i) {
    const std::uint64_t first = i * (kFactors + 2);
    const auto a = point(design, first);
    const auto b = point(design, first + kFactors + 1);
    CHECK(differences(a, b).size() == kFactors);
    for (std::size_t f = 0; f < kFactors; ++f) {
      const auto ab = point(design, first + 1 + f);
      REQUIRE(differences(a, ab) == std::vector<std::size_t>{f});
      CHECK(ab[f] == b[f]);
    }
  }
}

TEST_CASE("for second-order indices rows of B with one column of A each come before B") {
  constexpr std::size_t kFactors = 4;
  DesignSpec spec;
  spec.kind = DesignKind::kSaltelli;
  spec.points = 16;
  spec.second_order = true;
  const Design design(spec, factors(kFactors));
  constexpr std::uint64_t kRows = 2 * kFactors + 2;
  REQUIRE(design.points() == 16 * kRows);
  for (std::uint64_t i = 0; i < 16; ++i) {
    const auto a = point(design, i * kRows);
    const auto b = point(design, i * kRows + kRows - 1);
    for (std::size_t f = 0; f < kFactors; ++f) {
      const auto ab = point(design, i * kRows + 1 + f);
      const auto ba = point(design, i * kRows + 1 + kFactors + f);
      CHECK(differences(a, ab) == std::vector<std::size_t>{f});
      REQUIRE(differences(b, ba) == std::vector<std::size_t>{f});
      CHECK(ba[f] == a[f]);
    }
  }
}

TEST_CASE("A and B of Saltelli's design are both nets, and do not know each other") {
  const Design design = make(DesignKind::kSaltelli, 3, 256);
  double sum = 0;
  for (std::size_t f = 0; f < 3; ++f) {
    std::vector<int> of_a(256, 0);
    std::vector<int> of_b(256, 0);
    for (std::uint64_t i = 0; i < 256; ++i) {
      const auto a = point(design, 5 * i);
      const auto b = point(design, 5 * i + 4);
      ++of_a[level_at(a[f], 256)];
      ++of_b[level_at(b[f], 256)];
      sum += (a[f] - 0.5) * (b[f] - 0.5) * 12;
    }
    CHECK(std::ranges::all_of(of_a, [](int h) { return h == 1; }));
    CHECK(std::ranges::all_of(of_b, [](int h) { return h == 1; }));
  }
  CHECK(std::abs(sum / (3 * 256)) < 5 / std::sqrt(3.0 * 256));  // five standard errors
}

TEST_CASE("a trajectory moves every factor once, by half of the levels, and stays on levels") {
  for (const std::uint32_t p : {2U, 4U, 6U, 10U}) {
    constexpr std::size_t kFactors = 7;
    DesignSpec spec;
    spec.kind = DesignKind::kMorris;
    spec.trajectories = 50;
    spec.levels = p;
    const Design design(spec, factors(kFactors));
    REQUIRE(design.points() == 50 * (kFactors + 1));
    const double delta = p / (2.0 * (p - 1));
    for (std::uint64_t t = 0; t < 50; ++t) {
      std::set<std::size_t> moved;
      for (std::size_t row = 0; row <= kFactors; ++row) {
        const auto x = point(design, t * (kFactors + 1) + row);
        for (const double u : x) {
          const double level = u * (p - 1);
          CHECK(level == doctest::Approx(std::round(level)).epsilon(1e-12));
          CHECK(u >= 0);
          CHECK(u <= 1);
        }
        if (row == 0) continue;
        const auto before = point(design, t * (kFactors + 1) + row - 1);
        const auto changed = differences(before, x);
        REQUIRE(changed.size() == 1);
        moved.insert(changed[0]);
        CHECK(std::abs(x[changed[0]] - before[changed[0]]) == doctest::Approx(delta));
      }
      CHECK(moved.size() == kFactors);
    }
  }
}

TEST_CASE("over trajectories every level is as likely, and every factor moves first as often") {
  constexpr std::uint32_t kTrajectories = 20000;
  const Design design = make(DesignKind::kMorris, 4, kTrajectories);
  std::map<int, int> levels;
  std::vector<int> first(4, 0);
  for (std::uint64_t t = 0; t < kTrajectories; ++t) {
    const auto x = point(design, 5 * t);
    ++levels[static_cast<int>(std::round(x[1] * 3))];
    ++first[differences(x, point(design, 5 * t + 1))[0]];
  }
  // Five standard errors of a binomial with chance 1/4.
  const double tolerance = 5 * std::sqrt(0.25 * 0.75 * kTrajectories);
  for (int level = 0; level < 4; ++level) {
    CHECK(std::abs(levels[level] - kTrajectories / 4.0) < tolerance);
    CHECK(std::abs(first[static_cast<std::size_t>(level)] - kTrajectories / 4.0) < tolerance);
  }
}

TEST_CASE("points depend on the seed and the names, not on the order of asking") {
  for (const DesignKind kind : {DesignKind::kLatinHypercube, DesignKind::kSobol,
                                DesignKind::kSaltelli, DesignKind::kMorris}) {
    const Design one = make(kind, 3, 32);
    const Design same = make(kind, 3, 32);
    const Design other = make(kind, 3, 32, 8);
    DesignSpec spec = one.spec();
    const Design renamed(spec, {{"x0"}, {"x1"}, {"y"}});
    int of_seed = 0;
    int of_name = 0;
    for (std::uint64_t p = one.points(); p-- > 0;) {
      CHECK(point(one, p) == point(same, p));
      of_seed += point(one, p) != point(other, p) ? 1 : 0;
      of_name += point(one, p)[2] != point(renamed, p)[2] ? 1 : 0;
      if (kind != DesignKind::kMorris) CHECK(point(one, p)[0] == point(renamed, p)[0]);
    }
    CHECK(of_seed > static_cast<int>(one.points() / 2));
    CHECK(of_name > static_cast<int>(one.points() / 3));
  }
}

TEST_CASE("the number of points does not overflow") {
  DesignSpec spec;
  CHECK(points_of(spec, factors(8, 1000)) == ~std::uint64_t{0});
  CHECK(points_of(spec, factors(7, 10)) == 10'000'000);
  spec.kind = DesignKind::kSaltelli;
  spec.points = 10'000'000;
  CHECK(points_of(spec, factors(100)) == 1'020'000'000);
}
