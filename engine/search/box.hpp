/// Where a search looks: a box of numbers, one axis a key.
#pragma once

#include <cstddef>
#include <vector>

namespace tollgate {

/// A value for each axis.
using Point = std::vector<double>;

struct Box {
  Point low, high;

  [[nodiscard]] std::size_t axes() const { return low.size(); }
  [[nodiscard]] double width(std::size_t axis) const { return high[axis] - low[axis]; }
  [[nodiscard]] Point middle() const;
  /// Whether the point lies within, give or take a rounding error.
  [[nodiscard]] bool contains(const Point& point) const;
  /// The part of the box that is at most `half_width` (by axis) away from `centre`.
  [[nodiscard]] Box around(const Point& centre, const Point& half_width) const;
};

/// `per_axis` (at least 2) values from low to high on each axis, both included; every combination,
/// the last axis fastest.
std::vector<Point> grid_of(const Box& box, std::size_t per_axis);

/// Points from which a quadratic surface can be told, and how badly one fits: 7 on a line; else the
/// centre, the middles of the sides and the corners (a face-centred central composite design).
std::vector<Point> design_of(const Box& box);

}  // namespace tollgate
