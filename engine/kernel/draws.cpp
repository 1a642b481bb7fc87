#include "engine/kernel/draws.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/weibull_distribution.hpp>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {

double draw_exponential(Stream& stream) {
  return boost::random::exponential_distribution<double>{1.0}(stream);
}

double draw_normal(Stream& stream) {
  return boost::random::normal_distribution<double>{0.0, 1.0}(stream);
}

double draw_lognormal(double mean, double cv, Stream& stream) {
  const double variance = std::log1p(cv * cv);
  return mean * std::exp(std::sqrt(variance) * draw_normal(stream) - 0.5 * variance);
}

double draw_weibull(double scale, double shape, Stream& stream) {
  return boost::random::weibull_distribution<double>{shape, scale}(stream);
}

std::size_t draw_index(std::span<const double> weights, Stream& stream) {
  double sum = 0;
  for (const double w : weights) sum += w;
  TOLLGATE_CHECK(sum > 0, "a draw among weights that are all zero");
  double left = draw_uniform(stream) * sum;
  std::size_t last_positive = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last_positive = i;
    left -= weights[i];
    if (left < 0) return i;
  }
  return last_positive;  // rounding: the last one with weight
}

}  // namespace tollgate
