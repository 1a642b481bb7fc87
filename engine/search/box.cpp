#include "engine/search/box.hpp"

#include <algorithm>

namespace tollgate {
namespace {

constexpr std::size_t kPointsOnLine = 7;
constexpr double kRounding = 1e-12;  // of the width

}  // namespace

Point Box::middle() const {
  Point result;
  for (std::size_t i = 0; i < axes(); ++i) result.push_back(0.5 * (low[i] + high[i]));
  return result;
}

bool Box::contains(const Point& point) const {
  for (std::size_t i = 0; i < axes(); ++i) {
    const double slack = kRounding * width(i);
    if (point[i] < low[i] - slack || point[i] > high[i] + slack) return false;
  }
  return true;
}

Box Box::around(const Point& centre, const Point& half_width) const {
  Box result;
  for (std::size_t i = 0; i < axes(); ++i) {
    result.low.push_back(std::clamp(centre[i] - half_width[i], low[i], high[i]));
    result.high.push_back(std::clamp(centre[i] + half_width[i], low[i], high[i]));
  }
  return result;
}

std::vector<Point> grid_of(const Box& box, std::size_t per_axis) {
  std::vector<Point> points = {{}};
  for (std::size_t axis = 0; axis < box.axes(); ++axis) {
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (std::size_t i = 0; i < per_axis; ++i) {
        longer.push_back(point);
        const double share = static_cast<double>(i) / static_cast<double>(per_axis - 1);
        // Not low + share * width, which may miss the upper end by a rounding error.
        longer.back().push_back((1 - share) * box.low[axis] + share * box.high[axis]);
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<Point> design_of(const Box& box) {
  if (box.axes() == 1) return grid_of(box, kPointsOnLine);
  std::vector<Point> points = grid_of(box, 2);
  for (std::size_t axis = 0; axis < box.axes(); ++axis) {
    for (const double end : {box.low[axis], box.high[axis]}) {
      points.push_back(box.middle());
      points.back()[axis] = end;
    }
  }
  points.push_back(box.middle());
  return points;
}

}  // namespace tollgate
