/// The mean of a sample and how sure it is.
#pragma once

#include <limits>
#include <span>

namespace tollgate {

/// From `low` to `high`; NaN where there is no saying.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct MeanEstimate {
  double mean = 0;
  Interval interval;  ///< 95%, by Student's t; unknown for a single value
};

/// Precondition: at least one value.
MeanEstimate estimate_mean(std::span<const double> sample);

}  // namespace tollgate
