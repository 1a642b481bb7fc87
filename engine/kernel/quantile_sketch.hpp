/// Quantiles of a sample of any size from a bounded number of counts, with a bound of their error.
///
/// The numbers are counted in buckets of equal relative width, as in DDSketch (Masson, Rim & Lee
/// 2019, doi:10.14778/3352063.3352135). When there are more than `kMostBuckets` that are not empty,
/// pairs of neighbours are joined, all at once, as in UDDSketch (Epicoco et al. 2020,
/// doi:10.1109/ACCESS.2020.3015599). A bucket is what doubles have in common that agree in sign,
/// exponent and the first bits of their mantissa, and joining takes one bit less: no logarithm,
/// which would differ between machines.
///
/// How many bits are left depends on the numbers alone, not on the order in which they came: they
/// are the most with which there is room. So sketches may be merged in any order and are the same,
/// to the last bit. Up to `kMostBuckets` different numbers are kept exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate {

class QuantileSketch {
 public:
  static constexpr std::size_t kMostBuckets = 256;

  /// Numbers of one bucket.
  struct Bucket {
    std::int64_t key = 0;  ///< ascending as the numbers are; see `value`
    std::uint64_t count = 0;
    bool operator==(const Bucket&) const = default;
  };

  QuantileSketch() = default;
  /// From its parts. Throws std::invalid_argument when they are no sketch's.
  QuantileSketch(int dropped_bits, std::vector<Bucket> buckets);

  /// Takes a finite number. Ones below 2.3e-308 in size count as zero.
  void add(double x);
  void merge(const QuantileSketch& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const;
  /// Bits of the mantissa that do not show any more.
  [[nodiscard]] int dropped_bits() const { return dropped_bits_; }
  /// Those that are not empty, ascending.
  [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }
  /// What stands for the numbers of a bucket: no further from any of them than `relative_error`
  /// times that number.
  [[nodiscard]] double value(const Bucket& bucket) const;
  /// 0 while all numbers are exact; infinite when the numbers go over so many orders of magnitude
  /// that buckets have to be wider than a factor of 2.
  [[nodiscard]] double relative_error() const;

  /// As `quantile` of the sample (type 7), off by `relative_error` times it at most where all
  /// numbers have one sign. NaN of no numbers.
  [[nodiscard]] double quantile(double p) const;

  bool operator==(const QuantileSketch&) const = default;

 private:
  void drop_bit();
  void fit();

  int dropped_bits_ = 0;
  std::vector<Bucket> buckets_;
};

}  // namespace tollgate
