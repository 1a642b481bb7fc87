#include "engine/search/quadratic.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/kernel/draws.hpp"
#include "engine/search/local_search.hpp"

using namespace tollgate;

namespace {

const Box kBox{{-1, 2}, {3, 10}};

template <class Function>
Quadratic fitted(const QuadraticFit& fit, const std::vector<Point>& points, const Function& f) {
  Eigen::MatrixXd responses(static_cast<Eigen::Index>(points.size()), 1);
  for (std::size_t k = 0; k < points.size(); ++k) {
    responses(static_cast<Eigen::Index>(k), 0) = f(points[k]);
  }
  return fit.coefficients(responses).col(0);
}

}  // namespace

TEST_CASE("a grid has its ends exactly and the last axis fastest") {
  const std::vector<Point> grid = grid_of({{0, 0.1}, {0.6, 0.7}}, 3);
  REQUIRE(grid.size() == 9);
  CHECK(grid.front() == Point{0, 0.1});
  CHECK(grid[1][0] == 0);
  CHECK(grid[2] == Point{0, 0.7});
  CHECK(grid.back() == Point{0.6, 0.7});
}

TEST_CASE("a quadratic is found back from its values, and its maximum where the gradient is zero") {
  // 5 - (x - 1)^2 - 0.5 (y - 7)^2 + 0.4 (x - 1)(y - 7) is concave with its top at (1, 7).
  const auto f = [](const Point& p) {
    const double x = p[0] - 1;
    const double y = p[1] - 7;
    return 5 - x * x - 0.5 * y * y + 0.4 * x * y;
  };
  const std::vector<Point> points = design_of(kBox);
  const QuadraticFit fit(kBox, points);
  const Point top = fit.argmax(fitted(fit, points, f));
  CHECK(top[0] == doctest::Approx(1).epsilon(1e-12));
  CHECK(top[1] == doctest::Approx(7).epsilon(1e-12));
}

TEST_CASE("the maximum of any quadratic over a box is not below that of a fine grid") {
  const std::vector<Point> points = design_of(kBox);
  const QuadraticFit fit(kBox, points);
  Stream stream(1, 0, 0, 0);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> c;
    for (int i = 0; i < 6; ++i) c.push_back(draw_normal(stream));
    const auto f = [&](const Point& p) {
      const double x = (p[0] - 1) / 2;
      const double y = (p[1] - 6) / 4;
      return c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y;
    };
    const Point top = fit.argmax(fitted(fit, points, f));
    CHECK(kBox.contains(top));
    double highest = -1e300;
    for (const Point& p : grid_of(kBox, 41)) highest = std::max(highest, f(p));
    CHECK(f(top) >= highest - 1e-10);
  }
}

TEST_CASE("a maximum at a side is at the side exactly") {
  const Box box{{0}, {0.6}};
  const std::vector<Point> points = design_of(box);
  const QuadraticFit fit(box, points);
  CHECK(fit.argmax(fitted(fit, points, [](const Point& p) { return p[0]; }))[0] == 0.6);
  CHECK(fit.argmax(fitted(fit, points, [](const Point& p) { return -p[0]; }))[0] == 0);
}

TEST_CASE("points on one line do not tell a surface") {
  CHECK_THROWS(QuadraticFit(kBox, std::vector<Point>(9, kBox.middle())));
}

TEST_CASE("the local search climbs a smooth hill in one, two and three axes") {
  for (std::size_t axes = 1; axes <= 3; ++axes) {
    CAPTURE(axes);
    const Box box{Point(axes, 0), Point(axes, 1)};
    Point best;
    double highest = -1e300;
    search_locally(box, Point(axes, 0.2), Point(axes, 0.1),
                   [&](const Point& p) {
                     CHECK(box.contains(p));
                     double value = 0;
                     for (std::size_t i = 0; i < axes; ++i) {
                       value += std::cos(p[i] - 0.3 - 0.2 * static_cast<double>(i));
                     }
                     if (value > highest) {
                       highest = value;
                       best = p;
                     }
                     return value;
                   },
                   {1e-7, 500});
    for (std::size_t i = 0; i < axes; ++i) {
      CHECK(std::abs(best[i] - 0.3 - 0.2 * static_cast<double>(i)) < 1e-5);
    }
  }
}

TEST_CASE("an exception of the objective ends the local search and is passed on") {
  int calls = 0;
  const auto broken = [&](const Point&) -> double {
    if (++calls == 3) throw std::runtime_error("broke on purpose");
    return 1;
  };
  CHECK_THROWS_WITH(search_locally({{0, 0}, {1, 1}}, {0.5, 0.5}, {0.1, 0.1}, broken, {}),
                    "broke on purpose");
  CHECK(calls == 3);
}
