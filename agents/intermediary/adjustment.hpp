/// How prices and capacities of intermediaries move from month to month.
///
/// Prices grope (Walras's tatonnement): the logarithm moves with excess demand and stays within
/// bounds. Capacity enters and leaves with the return that was earned, above or below a required
/// one. Both moves are bounded, so that one strange month does not throw the market about.
#pragma once

#include <algorithm>
#include <cmath>

namespace tollgate {

/// Beyond a factor e between demand and capacity, and beyond a return of 1 above or below the
/// required one, the response does not grow.
inline constexpr double kLargestExcess = 1;

/// ln(asked / capacity), cut at both ends; one chip is added to each so that none of either has an
/// answer.
inline double log_excess_demand(double asked, double capacity) {
  return std::clamp(std::log((asked + 1) / (capacity + 1)), -kLargestExcess, kLargestExcess);
}

/// A log price after a month of excess demand `excess`, within [lowest, highest].
inline double groped_log_price(double log_price, double response, double excess, double lowest,
                               double highest) {
  return std::clamp(log_price + response * excess, lowest, highest);
}

/// d ln C / dt = rate (return - required return), over `years`, but not below `lowest`.
inline double capacity_after_entry(double capacity, double rate_per_year, double excess_return,
                                   double years, double lowest) {
  const double excess = std::clamp(excess_return, -kLargestExcess, kLargestExcess);
  return std::max(lowest, capacity * std::exp(rate_per_year * excess * years));
}

}  // namespace tollgate
