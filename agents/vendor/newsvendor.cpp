#include "agents/vendor/newsvendor.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace tollgate {
namespace {

constexpr double kHighestRatio = 0.999;

}  // namespace

double newsvendor_quantity(const DemandForecast& demand, double underage_usd, double overage_usd) {
  if (underage_usd <= 0) return 0;
  const double ratio = std::min(kHighestRatio, underage_usd / (underage_usd + overage_usd));
  const double z = boost::math::quantile(boost::math::normal{}, ratio);
  return std::max(0.0, demand.mean + z * std::sqrt(demand.variance));
}

}  // namespace tollgate
