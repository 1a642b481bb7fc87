/// Distributions of uncertain parameters, drawn with Boost.Random.
#pragma once

#include <string_view>
#include <variant>

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

}  // namespace tollgate
