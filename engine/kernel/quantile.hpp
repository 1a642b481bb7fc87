/// Quantiles of a sample.
#pragma once

#include <span>

namespace tollgate {

/// Quantile of `sorted` (ascending, not empty) by linear interpolation (type 7 of Hyndman and Fan
/// 1996, doi:10.2307/2684934).
double quantile(std::span<const double> sorted, double p);

}  // namespace tollgate
