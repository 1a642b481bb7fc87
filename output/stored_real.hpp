/// The precision in which real series are kept in a file.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace tollgate {

/// Bits of the mantissa that are kept, of the 23 of a float32. The relative error is at most
/// 2^-(kStoredBits + 1), 1.5e-5: far below what replicas differ by, and equal numbers stay equal,
/// so that a difference between two policies is exactly zero where it was. The bits that are cut
/// off are noise to a compressor; docs/file-format.md has the measurement.
inline constexpr int kStoredBits = 15;

/// `x` as a file keeps it: nearest float32 of so many bits, ties to even (netCDF's "BitRound").
inline float stored_real(double x) {
  const auto nearest = static_cast<float>(x);
  if (!std::isfinite(nearest)) return nearest;
  constexpr unsigned kCut = 23 - kStoredBits;
  auto bits = std::bit_cast<std::uint32_t>(nearest);
  bits += (1U << (kCut - 1)) - 1 + ((bits >> kCut) & 1U);
  return std::bit_cast<float>(bits & ~((1U << kCut) - 1));
}

}  // namespace tollgate
