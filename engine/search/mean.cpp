#include "engine/search/mean.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace tollgate {

MeanEstimate estimate_mean(std::span<const double> sample) {
  const auto n = static_cast<double>(sample.size());
  MeanEstimate result;
  for (const double x : sample) result.mean += x / n;
  if (sample.size() < 2) return result;
  double squares = 0;
  for (const double x : sample) squares += (x - result.mean) * (x - result.mean);
  const double error = std::sqrt(squares / (n - 1) / n);
  const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.975);
  result.interval = {result.mean - t * error, result.mean + t * error};
  return result;
}

}  // namespace tollgate
