/// Mean, spread and range of a sample, from sums that are exact.
///
/// Exact sums do not depend on the order of their terms: samples may be cut into parts, and the
/// parts merged, in any order, and mean and standard deviation come out the same to the last bit.
/// Running means (Welford 1962, doi:10.1080/00401706.1962.10490022) take less room and do not.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace tollgate {

/// T is std::int64_t (cents, chips) or double. Up to 2^32 numbers. Doubles are summed in units of
/// 2^-64, to which those below 2^-12 in size are rounded; ones that are not finite, or of 2^62 and
/// above, are left out, and `count` shows it. Plain data: bytes may be copied, and `merge` works on
/// the copy.
template <class T>
class ExactMoments {
 public:
  void add(T x);
  void merge(const ExactMoments& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  /// Of no numbers at all these mean nothing.
  [[nodiscard]] T minimum() const { return minimum_; }
  [[nodiscard]] T maximum() const { return maximum_; }

  /// NaN of no numbers. Rounded once.
  [[nodiscard]] double mean() const;
  /// Of the sample: divided by count - 1. NaN of less than two numbers.
  [[nodiscard]] double standard_deviation() const;

  bool operator==(const ExactMoments&) const = default;

 private:
  std::int64_t count_ = 0;
  T minimum_ = std::numeric_limits<T>::max();
  T maximum_ = std::numeric_limits<T>::lowest();
  std::array<std::uint64_t, 3> sum_{};      ///< two's complement, the lowest word first
  std::array<std::uint64_t, 5> squares_{};  ///< their sum
};

extern template class ExactMoments<std::int64_t>;
extern template class ExactMoments<double>;

}  // namespace tollgate
