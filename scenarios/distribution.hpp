/// Distributions of uncertain parameters, drawn by their quantile functions (Boost.Math).
///
/// Every draw comes from one number in (0, 1), so that each sampling design
/// (engine/design/sampling_plan.hpp) and each correlation (parameter_sampler.hpp) works for every
/// distribution.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tollgate {

struct Uniform {
  double low, high;
};
struct Triangular {
  double low, mode, high;
};
/// A beta distribution on [low, high] with mean (low + shape mode + high) / (2 + shape) (Malcolm,
/// Roseboom, Clark & Fazar 1959, doi:10.1287/opre.7.5.646).
struct Pert {
  double low, mode, high, shape;
};
struct Normal {
  double mean, sd;
};
/// Of X, not of log X: `median` and `sigma` (standard deviation of log X).
struct Lognormal {
  double median, sigma;
};
/// Low + (high - low) B, where B is beta with parameters a and b.
struct Beta {
  double a, b, low, high;
};
/// One of a few values.
struct Discrete {
  std::vector<double> values;      ///< ascending
  std::vector<double> cumulative;  ///< probability of this value or a lower one; the last is 1
};
/// One of the values observed, each as likely as the others.
struct Sample {
  std::vector<double> values;  ///< ascending
};
/// The value in one row of a file of joint draws; parameters of one file share the row.
struct Posterior {
  std::vector<double> rows;  ///< in the order of the file
};

using Distribution =
    std::variant<Uniform, Triangular, Pert, Normal, Lognormal, Beta, Discrete, Sample, Posterior>;

/// The value below which a draw lies with probability `u` in (0, 1); of a posterior, its row.
double quantile(const Distribution& distribution, double u);

/// The same for the probability that a standard normal is below `z`: exact in both tails where the
/// distribution is made from a normal.
double quantile_of_normal(const Distribution& distribution, double z);

/// The standard normal's own quantile at `u` in (0, 1).
double normal_quantile(double u);

/// The value used when nothing is drawn: mode of a triangular or PERT, median otherwise.
double central(const Distribution& distribution);

std::string_view name_of(const Distribution& distribution);

/// What a distribution is given by in a scenario.
struct FormParameter {
  enum class Kind : unsigned char {
    kValue,    ///< a value that the key itself could have
    kNumber,   ///< a number of another kind: a spread, a shape
    kValues,   ///< an array of values
    kNumbers,  ///< an array of numbers
    kText
  };
  std::string name;
  Kind kind = Kind::kValue;
  bool is_required = true;
};

/// How a distribution is written in a scenario.
struct DistributionForm {
  std::string name;
  std::vector<FormParameter> parameters;
  std::string sentence;

  [[nodiscard]] const FormParameter* find(std::string_view parameter) const;
  [[nodiscard]] std::vector<std::string> names(bool only_required) const;
};
std::span<const DistributionForm> distribution_forms();

/// What a scenario gives: numbers and arrays by the names of the form's parameters.
struct GivenParameters {
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::vector<double>, std::less<>> arrays;
};

/// The distribution of these parameters, or what is wrong with them. Precondition: what the form
/// requires is there; `values` hold the column where a sample or posterior is read from a file.
std::variant<Distribution, std::string> make_distribution(const DistributionForm& form,
                                                          GivenParameters given);

}  // namespace tollgate
