#include "engine/kernel/median_interval.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <limits>

namespace tollgate {

MedianInterval median_interval(std::span<const double> sorted, double error) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t n = sorted.size();
  if (n == 0) return {-kInfinity, kInfinity};
  const boost::math::binomial below(static_cast<double>(n), 0.5);
  // Values left out at each end: as many as are below the median with probability error / 2 at
  // most. The quantile is rounded to a whole number, in whichever direction.
  auto left_out = static_cast<std::size_t>(quantile(below, error / 2)) + 2;
  const auto is_too_many = [&](std::size_t count) {
    return cdf(below, static_cast<double>(count - 1)) > error / 2;
  };
  while (left_out > 0 && is_too_many(left_out)) --left_out;
  if (left_out == 0) return {-kInfinity, kInfinity};
  return {sorted[left_out - 1], sorted[n - left_out]};
}

LookSchedule plan_looks(std::uint32_t replicas, double error) {
  constexpr std::uint32_t kFirst = 20;
  LookSchedule schedule;
  for (std::uint64_t count = kFirst; count < replicas; count += count / 2) {
    schedule.counts.push_back(static_cast<std::uint32_t>(count));
  }
  schedule.counts.push_back(replicas);
  schedule.error = error / static_cast<double>(schedule.counts.size());
  return schedule;
}

}  // namespace tollgate
