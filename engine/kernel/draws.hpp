/// Draws from a stream, by Boost.Random: the same numbers with every standard library.
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernel/stream.hpp"

namespace tollgate {

/// Uniform on [0, 1).
double draw_uniform(Stream& stream);

/// True with probability `p` in [0, 1].
bool draw_bernoulli(double p, Stream& stream);

/// Normal with mean 0 and standard deviation 1.
double draw_normal(Stream& stream);

/// Lognormal with the given mean (> 0) and coefficient of variation (>= 0).
double draw_lognormal(double mean, double cv, Stream& stream);

/// Weibull with survival exp(-(x / scale)^shape).
double draw_weibull(double scale, double shape, Stream& stream);

/// Index drawn with probability proportional to `weights`. Precondition: their sum is positive.
std::size_t draw_index(std::span<const double> weights, Stream& stream);

}  // namespace tollgate
