#include "engine/kernel/quantile_sketch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace tollgate {
namespace {

constexpr int kMantissaBits = std::numeric_limits<double>::digits - 1;
constexpr int kMostDroppedBits = 62;  // sign apart, nothing is left then

/// Zero for zero; else the bits of the size, shifted, plus 1, with the sign of the number.
std::int64_t key_of(double x, int dropped_bits) {
  const double size = std::abs(x);
  if (size < std::numeric_limits<double>::min()) return 0;
  const auto key = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(size) >> dropped_bits);
  return x < 0 ? -key - 1 : key + 1;
}

std::int64_t with_bit_less(std::int64_t key) {
  if (key == 0) return 0;
  return key < 0 ? -((-key - 1) / 2) - 1 : (key - 1) / 2 + 1;
}

/// Adds to the last bucket if it is the same.
void append(std::vector<QuantileSketch::Bucket>& buckets, QuantileSketch::Bucket bucket) {
  if (!buckets.empty() && buckets.back().key == bucket.key) {
    buckets.back().count += bucket.count;
  } else {
    buckets.push_back(bucket);
  }
}

}  // namespace

QuantileSketch::QuantileSketch(int dropped_bits, std::vector<Bucket> buckets)
    : dropped_bits_(dropped_bits), buckets_(std::move(buckets)) {
  const auto is_before = [](const Bucket& a, const Bucket& b) { return a.key >= b.key; };
  if (dropped_bits_ < 0 || dropped_bits_ > kMostDroppedBits || buckets_.size() > kMostBuckets ||
      std::ranges::adjacent_find(buckets_, is_before) != buckets_.end()) {
    throw std::invalid_argument("no parts of a quantile sketch");
  }
}

void QuantileSketch::add(double x) {
  const std::int64_t key = key_of(x, dropped_bits_);
  const auto place = std::ranges::lower_bound(buckets_, key, {}, &Bucket::key);
  if (place != buckets_.end() && place->key == key) {
    ++place->count;
    return;
  }
  buckets_.insert(place, {key, 1});
  fit();
}

void QuantileSketch::merge(const QuantileSketch& other) {
  QuantileSketch coarser = other;
  while (coarser.dropped_bits_ < dropped_bits_) coarser.drop_bit();
  while (dropped_bits_ < coarser.dropped_bits_) drop_bit();
  std::vector<Bucket> mine = std::exchange(buckets_, {});
  std::vector<Bucket> all;
  all.reserve(mine.size() + coarser.buckets_.size());
  std::ranges::merge(mine, coarser.buckets_, std::back_inserter(all), {}, &Bucket::key,
                     &Bucket::key);
  for (const Bucket& bucket : all) append(buckets_, bucket);
  fit();
}

void QuantileSketch::clear() {
  dropped_bits_ = 0;
  buckets_.clear();
}

void QuantileSketch::drop_bit() {
  ++dropped_bits_;
  std::vector<Bucket> joined;
  joined.reserve(buckets_.size());
  for (const Bucket& bucket : buckets_) {
    append(joined, {with_bit_less(bucket.key), bucket.count});
  }
  buckets_ = std::move(joined);
}

void QuantileSketch::fit() {
  while (buckets_.size() > kMostBuckets) drop_bit();
}

std::uint64_t QuantileSketch::count() const {
  return std::accumulate(
      buckets_.begin(), buckets_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Bucket& bucket) { return sum + bucket.count; });
}

double QuantileSketch::value(const Bucket& bucket) const {
  if (bucket.key == 0) return 0;
  const auto key = static_cast<std::uint64_t>(std::abs(bucket.key) - 1);
  // The middle: half of its width above its lower end.
  const std::uint64_t half =
      dropped_bits_ == 0 ? 0 : std::uint64_t{1} << static_cast<unsigned>(dropped_bits_ - 1);
  const auto size = std::bit_cast<double>((key << static_cast<unsigned>(dropped_bits_)) + half);
  const double finite = std::isfinite(size) ? size : std::numeric_limits<double>::max();
  return bucket.key < 0 ? -finite : finite;
}

double QuantileSketch::relative_error() const {
  if (dropped_bits_ == 0) return 0;
  if (dropped_bits_ > kMantissaBits) return std::numeric_limits<double>::infinity();
  // Half of the width, of a number at the lower end.
  return std::ldexp(1.0, dropped_bits_ - 1 - kMantissaBits);
}

double QuantileSketch::quantile(double p) const {
  const std::uint64_t n = count();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  const double place = p * static_cast<double>(n - 1);
  const auto below = std::min(static_cast<std::uint64_t>(place), n - 1);
  const double part = place - static_cast<double>(below);
  std::uint64_t through = 0;
  for (std::size_t b = 0; b < buckets_.size(); ++b) {
    through += buckets_[b].count;
    if (below >= through) continue;
    const double lower = value(buckets_[b]);
    // The next number is in this bucket, or the first of the next.
    if (below + 1 < through || b + 1 == buckets_.size()) return lower;
    return lower + part * (value(buckets_[b + 1]) - lower);
  }
  return std::numeric_limits<double>::quiet_NaN();  // not reached: below < n
}

}  // namespace tollgate
