#include "engine/search/bootstrap.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "engine/kernel/quantile.hpp"

namespace tollgate {

std::vector<Point> resample_optima(const Eigen::MatrixXd& values,
                                   const std::function<Point(const Eigen::VectorXd&)>& optimum_of,
                                   unsigned resamples, Stream stream) {
  const Eigen::Index replicas = values.cols();
  boost::random::uniform_int_distribution<Eigen::Index> any(0, replicas - 1);
  std::vector<Point> optima;
  Eigen::VectorXd sum(values.rows());
  for (unsigned b = 0; b < resamples; ++b) {
    sum.setZero();
    for (Eigen::Index r = 0; r < replicas; ++r) sum += values.col(any(stream));
    optima.push_back(optimum_of(sum / static_cast<double>(replicas)));
  }
  return optima;
}

std::vector<Interval> percentile_intervals(const std::vector<Point>& points) {
  std::vector<Interval> result;
  std::vector<double> values(points.size());
  for (std::size_t axis = 0; axis < points.front().size(); ++axis) {
    std::ranges::transform(points, values.begin(), [axis](const Point& p) { return p[axis]; });
    std::ranges::sort(values);
    result.push_back({quantile(values, 0.025), quantile(values, 0.975)});
  }
  return result;
}

}  // namespace tollgate
