#include "engine/kernel/batched_draws.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/kernel/check.hpp"
#include "engine/kernel/lanes.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kBatch =
    256;  // whole vectors of any width; 2 KiB, half of it is a fifth slower
using Bits = std::array<std::uint64_t, kBatch>;
using Reals = std::array<double, kBatch>;

template <int Width>
[[gnu::always_inline]] inline void to_uniform(const Bits& bits, std::size_t count, Reals& numbers) {
  using L = Lanes<Width>;
  constexpr std::uint64_t kTwoTo52 = 0x4330000000000000;
  constexpr std::uint64_t kTwoTo84 = 0x4530000000000000;
  for (std::size_t i = 0; i < count; i += Width) {
    typename L::Words x;
    std::memcpy(&x, &bits[i], sizeof x);
    x >>= 11;
    // Whole numbers below 2^53 by halves, which become the last digits of 2^84 and 2^52: not every
    // machine converts whole numbers of 64 bits in vectors.
    const auto high = typename L::Reals((x >> 32) | kTwoTo84) - (0x1p84 + 0x1p52);
    const auto low = typename L::Reals((x & 0xffffffff) | kTwoTo52);
    L::store(&numbers[i], (high + low) * 0x1p-53);
  }
}

TOLLGATE_FOR_AVX2 void to_uniform_4(const Bits& bits, std::size_t count, Reals& numbers) {
  to_uniform<4>(bits, count, numbers);
}

TOLLGATE_FOR_AVX512 void to_uniform_8(const Bits& bits, std::size_t count, Reals& numbers) {
  to_uniform<8>(bits, count, numbers);
}

/// Uniform random bit generator that fetches bits in batches, and gives back what was not used.
class ReadAhead {
 public:
  using result_type = Stream::result_type;
  static constexpr result_type min() { return Stream::min(); }
  static constexpr result_type max() { return Stream::max(); }

  /// `expected`: how many numbers will be asked for at least. The memory is not a part of this, so
  /// that what counts stays in registers.
  ReadAhead(Stream& stream, std::size_t expected, VectorWidth width, Bits& memory)
      : stream_(stream), expected_(expected), width_(width), bits_(memory) {}
  ~ReadAhead() { stream_.step_back(end_ - next_); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  result_type operator()() {
    if (next_ == end_) fetch();
    return bits_[next_++];
  }

 private:
  void fetch() {
    next_ = 0;
    end_ = std::clamp<std::size_t>(expected_, 1, kBatch);
    expected_ -= std::min(expected_, end_);
    stream_.fill(std::span(bits_).first(end_), width_);
  }

  Stream& stream_;
  std::size_t expected_;
  VectorWidth width_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  Bits& bits_;
};

}  // namespace

void fill_uniform(Stream& stream, std::span<double> numbers, VectorWidth width) {
  Bits bits;
  Reals reals;
  while (!numbers.empty()) {
    const std::size_t count = std::min(numbers.size(), kBatch);
    stream.fill(std::span(bits).first(count), width);
    // Whole vectors: what is beyond the count is not looked at.
    for (std::size_t i = count; i % 8 != 0; ++i) bits[i] = 0;
    switch (width) {
      case VectorWidth::k8:
        to_uniform_8(bits, count, reals);
        break;
      case VectorWidth::k4:
        to_uniform_4(bits, count, reals);
        break;
      case VectorWidth::k2:
        to_uniform<2>(bits, count, reals);
        break;
    }
    std::copy_n(reals.begin(), count, numbers.begin());
    numbers = numbers.subspan(count);
  }
}

void fill_exponential(Stream& stream, std::span<double> numbers, VectorWidth width) {
  Bits memory;
  ReadAhead bits(stream, numbers.size(), width, memory);
  for (double& x : numbers) x = boost::random::exponential_distribution<double>{1.0}(bits);
}

void fill_normal(Stream& stream, std::span<double> numbers, VectorWidth width) {
  Bits memory;
  ReadAhead bits(stream, numbers.size(), width, memory);
  for (double& x : numbers) x = boost::random::normal_distribution<double>{0.0, 1.0}(bits);
}

void draw_counts(std::span<const double> weights, std::int64_t draws, Stream& stream,
                 std::span<std::int64_t> counts) {
  TOLLGATE_CHECK(counts.size() == weights.size(), "a count for each weight");
  // The index drawn is the number of sums of weights, up to the last index that has weight, that
  // are not above a uniform number: those without weight add no sum of their own. It is found by
  // halving, without branches, among a power of two of sums less one.
  constexpr std::size_t kFew = 64;
  std::array<double, kFew> memory;
  std::vector<double> more_memory;
  std::size_t last = weights.size();
  while (last > 0 && weights[last - 1] <= 0) --last;
  TOLLGATE_CHECK(last > 0, "draws among weights that are all zero");
  --last;
  const std::size_t size = std::bit_ceil(last + 1);
  if (size > kFew) more_memory.resize(size);
  const std::span<double> sums(size > kFew ? more_memory.data() : memory.data(), size);
  double sum = 0;
  for (std::size_t i = 0; i < last; ++i) {
    sum += std::max(weights[i], 0.0);
    sums[i] = sum;
  }
  sum += weights[last];
  std::ranges::fill(sums.subspan(last), std::numeric_limits<double>::infinity());

  std::array<double, 64> uniforms;
  while (draws > 0) {
    const auto count =
        static_cast<std::size_t>(std::min(draws, static_cast<std::int64_t>(uniforms.size())));
    fill_uniform(stream, std::span(uniforms).first(count));
    for (std::size_t draw = 0; draw < count; ++draw) {
      const double at = uniforms[draw] * sum;
      std::size_t index = 0;
      for (std::size_t step = size / 2; step > 0; step /= 2) {
        index += sums[index + step - 1] <= at ? step : 0;
      }
      ++counts[index];
    }
    draws -= static_cast<std::int64_t>(count);
  }
}

}  // namespace tollgate
