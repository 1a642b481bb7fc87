/// Distributions of uncertain parameters, drawn with Boost.Random.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/kernel/stream.hpp"

namespace tollgate {

struct Uniform {
  double low, high;
};
struct Triangular {
  double low, mode, high;
};
struct Normal {
  double mean, sd;
};
/// Of X, not of log X: `median` and `sigma` (standard deviation of log X).
struct Lognormal {
  double median, sigma;
};

using Distribution = std::variant<Uniform, Triangular, Normal, Lognormal>;

/// One draw.
double draw(const Distribution& distribution, Stream& stream);

/// The value used when nothing is drawn: mode of a triangular, median otherwise.
double central(const Distribution& distribution);

std::string_view name_of(const Distribution& distribution);

/// How a distribution is written in a scenario.
struct DistributionForm {
  std::string name;
  std::vector<std::string> parameters;  ///< all of them are needed, in the order of the struct
};
std::span<const DistributionForm> distribution_forms();

/// The distribution of these parameters, in the order of its form, or what is wrong with them.
std::variant<Distribution, std::string> make_distribution(const DistributionForm& form,
                                                          std::span<const double> parameters);

}  // namespace tollgate
