/// How far an optimum might lie elsewhere, had other replicas been drawn: the bootstrap over
/// replicas (Efron 1979, doi:10.1214/aos/1176344552).
#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "engine/kernel/stream.hpp"
#include "engine/search/box.hpp"
#include "engine/search/mean.hpp"

namespace tollgate {

/// Draws as many replicas as there are, with replacement, `resamples` times, and hands the mean of
/// each draw to `optimum_of`. `values`: a column for each replica.
std::vector<Point> resample_optima(const Eigen::MatrixXd& values,
                                   const std::function<Point(const Eigen::VectorXd&)>& optimum_of,
                                   unsigned resamples, Stream stream);

/// 2.5% and 97.5% percentiles of the points, by axis. Precondition: at least one point.
std::vector<Interval> percentile_intervals(const std::vector<Point>& points);

}  // namespace tollgate
