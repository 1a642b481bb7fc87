/// Draws from a stream; distributions are Boost.Random's: the same numbers with every standard
/// library.
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernel/stream.hpp"

namespace tollgate {

/// Uniform on [0, 1): a multiple of 2^-53.
inline double draw_uniform(Stream& stream) { return static_cast<double>(stream() >> 11) * 0x1p-53; }

/// True with probability `p` in [0, 1].
inline bool draw_bernoulli(double p, Stream& stream) { return draw_uniform(stream) < p; }

/// Exponential with mean 1.
double draw_exponential(Stream& stream);

/// Normal with mean 0 and standard deviation 1.
double draw_normal(Stream& stream);

/// Lognormal with the given mean (> 0) and coefficient of variation (>= 0).
double draw_lognormal(double mean, double cv, Stream& stream);

/// Weibull with survival exp(-(x / scale)^shape).
double draw_weibull(double scale, double shape, Stream& stream);

/// Index drawn with probability proportional to `weights`. Precondition: their sum is positive.
std::size_t draw_index(std::span<const double> weights, Stream& stream);

}  // namespace tollgate
