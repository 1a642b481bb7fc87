/// A vendor's forecast of the orders for one of its chips: level, trend and error.
///
/// The level is the product's orders per day, smoothed in continuous time. At each review the trend
/// follows the slope of the level (Holt 1957, doi:10.1016/j.ijforecast.2003.09.015) and the
/// variance the squared error of the last forecast.
#pragma once

#include <cstdint>

#include "agents/vendor/newsvendor.hpp"
#include "engine/kernel/sim_time.hpp"

namespace tollgate {

class OrderForecast {
 public:
  /// Begins at a level, in chips per day. The first review compares with what is ordered after
  /// `from`.
  void start(double per_day, SimTime from);

  /// Counts orders, for the error.
  void count(std::int64_t units) { ordered_ += static_cast<double>(units); }

  /// Orders are known to have moved by `per_day` at a stroke, as another chip takes them over: that
  /// is neither a trend nor an error.
  void shift(double per_day, SimTime now);

  /// Compares what was ordered since the last review with what was expected then, and looks ahead
  /// anew from the level of now, which lags behind a trend by `memory_days`. `trend_memory_days` 0:
  /// no trend is looked for.
  void review(double per_day, SimTime now, double memory_days, double trend_memory_days);

  /// Orders over the days from `begin_days` to `end_days` from the last review. Errors of one day
  /// and the next are taken as independent, so that the variance grows with the days.
  [[nodiscard]] DemandForecast over(double begin_days, double end_days) const;

 private:
  double level_ = 0;             ///< at the last review
  double per_day_ = 0;           ///< expected then: the level, its lag made up for
  double trend_ = 0;             ///< change of orders per day, per day
  double variance_per_day_ = 0;  ///< of what was ordered around what was expected
  double ordered_ = 0;           ///< since the last review
  SimTime reviewed_at_;
};

}  // namespace tollgate
