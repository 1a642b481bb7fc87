#include "engine/kernel/exact_moments.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <type_traits>

namespace tollgate {
namespace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;
using Wide = boost::multiprecision::uint512_t;  // n times squares: 352 bits

/// Binary places of the sums of doubles.
constexpr int kPlaces = 64;
constexpr double kTooLarge = 0x1p62;

std::uint64_t low(UInt128 x) { return static_cast<std::uint64_t>(x); }
std::uint64_t high(UInt128 x) { return static_cast<std::uint64_t>(x >> 64U); }

/// Adds words, the lowest first, modulo 2^(64 To); missing ones are `extension`.
template <std::size_t To, std::size_t From>
void add_words(std::array<std::uint64_t, To>& to, const std::array<std::uint64_t, From>& from,
               std::uint64_t extension) {
  UInt128 carry = 0;
  for (std::size_t i = 0; i < To; ++i) {
    carry += to[i];
    carry += i < From ? from[i] : extension;
    to[i] = low(carry);
    carry >>= 64U;
  }
}

std::array<std::uint64_t, 4> square(UInt128 x) {
  const UInt128 lows = UInt128{low(x)} * low(x);
  const UInt128 mixed = UInt128{low(x)} * high(x);  // twice
  const UInt128 highs = UInt128{high(x)} * high(x);
  std::array<std::uint64_t, 4> words{low(lows)};
  UInt128 carry = UInt128{high(lows)} + low(mixed) + low(mixed);
  words[1] = low(carry);
  carry = UInt128{high(carry)} + high(mixed) + high(mixed) + low(highs);
  words[2] = low(carry);
  words[3] = high(carry) + high(highs);
  return words;
}

template <std::size_t N>
Wide value_of(const std::array<std::uint64_t, N>& words) {
  Wide value = 0;
  for (std::size_t i = N; i-- > 0;) value = (value << 64U) + words[i];
  return value;
}

template <std::size_t N>
bool is_negative(const std::array<std::uint64_t, N>& words) {
  return words[N - 1] >> 63U != 0;
}

template <std::size_t N>
Wide size_of(const std::array<std::uint64_t, N>& words) {
  const Wide value = value_of(words);
  return is_negative(words) ? (Wide(1) << (64 * N)) - value : value;
}

template <std::size_t N>
bool is_zero(const std::array<std::uint64_t, N>& words) {
  return std::ranges::all_of(words, [](std::uint64_t word) { return word == 0; });
}

/// To the nearest double.
double quotient(Wide dividend, const Wide& divisor) {
  if (dividend == 0) return 0;
  // More bits than a double has; and what is cut off shows in the last of 64.
  const int shift =
      std::max(0, 66 + static_cast<int>(msb(divisor)) - static_cast<int>(msb(dividend)));
  dividend <<= shift;
  const Wide whole = dividend / divisor;
  const bool has_rest = dividend != whole * divisor;
  const int excess = static_cast<int>(msb(whole)) - 63;
  const Wide top = whole >> excess;
  auto bits = static_cast<std::uint64_t>(top);
  if (has_rest || (top << excess) != whole) bits |= 1U;
  return std::ldexp(static_cast<double>(bits), excess - shift);
}

template <class T>
constexpr int kPlacesOf = std::is_same_v<T, double> ? kPlaces : 0;

}  // namespace

template <class T>
void ExactMoments<T>::add(T x) {
  Int128 scaled = 0;
  if constexpr (std::is_same_v<T, double>) {
    if (!(std::abs(x) < kTooLarge)) return;
    if (x == 0) x = 0;  // the minimum of 0 and -0 would depend on their order
    scaled = static_cast<Int128>(std::nearbyint(std::ldexp(x, kPlaces)));
  } else {
    scaled = x;
  }
  ++count_;
  minimum_ = std::min(minimum_, x);
  maximum_ = std::max(maximum_, x);
  if (scaled == 0) return;
  const auto bits = static_cast<UInt128>(scaled);
  const std::uint64_t sign = scaled < 0 ? ~std::uint64_t{0} : 0;
  add_words(sum_, std::array{low(bits), high(bits)}, sign);
  add_words(squares_, square(scaled < 0 ? 0 - bits : bits), 0);
}

template <class T>
void ExactMoments<T>::merge(const ExactMoments& other) {
  count_ += other.count_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
  add_words(sum_, other.sum_, 0);
  add_words(squares_, other.squares_, 0);
}

template <class T>
double ExactMoments<T>::mean() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  if (is_zero(sum_)) return 0;
  const double mean = std::ldexp(quotient(size_of(sum_), Wide(count_)), -kPlacesOf<T>);
  return is_negative(sum_) ? -mean : mean;
}

template <class T>
double ExactMoments<T>::standard_deviation() const {
  if (count_ < 2) return std::numeric_limits<double>::quiet_NaN();
  if (minimum_ == maximum_) return 0;
  const Wide sum = size_of(sum_);
  const Wide n(count_);
  const double variance = quotient(n * value_of(squares_) - sum * sum, n * (n - 1));
  return std::ldexp(std::sqrt(variance), -kPlacesOf<T>);
}

template class ExactMoments<std::int64_t>;
template class ExactMoments<double>;

}  // namespace tollgate
