#include "engine/design/sampling_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace tollgate;

namespace {

std::vector<std::string> inputs(std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) names.push_back("vendor.v" + std::to_string(i) + ".price");
  return names;
}

std::vector<double> point(const SamplingPlan& plan, std::uint32_t replica) {
  std::vector<double> u(plan.size());
  plan.fill(replica, u);
  return u;
}

constexpr SamplingDesign kDesigns[] = {SamplingDesign::kPlain, SamplingDesign::kLatinHypercube,
                                       SamplingDesign::kSobol};

/// Smooth, of mean 0: sums and products of the inputs.
double smooth(const std::vector<double>& u) {
  double sum = 0;
  double product = 1;
  for (const double x : u) {
    sum += std::exp(x) - (std::exp(1.0) - 1);
    product *= 1 + 0.5 * (x - 0.5);
  }
  return sum + product - 1;
}

/// Variance of the mean of `smooth` over a run, by many seeds.
double variance_of_mean(SamplingDesign design, std::uint32_t replicas, std::size_t n) {
  constexpr int kSeeds = 400;
  double squares = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SamplingPlan plan(design, seed, replicas, inputs(n));
    double sum = 0;
    for (std::uint32_t i = 0; i < replicas; ++i) sum += smooth(point(plan, i));
    squares += sum * sum / replicas / replicas;
  }
  return squares / kSeeds;
}

}  // namespace

TEST_CASE("a Latin hypercube hits each stratum of each input once") {
  for (const std::uint32_t n : {1U, 2U, 3U, 7U, 64U, 100U, 1000U, 4097U}) {
    CAPTURE(n);
    const SamplingPlan plan(SamplingDesign::kLatinHypercube, 7, n, inputs(5));
    std::vector<std::vector<int>> hits(5, std::vector<int>(n, 0));
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::vector<double> u = point(plan, i);
      for (std::size_t k = 0; k < 5; ++k) {
        REQUIRE(0 < u[k]);
        REQUIRE(u[k] < 1);
        ++hits[k][static_cast<std::size_t>(u[k] * n)];
      }
    }
    for (const auto& of_input : hits) {
      CHECK(std::ranges::all_of(of_input, [](int h) { return h == 1; }));
    }
  }
}

TEST_CASE("the strata of the largest hypercube are hit once where looked at") {
  constexpr std::uint32_t kMost = 10'000'000;
  const SamplingPlan plan(SamplingDesign::kLatinHypercube, 7, kMost, inputs(1));
  std::vector<bool> hit(kMost, false);
  for (std::uint32_t i = 0; i < kMost; i += 97) {
    const auto stratum = static_cast<std::size_t>(point(plan, i)[0] * kMost);
    CHECK_FALSE(hit[stratum]);
    hit[stratum] = true;
  }
}

TEST_CASE(
    "over seeds a replica is in each stratum as often, and two inputs do not know each other") {
  constexpr std::uint32_t kStrata = 5;
  constexpr int kSeeds = 50000;
  std::vector<int> counts(std::size_t{kStrata} * kStrata, 0);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const SamplingPlan plan(SamplingDesign::kLatinHypercube, seed, kStrata, inputs(2));
    const std::vector<double> u = point(plan, 3);
    ++counts[static_cast<std::size_t>(u[0] * kStrata) * kStrata +
             static_cast<std::size_t>(u[1] * kStrata)];
  }
  double chi = 0;
  const double expected = static_cast<double>(kSeeds) / (kStrata * kStrata);
  for (const int count : counts) chi += (count - expected) * (count - expected) / expected;
  CHECK(chi < 73.5);  // chi-squared with 24 degrees of freedom: one false alarm in a million
}

TEST_CASE("scrambled Sobol points keep what makes them a net") {
  constexpr unsigned kPower = 10;
  constexpr std::uint32_t kPoints = 1U << kPower;
  const SamplingPlan plan(SamplingDesign::kSobol, 3, 100, inputs(400));
  std::vector<std::vector<double>> points;
  for (std::uint32_t i = 0; i < kPoints; ++i) points.push_back(point(plan, i));
  // Every input by itself: one point in each of 2^m intervals.
  for (std::size_t k = 0; k < plan.size(); ++k) {
    std::vector<int> hits(kPoints, 0);
    for (const auto& u : points) ++hits[static_cast<std::size_t>(u[k] * kPoints)];
    CHECK(std::ranges::all_of(hits, [](int h) { return h == 1; }));
  }
  // The first two inputs: one point in each box of volume 2^-m, whatever its shape.
  for (unsigned a = 0; a <= kPower; ++a) {
    std::vector<int> hits(kPoints, 0);
    for (const auto& u : points) {
      const auto x = static_cast<std::size_t>(u[0] * (1U << a));
      const auto y = static_cast<std::size_t>(u[1] * (1U << (kPower - a)));
      ++hits[(x << (kPower - a)) + y];
    }
    CHECK(std::ranges::all_of(hits, [](int h) { return h == 1; }));
  }
}

TEST_CASE("every dimension of the Sobol points can be used") {
  const SamplingPlan plan(SamplingDesign::kSobol, 3, 100,
                          inputs(SamplingPlan::most_sobol_inputs()));
  const std::vector<double> u = point(plan, 5);
  double sum = 0;
  for (const double x : u) sum += x;
  // Over dimensions the scrambles are independent: five standard errors of a mean of uniforms.
  CHECK(std::abs(sum / static_cast<double>(u.size()) - 0.5) <
        5 / std::sqrt(12.0 * static_cast<double>(u.size())));
}

TEST_CASE("an input's number does not depend on the other inputs, but for its Sobol dimension") {
  for (const SamplingDesign design : kDesigns) {
    const SamplingPlan two(design, 5, 64, {"b", "c"});
    const SamplingPlan behind(design, 5, 64, {"b", "c", "d"});
    const SamplingPlan before(design, 5, 64, {"a", "b", "c"});
    int moved = 0;
    for (std::uint32_t i = 0; i < 64; ++i) {
      CHECK(point(two, i)[0] == point(behind, i)[0]);
      CHECK(point(two, i)[1] == point(behind, i)[1]);
      moved += point(two, i)[0] != point(before, i)[1] ? 1 : 0;
    }
    CHECK((moved == 0) == (design != SamplingDesign::kSobol));
  }
}

TEST_CASE("another seed gives other numbers, another number of replicas only to a hypercube") {
  for (const SamplingDesign design : kDesigns) {
    const SamplingPlan plan(design, 5, 64, {"a"});
    CHECK(point(plan, 9) != point(SamplingPlan(design, 6, 64, {"a"}), 9));
    CHECK((point(plan, 9) == point(SamplingPlan(design, 5, 65, {"a"}), 9)) ==
          (design != SamplingDesign::kLatinHypercube));
  }
}

TEST_CASE("Latin hypercubes and Sobol points beat plain sampling on a smooth output") {
  constexpr std::uint32_t kReplicas = 256;
  constexpr std::size_t kInputs = 8;
  const double plain = variance_of_mean(SamplingDesign::kPlain, kReplicas, kInputs);
  const double lhs = variance_of_mean(SamplingDesign::kLatinHypercube, kReplicas, kInputs);
  const double sobol = variance_of_mean(SamplingDesign::kSobol, kReplicas, kInputs);
  MESSAGE("variance ratios to plain sampling: lhs ", plain / lhs, ", sobol ", plain / sobol);
  // Sum and product of independent inputs have this variance in plain sampling.
  const double e = std::exp(1.0);
  const double of_sum = kInputs * ((e * e - 1) / 2 - (e - 1) * (e - 1));
  const double of_product = std::pow(1 + 0.25 / 12, kInputs) - 1;
  const double covariance = kInputs * 0.5 * (1 - 0.5 * (e - 1));  // of exp(x) with (x - 1/2) / 2
  // The standard error of a variance from 400 normal means is 7%: five of them.
  CHECK(plain == doctest::Approx((of_sum + of_product + 2 * covariance) / kReplicas).epsilon(0.36));
  CHECK(plain / lhs > 20);
  CHECK(plain / sobol > 200);
}
