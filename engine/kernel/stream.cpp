// Many numbers of a stream at once: Philox4x32-10 on vectors, one block in each lane.
#include "engine/kernel/stream.hpp"

#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>  // makes known the built-in functions of widths that not every machine has
#endif

namespace tollgate {
namespace {

// Multipliers and steps of the key (Salmon et al. 2011, table 2 and section 3.3).
constexpr std::uint32_t kMultiplier0 = PHILOX_M4x32_0;
constexpr std::uint32_t kMultiplier1 = PHILOX_M4x32_1;
constexpr std::uint32_t kStep0 = PHILOX_W32_0;
constexpr std::uint32_t kStep1 = PHILOX_W32_1;
constexpr int kRounds = 10;
constexpr std::size_t kPerBlock = 2;

/// Coordinates of blocks, of which the first counts.
struct Place {
  std::uint64_t block;
  std::uint64_t place;
  std::uint64_t seed;
};

/// Words whose lower halves hold a number of 32 bits each, and whose upper halves what is left of
/// products.
template <int Width>
struct Halves {
  using Words [[gnu::vector_size(Width * sizeof(std::uint64_t))]] = std::uint64_t;
  static constexpr std::uint64_t kLow = 0xffffffff;

  /// first, first + step, ... GCC makes a detour of other ways to set all lanes.
  [[gnu::always_inline]] static Words series(std::uint64_t first, std::uint64_t step) {
    std::uint64_t lanes[Width];
    for (std::size_t lane = 0; lane < Width; ++lane) lanes[lane] = first + lane * step;
    Words words;
    std::memcpy(&words, lanes, sizeof words);
    return words;
  }

  /// Products of lower halves. x86 has an instruction for this, which GCC does not find by itself.
  [[gnu::always_inline]] static Words multiply(Words a, Words b) {
#if defined(__x86_64__) && !defined(__clang__)
    using Ints2 [[gnu::vector_size(16)]] = int;
    using Ints4 [[gnu::vector_size(32)]] = int;
    using Ints8 [[gnu::vector_size(64)]] = int;
    using Products8 [[gnu::vector_size(64)]] = long long;
    if constexpr (Width == 2) return Words(__builtin_ia32_pmuludq128((Ints2)a, (Ints2)b));
    if constexpr (Width == 4) return Words(__builtin_ia32_pmuludq256((Ints4)a, (Ints4)b));
    if constexpr (Width == 8) {
      constexpr unsigned char kAllLanes = 0xff;
      return Words(__builtin_ia32_pmuludq512_mask((Ints8)a, (Ints8)b, Products8{}, kAllLanes));
    }
#else
    return (a & kLow) * (b & kLow);
#endif
  }
};

/// Makes blocks, one in each lane.
template <int Width>
[[gnu::always_inline]] inline void make_blocks(const Place& place, std::span<std::uint64_t> to) {
  using H = Halves<Width>;
  using Words = typename H::Words;
  constexpr std::size_t kNumbers = Width * kPerBlock;
  const Words multiplier0 = H::series(kMultiplier0, 0);
  const Words multiplier1 = H::series(kMultiplier1, 0);
  const Words place_low = H::series(place.place, 0);
  const Words place_high = H::series(place.place >> 32, 0);
  const Words key_low = H::series(place.seed, 0);
  const Words key_high = H::series(place.seed >> 32, 0);
  Words blocks = H::series(place.block, 1);
  for (std::size_t done = 0; done < to.size(); done += kNumbers) {
    Words c0 = blocks;
    Words c1 = blocks >> 32;
    Words c2 = place_low;
    Words c3 = place_high;
    Words key0 = key_low;
    Words key1 = key_high;
#pragma GCC unroll 10
    for (int round = 0; round < kRounds; ++round) {
      const Words product0 = H::multiply(c0, multiplier0);
      const Words product1 = H::multiply(c2, multiplier1);
      c0 = (product1 >> 32) ^ c1 ^ key0;
      c1 = product1;
      c2 = (product0 >> 32) ^ c3 ^ key1;
      c3 = product0;
      key0 += kStep0;
      key1 += kStep1;
    }
    blocks += Width;
    std::uint64_t numbers[kPerBlock][Width];
    c0 = (c0 & H::kLow) | (c1 << 32);
    c2 = (c2 & H::kLow) | (c3 << 32);
    std::memcpy(numbers[0], &c0, sizeof c0);
    std::memcpy(numbers[1], &c2, sizeof c2);
    std::uint64_t in_order[kNumbers];
    for (std::size_t lane = 0; lane < Width; ++lane) {
      in_order[kPerBlock * lane] = numbers[0][lane];
      in_order[kPerBlock * lane + 1] = numbers[1][lane];
    }
    if (done + kNumbers <= to.size()) {
      std::memcpy(to.data() + done, in_order, sizeof in_order);
    } else {
      std::memcpy(to.data() + done, in_order, (to.size() - done) * sizeof(std::uint64_t));
    }
  }
}

TOLLGATE_FOR_AVX2 void make_blocks_4(const Place& place, std::span<std::uint64_t> to) {
  make_blocks<4>(place, to);
}

TOLLGATE_FOR_AVX512 void make_blocks_8(const Place& place, std::span<std::uint64_t> to) {
  make_blocks<8>(place, to);
}

}  // namespace

void Stream::fill(std::span<result_type> numbers, VectorWidth width) {
  if (!numbers.empty() && position_ % kPerBlock != 0) {
    numbers.front() = (*this)();
    numbers = numbers.subspan(1);
  }
  const std::size_t in_blocks = numbers.size() / kPerBlock * kPerBlock;
  const Place place{position_ / kPerBlock, place_, seed_};
  switch (width) {
    case VectorWidth::k8:
      make_blocks_8(place, numbers.first(in_blocks));
      break;
    case VectorWidth::k4:
      make_blocks_4(place, numbers.first(in_blocks));
      break;
    case VectorWidth::k2:
      make_blocks<2>(place, numbers.first(in_blocks));
      break;
  }
  position_ += in_blocks;
  if (in_blocks < numbers.size()) numbers.back() = (*this)();
}

void Stream::step_back(std::uint64_t numbers) {
  position_ -= numbers;
  if (position_ % kPerBlock != 0) {
    --position_;
    (*this)();
  }
}

}  // namespace tollgate
