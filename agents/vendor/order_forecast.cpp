#include "agents/vendor/order_forecast.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {

void OrderForecast::start(double per_day, SimTime from) {
  level_ = per_day_ = per_day;
  reviewed_at_ = from;
}

void OrderForecast::shift(double per_day, SimTime now) {
  level_ += per_day;
  per_day_ += per_day;
  // The next review compares with the new rate over all of the time since the last.
  ordered_ += per_day * in_days(now - reviewed_at_);
}

void OrderForecast::review(double per_day, SimTime now, double memory_days,
                           double trend_memory_days) {
  const double days = in_days(now - reviewed_at_);
  if (days <= 0) return;
  const double error = ordered_ - over(0, days).mean;
  variance_per_day_ +=
      (1 - std::exp(-days / memory_days)) * (error * error / days - variance_per_day_);
  if (trend_memory_days > 0) {
    trend_ += (1 - std::exp(-days / trend_memory_days)) * ((per_day - level_) / days - trend_);
  }
  level_ = per_day;
  per_day_ = per_day + trend_ * memory_days;
  ordered_ = 0;
  reviewed_at_ = now;
}

DemandForecast OrderForecast::over(double begin_days, double end_days) const {
  const double days = std::max(0.0, end_days - begin_days);
  const double per_day = std::max(0.0, per_day_ + trend_ * (begin_days + end_days) / 2);
  return {.mean = per_day * days, .variance = variance_per_day_ * days};
}

}  // namespace tollgate
