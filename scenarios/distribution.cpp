#include "scenarios/distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <cmath>
#include <numeric>
#include <utility>

namespace tollgate {
namespace {

/// Double arithmetic throughout: what a draw is must not depend on the width of long double.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using StandardNormal = boost::math::normal_distribution<double, InDouble>;
using BetaOnUnit = boost::math::beta_distribution<double, InDouble>;
using TriangularOnInterval = boost::math::triangular_distribution<double, InDouble>;

constexpr double kUsualPertShape = 4;

double stretched(double low, double high, double a, double b, double u) {
  return low + (high - low) * boost::math::quantile(BetaOnUnit{a, b}, u);
}

/// The place that `u` picks among `n`.
std::size_t place(double u, std::size_t n) {
  return std::min(static_cast<std::size_t>(u * static_cast<double>(n)), n - 1);
}

struct Quantile {
  double u;
  double operator()(const Uniform& d) const { return d.low + (d.high - d.low) * u; }
  double operator()(const Triangular& d) const {
    if (d.low == d.high) return d.low;
    return boost::math::quantile(TriangularOnInterval{d.low, d.mode, d.high}, u);
  }
  double operator()(const Pert& d) const {
    if (d.low == d.high) return d.low;
    const double width = d.high - d.low;
    return stretched(d.low, d.high, 1 + d.shape * (d.mode - d.low) / width,
                     1 + d.shape * (d.high - d.mode) / width, u);
  }
  double operator()(const Normal& d) const { return d.mean + d.sd * normal_quantile(u); }
  double operator()(const Lognormal& d) const {
    return d.median * std::exp(d.sigma * normal_quantile(u));
  }
  double operator()(const Beta& d) const { return stretched(d.low, d.high, d.a, d.b, u); }
  double operator()(const Discrete& d) const {
    const auto found = std::ranges::upper_bound(d.cumulative, u);
    const auto index = static_cast<std::size_t>(found - d.cumulative.begin());
    return d.values[std::min(index, d.values.size() - 1)];
  }
  double operator()(const Sample& d) const { return d.values[place(u, d.values.size())]; }
  double operator()(const Posterior& d) const { return d.rows[place(u, d.rows.size())]; }
};

struct QuantileOfNormal {
  double z;
  double operator()(const Normal& d) const { return d.mean + d.sd * z; }
  double operator()(const Lognormal& d) const { return d.median * std::exp(d.sigma * z); }
  template <class Other>
  double operator()(const Other& d) const {
    // Far out in the upper tail the probability would round to 1.
    const double u = boost::math::cdf(StandardNormal{}, z);
    return Quantile{std::clamp(u, 0x1p-1022, 1 - 0x1p-53)}(d);
  }
};

struct Central {
  double operator()(const Triangular& d) const { return d.mode; }
  double operator()(const Pert& d) const { return d.mode; }
  double operator()(const Normal& d) const { return d.mean; }
  double operator()(const Lognormal& d) const { return d.median; }
  double operator()(const Posterior& d) const {
    std::vector<double> sorted = d.rows;
    std::ranges::sort(sorted);
    return Quantile{0.5}(Sample{std::move(sorted)});
  }
  template <class Other>
  double operator()(const Other& d) const {
    return Quantile{0.5}(d);
  }
};

struct Name {
  std::string_view operator()(const Uniform&) const { return "uniform"; }
  std::string_view operator()(const Triangular&) const { return "triangular"; }
  std::string_view operator()(const Pert&) const { return "pert"; }
  std::string_view operator()(const Normal&) const { return "normal"; }
  std::string_view operator()(const Lognormal&) const { return "lognormal"; }
  std::string_view operator()(const Beta&) const { return "beta"; }
  std::string_view operator()(const Discrete&) const { return "discrete"; }
  std::string_view operator()(const Sample&) const { return "sample"; }
  std::string_view operator()(const Posterior&) const { return "posterior"; }
};

std::string fault_of_order(double low, double high) {
  return low <= high ? "" : "'low' is above 'high'";
}
std::string fault_of_mode(double low, double mode, double high) {
  if (!(low <= high)) return "'low' is above 'high'";
  return low <= mode && mode <= high ? "" : "'mode' is not between 'low' and 'high'";
}

/// Boundaries that keep the draw defined; the key's own range is the reader's business.
std::string fault_of(const Uniform& d) { return fault_of_order(d.low, d.high); }
std::string fault_of(const Triangular& d) { return fault_of_mode(d.low, d.mode, d.high); }
std::string fault_of(const Pert& d) {
  std::string fault = fault_of_mode(d.low, d.mode, d.high);
  if (!fault.empty()) return fault;
  return 0 < d.shape && d.shape <= 1e4 ? "" : "'shape' is not above 0 and up to 10000";
}
std::string fault_of(const Normal& d) {
  return 0 <= d.sd && std::isfinite(d.sd) ? "" : "'sd' is not a number from 0 on";
}
std::string fault_of(const Lognormal& d) {
  if (!(d.median > 0)) return "'median' is not above 0";
  return 0 <= d.sigma && std::isfinite(d.sigma) ? "" : "'sigma' is not a number from 0 on";
}
std::string fault_of(const Beta& d) {
  // Beyond these, the quantile function is a step in double arithmetic.
  if (!(1e-3 <= d.a && d.a <= 1e6)) return "'a' is not from 0.001 to 1000000";
  if (!(1e-3 <= d.b && d.b <= 1e6)) return "'b' is not from 0.001 to 1000000";
  return fault_of_order(d.low, d.high);
}
std::string fault_of(const Discrete&) { return ""; }
std::string fault_of(const Sample&) { return ""; }
std::string fault_of(const Posterior&) { return ""; }

std::variant<Distribution, std::string> make_discrete(std::vector<double> values,
                                                      const std::vector<double>& weights) {
  if (values.empty()) return "'values' is empty";
  if (values.size() != weights.size()) {
    return fmt::format("{} 'values' and {} 'weights'; there has to be a weight for each value",
                       values.size(), weights.size());
  }
  const auto is_weight = [](double w) { return w >= 0 && std::isfinite(w); };
  if (!std::ranges::all_of(weights, is_weight)) return "a weight is negative or no number";
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0) || !std::isfinite(sum)) return "the sum of the weights is not above 0";
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
  Discrete made;
  double below = 0;
  for (const std::size_t i : order) {
    if (weights[i] == 0) continue;
    below += weights[i];
    made.values.push_back(values[i]);
    made.cumulative.push_back(below / sum);
  }
  made.cumulative.back() = 1;
  return made;
}

std::variant<Distribution, std::string> of_values(const DistributionForm& form,
                                                  GivenParameters& given) {
  std::vector<double>& values = given.arrays["values"];
  if (form.name == "discrete") return make_discrete(std::move(values), given.arrays["weights"]);
  if (values.empty()) return "there are no values";
  if (form.name == "posterior") return Posterior{std::move(values)};
  std::ranges::sort(values);
  return Sample{std::move(values)};
}

Distribution of_numbers(std::string_view name, const GivenParameters& given) {
  const auto n = [&](std::string_view key) { return given.numbers.find(key)->second; };
  if (name == "uniform") return Uniform{n("low"), n("high")};
  if (name == "triangular") return Triangular{n("low"), n("mode"), n("high")};
  if (name == "pert") {
    const double shape = given.numbers.contains("shape") ? n("shape") : kUsualPertShape;
    return Pert{n("low"), n("mode"), n("high"), shape};
  }
  if (name == "normal") return Normal{n("mean"), n("sd")};
  if (name == "lognormal") return Lognormal{n("median"), n("sigma")};
  return Beta{n("a"), n("b"), n("low"), n("high")};
}

}  // namespace

double normal_quantile(double u) { return boost::math::quantile(StandardNormal{}, u); }

double quantile(const Distribution& distribution, double u) {
  return std::visit(Quantile{u}, distribution);
}

double quantile_of_normal(const Distribution& distribution, double z) {
  return std::visit(QuantileOfNormal{z}, distribution);
}

double central(const Distribution& distribution) { return std::visit(Central{}, distribution); }

std::string_view name_of(const Distribution& distribution) {
  return std::visit(Name{}, distribution);
}

const FormParameter* DistributionForm::find(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &FormParameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

std::vector<std::string> DistributionForm::names(bool only_required) const {
  std::vector<std::string> result;
  for (const FormParameter& parameter : parameters) {
    if (parameter.is_required || !only_required) result.push_back(parameter.name);
  }
  return result;
}

std::span<const DistributionForm> distribution_forms() {
  using enum FormParameter::Kind;
  static const std::vector<DistributionForm> forms = {
      {"uniform", {{"low"}, {"high"}}, "Every value between is as likely."},
      {"triangular", {{"low"}, {"mode"}, {"high"}}, "The density rises to the mode and falls."},
      {"pert",
       {{"low"}, {"mode"}, {"high"}, {"shape", kNumber, false}},
       "Smooth between its ends, most likely at the mode; `shape` (4) is how sure that is."},
      {"normal", {{"mean"}, {"sd", kNumber}}, "Mean and standard deviation."},
      {"lognormal",
       {{"median"}, {"sigma", kNumber}},
       "Median, and standard deviation of the logarithm."},
      {"beta",
       {{"a", kNumber}, {"b", kNumber}, {"low"}, {"high"}},
       "Beta with parameters a and b, stretched from `low` to `high`."},
      {"discrete",
       {{"values", kValues}, {"weights", kNumbers}},
       "One of a few values, by weights that need not sum to 1."},
      {"sample",
       {{"values", kValues, false}, {"file", kText, false}, {"column", kText, false}},
       "One of the values observed, in an array or in a column of a CSV file."},
      {"posterior",
       {{"file", kText}, {"column", kText, false}},
       "A column of a CSV file of joint draws; parameters of one file take the same row."}};
  return forms;
}

std::variant<Distribution, std::string> make_distribution(const DistributionForm& form,
                                                          GivenParameters given) {
  auto made = given.arrays.contains("values")
                  ? of_values(form, given)
                  : std::variant<Distribution, std::string>{of_numbers(form.name, given)};
  if (const auto* distribution = std::get_if<Distribution>(&made)) {
    std::string fault = std::visit([](const auto& d) { return fault_of(d); }, *distribution);
    if (!fault.empty()) return fault;
  }
  return made;
}

}  // namespace tollgate
