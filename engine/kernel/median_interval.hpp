/// How well a median is known, looked at once or several times.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tollgate {

struct MedianInterval {
  double low = 0, high = 0;  ///< infinite where the sample is too small to say
  [[nodiscard]] double half_width() const { return (high - low) / 2; }
};

/// Confidence interval of the median of the distribution that `sorted` (ascending) is an
/// independent sample of, between two of its order statistics.
///
/// The number of values below the median is binomial with p = 1/2, whatever the distribution: the
/// interval misses the median with probability `error` at most, exactly so in small samples too
/// (David and Nagaraja 2003, Order Statistics, section 7.1, doi:10.1002/0471722162).
MedianInterval median_interval(std::span<const double> sorted, double error);

/// When a run that may end early looks at its intervals, and the error each look may make.
///
/// Whoever stops at the first narrow interval picks the look, so that an interval of 95% at each
/// look covers less than 95% at the stop. Here the looks share the error: the chance that any of
/// their intervals misses is at most the sum of theirs (Bonferroni), and so is that of the one
/// stopped at, whatever the rule of stopping.
struct LookSchedule {
  std::vector<std::uint32_t> counts;  ///< of replicas, ascending; the last one is the whole run
  double error = 0;                   ///< of the interval at each look
};

/// Looks at 20 replicas, then each time at half as many again, and at the end.
LookSchedule plan_looks(std::uint32_t replicas, double error = 0.05);

}  // namespace tollgate
