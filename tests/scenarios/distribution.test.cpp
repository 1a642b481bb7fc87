#include "scenarios/distribution.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <cmath>
#include <functional>

#include "engine/design/sampling_plan.hpp"

using namespace tollgate;
namespace bm = boost::math;

namespace {

Distribution made(const char* form_name, GivenParameters given) {
  const auto forms = distribution_forms();
  const auto form = std::ranges::find(forms, form_name, &DistributionForm::name);
  REQUIRE(form != forms.end());
  auto result = make_distribution(*form, std::move(given));
  REQUIRE(std::holds_alternative<Distribution>(result));
  return std::get<Distribution>(result);
}

std::string fault(const char* form_name, GivenParameters given) {
  const auto form = std::ranges::find(distribution_forms(), form_name, &DistributionForm::name);
  const auto result = make_distribution(*form, std::move(given));
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

/// Draws of a replica each, sorted.
std::vector<double> drawn(const Distribution& distribution, SamplingDesign design, std::uint32_t n,
                          const std::string& input) {
  const SamplingPlan plan(design, 1, n, {input});
  std::vector<double> values(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    double u = 0;
    plan.fill(i, {&u, 1});
    values[i] = quantile(distribution, u);
  }
  std::ranges::sort(values);
  return values;
}

/// Kolmogorov-Smirnov distance of sorted draws from a distribution function.
double distance(const std::vector<double>& sorted, const std::function<double(double)>& cdf) {
  const auto n = static_cast<double>(sorted.size());
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double p = cdf(sorted[i]);
    largest =
        std::max({largest, (static_cast<double>(i) + 1) / n - p, p - static_cast<double>(i) / n});
  }
  return largest;
}

struct Case {
  const char* name;
  Distribution distribution;
  std::function<double(double)> cdf;
};

std::vector<Case> continuous() {
  return {
      {"uniform", made("uniform", {{{"low", 1}, {"high", 5}}, {}}),
       [](double x) {
         return bm::cdf(bm::uniform{1, 5}, x);
       }},
      {"triangular", made("triangular", {{{"low", 0}, {"mode", 1}, {"high", 4}}, {}}),
       [](double x) {
         return bm::cdf(bm::triangular{0, 1, 4}, x);
       }},
      {"triangular with its mode at an end",
       made("triangular", {{{"low", 0}, {"mode", 0}, {"high", 4}}, {}}),
       [](double x) {
         return bm::cdf(bm::triangular{0, 0, 4}, x);
       }},
      {"PERT", made("pert", {{{"low", 10}, {"mode", 12}, {"high", 20}}, {}}),
       [](double x) {
         return bm::cdf(bm::beta_distribution<>{1.8, 4.2}, (x - 10) / 10);
       }},
      {"PERT of another shape",
       made("pert", {{{"low", 10}, {"mode", 12}, {"high", 20}, {"shape", 10}}, {}}),
       [](double x) {
         return bm::cdf(bm::beta_distribution<>{3, 9}, (x - 10) / 10);
       }},
      {"normal", made("normal", {{{"mean", 2}, {"sd", 0.5}}, {}}),
       [](double x) {
         return bm::cdf(bm::normal{2, 0.5}, x);
       }},
      {"lognormal", made("lognormal", {{{"median", 2}, {"sigma", 0.25}}, {}}),
       [](double x) {
         return bm::cdf(bm::lognormal{std::log(2.0), 0.25}, x);
       }},
      {"beta", made("beta", {{{"a", 2}, {"b", 5}, {"low", -1}, {"high", 3}}, {}}),
       [](double x) {
         return bm::cdf(bm::beta_distribution<>{2, 5}, (x + 1) / 4);
       }},
      {"a beta that is high at both ends",
       made("beta", {{{"a", 0.5}, {"b", 0.5}, {"low", 0}, {"high", 1}}, {}}),
       [](double x) {
         return bm::cdf(bm::beta_distribution<>{0.5, 0.5}, x);
       }},
  };
}

}  // namespace

TEST_CASE("draws of each continuous distribution pass Kolmogorov-Smirnov") {
  constexpr std::uint32_t kReplicas = 20000;
  // P(sqrt(n) D > x) <= 2 exp(-2 x^2): at 2.8 one false alarm in three million for each case.
  const double most = 2.8 / std::sqrt(kReplicas);
  for (const Case& c : continuous()) {
    CAPTURE(c.name);
    CHECK(distance(drawn(c.distribution, SamplingDesign::kPlain, kReplicas, c.name), c.cdf) < most);
  }
}

TEST_CASE("a Latin hypercube's draws are within a stratum of the distribution, exactly") {
  constexpr std::uint32_t kReplicas = 1000;
  for (const Case& c : continuous()) {
    CAPTURE(c.name);
    CHECK(distance(drawn(c.distribution, SamplingDesign::kLatinHypercube, kReplicas, c.name),
                   c.cdf) < 1.0 / kReplicas + 1e-12);
  }
}

TEST_CASE("quantiles rise, and those of a normal agree with it in both tails") {
  for (const Case& c : continuous()) {
    CAPTURE(c.name);
    double before = quantile(c.distribution, 0x1p-65);
    for (int k = 1; k < 2000; ++k) {
      const double x = quantile(c.distribution, k / 2000.0);
      CHECK(x >= before);
      before = x;
    }
    CHECK(std::isfinite(quantile(c.distribution, 1 - 0x1p-53)));
    for (const double z : {-9.0, -3.0, 0.0, 1.0, 3.0, 9.0}) {
      const double expected =
          quantile(c.distribution, std::min(bm::cdf(bm::normal{}, z), 1 - 0x1p-53));
      if (std::abs(z) < 5)
        CHECK(quantile_of_normal(c.distribution, z) == doctest::Approx(expected));
      CHECK(std::isfinite(quantile_of_normal(c.distribution, z)));
    }
  }
  CHECK(quantile_of_normal(Normal{2, 0.5}, 9) == 6.5);
}

TEST_CASE("discrete values come by their weights") {
  const Distribution d =
      made("discrete", {{}, {{"values", {3, 1, 2, 9}}, {"weights", {5, 2, 3, 0}}}});
  constexpr std::uint32_t kReplicas = 20000;
  const std::vector<double> values = drawn(d, SamplingDesign::kPlain, kReplicas, "x");
  const double p[] = {0.2, 0.3, 0.5};
  for (int v = 1; v <= 3; ++v) {
    const double q = p[v - 1];
    // Five standard errors of a binomial share.
    CHECK(std::abs(static_cast<double>(std::ranges::count(values, v)) / kReplicas - q) <
          5 * std::sqrt(q * (1 - q) / kReplicas));
  }
  CHECK(std::ranges::count(values, 9) == 0);
  CHECK(quantile(d, 0.1) == 1);
  CHECK(quantile(d, 0.9) == 3);
  CHECK(central(made("discrete", {{}, {{"values", {3, 1, 2}}, {"weights", {1, 2, 2}}}})) == 2);
}

TEST_CASE("each value of a sample is hit as often in a Latin hypercube of a multiple of its size") {
  const Distribution d = made("sample", {{}, {{"values", {7, 5, 5, 6}}}});
  const std::vector<double> values = drawn(d, SamplingDesign::kLatinHypercube, 400, "x");
  CHECK(std::ranges::count(values, 5) == 200);
  CHECK(std::ranges::count(values, 6) == 100);
  CHECK(std::ranges::count(values, 7) == 100);
}

TEST_CASE("the central value is the mode where there is one, else the median") {
  CHECK(central(Uniform{1, 3}) == 2);
  CHECK(central(Triangular{1, 2, 9}) == 2);
  CHECK(central(Pert{1, 2, 9, 4}) == 2);
  CHECK(central(Beta{3, 3, 0, 10}) == doctest::Approx(5));
  CHECK(central(Posterior{{9, 1, 4}}) == 4);
}

TEST_CASE("what a distribution cannot be made of is said") {
  CHECK(fault("uniform", {{{"low", 2}, {"high", 1}}, {}}) == "'low' is above 'high'");
  CHECK(fault("pert", {{{"low", 1}, {"mode", 3}, {"high", 2}}, {}}) ==
        "'mode' is not between 'low' and 'high'");
  CHECK(fault("pert", {{{"low", 1}, {"mode", 2}, {"high", 3}, {"shape", 0}}, {}}) ==
        "'shape' is not above 0 and up to 10000");
  CHECK(fault("beta", {{{"a", 0}, {"b", 1}, {"low", 0}, {"high", 1}}, {}}) ==
        "'a' is not from 0.001 to 1000000");
  CHECK(fault("discrete", {{}, {{"values", {1, 2}}, {"weights", {1}}}}) ==
        "2 'values' and 1 'weights'; there has to be a weight for each value");
  CHECK(fault("discrete", {{}, {{"values", {1, 2}}, {"weights", {0, 0}}}}) ==
        "the sum of the weights is not above 0");
  CHECK(fault("discrete", {{}, {{"values", {1, 2}}, {"weights", {-1, 2}}}}) ==
        "a weight is negative or no number");
  CHECK(fault("sample", {{}, {{"values", {}}}}) == "there are no values");
}
