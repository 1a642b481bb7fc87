/// Many draws at once: the numbers that as many single draws would give, in a fraction of the time.
///
/// Bits come in batches from vectors of any width (`Stream::fill`); the stream is left where single
/// draws would leave it. A batch pays from about four numbers on.
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernel/stream.hpp"

namespace tollgate {

/// As `draw_uniform`.
void fill_uniform(Stream& stream, std::span<double> numbers,
                  VectorWidth width = widest_vector_width());

/// As `draw_exponential`.
void fill_exponential(Stream& stream, std::span<double> numbers,
                      VectorWidth width = widest_vector_width());

/// As `draw_normal`.
void fill_normal(Stream& stream, std::span<double> numbers,
                 VectorWidth width = widest_vector_width());

/// How often each index comes in `draws` draws with probabilities proportional to `weights`: one
/// uniform number a draw. Adds to `counts`, which has an entry for each weight. An index without
/// weight is never drawn. Precondition: the sum of weights is positive.
void draw_counts(std::span<const double> weights, std::int64_t draws, Stream& stream,
                 std::span<std::int64_t> counts);

}  // namespace tollgate
