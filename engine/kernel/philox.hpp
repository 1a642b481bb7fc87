/// One block of Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405): 128 random bits
/// from a counter of 128 and a key of 64 bits.
#pragma once

#include <Random123/philox.h>

#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tollgate {

struct PhiloxBlock {
  std::uint64_t first;
  std::uint64_t second;
};

/// As Random123 does it; words are its arrays' pairs, the lower one first.
inline PhiloxBlock philox_by_random123(std::uint64_t counter_low, std::uint64_t counter_high,
                                       std::uint64_t key) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const r123::Philox4x32::ctr_type bits = r123::Philox4x32{}(
      {{low(counter_low), high(counter_low), low(counter_high), high(counter_high)}},
      {{low(key), high(key)}});
  return {bits.v[0] | (std::uint64_t{bits.v[1]} << 32),
          bits.v[2] | (std::uint64_t{bits.v[3]} << 32)};
}

/// The same bits. Every x86-64 multiplies two pairs of 32 bits at once, which halves the
/// instructions.
inline PhiloxBlock philox(std::uint64_t counter_low, std::uint64_t counter_high,
                          std::uint64_t key) {
#if defined(__SSE2__)
  const auto both = [](std::uint64_t second, std::uint64_t first) {
    return _mm_set_epi64x(static_cast<std::int64_t>(second), static_cast<std::int64_t>(first));
  };
  const __m128i multipliers = both(PHILOX_M4x32_1, PHILOX_M4x32_0);
  const __m128i steps = both(PHILOX_W32_1, PHILOX_W32_0);
  // Numbers 0 and 2 of the counter, 1 and 3, and of the key, in the lower halves of lanes; upper
  // halves are cleared at the end only.
  __m128i even = both(counter_high, counter_low);
  __m128i odd = _mm_srli_epi64(even, 32);
  __m128i keys = both(key >> 32, key);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const __m128i products = _mm_mul_epu32(even, multipliers);
    const __m128i crossed_highs = _mm_shuffle_epi32(products, _MM_SHUFFLE(1, 1, 3, 3));
    // What does not wait for the products comes first; GCC would turn the order round.
    __m128i ready = _mm_xor_si128(odd, keys);
    asm("" : "+x"(ready));
    even = _mm_xor_si128(crossed_highs, ready);
    odd = _mm_shuffle_epi32(products, _MM_SHUFFLE(1, 0, 3, 2));
    keys = _mm_add_epi32(keys, steps);
  }
  const __m128i bits =
      _mm_or_si128(_mm_and_si128(even, _mm_set1_epi64x(0xffffffff)), _mm_slli_epi64(odd, 32));
  return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(bits)),
          static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(bits, bits)))};
#else
  return philox_by_random123(counter_low, counter_high, key);
#endif
}

}  // namespace tollgate
