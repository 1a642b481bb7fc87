#include "engine/search/quadratic.hpp"

#include <Eigen/LU>
#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

Eigen::VectorXd terms_at(const Eigen::VectorXd& u) {
  Eigen::VectorXd terms(
      static_cast<Eigen::Index>(quadratic_terms(static_cast<std::size_t>(u.size()))));
  Eigen::Index t = 0;
  terms[t++] = 1;
  for (Eigen::Index i = 0; i < u.size(); ++i) terms[t++] = u[i];
  for (Eigen::Index i = 0; i < u.size(); ++i) {
    for (Eigen::Index j = i; j < u.size(); ++j) terms[t++] = u[i] * u[j];
  }
  return terms;
}

/// Second derivatives.
Eigen::MatrixXd hessian_of(const Quadratic& surface, Eigen::Index axes) {
  Eigen::MatrixXd hessian(axes, axes);
  Eigen::Index t = 1 + axes;
  for (Eigen::Index i = 0; i < axes; ++i) {
    for (Eigen::Index j = i; j < axes; ++j, ++t) {
      hessian(i, j) = hessian(j, i) = (i == j ? 2 : 1) * surface[t];
    }
  }
  return hessian;
}

}  // namespace

QuadraticFit::QuadraticFit(Box window, std::span<const Point> points) : window_(std::move(window)) {
  design_.resize(static_cast<Eigen::Index>(points.size()),
                 static_cast<Eigen::Index>(quadratic_terms(window_.axes())));
  for (std::size_t k = 0; k < points.size(); ++k) {
    design_.row(static_cast<Eigen::Index>(k)) = terms_at(scaled(points[k])).transpose();
  }
  factors_.compute(design_);
  TOLLGATE_CHECK(factors_.rank() == design_.cols(), "points that do not tell a quadratic");
}

Eigen::MatrixXd QuadraticFit::coefficients(const Eigen::MatrixXd& responses) const {
  return factors_.solve(responses);
}

Eigen::VectorXd QuadraticFit::scaled(const Point& point) const {
  Eigen::VectorXd u(static_cast<Eigen::Index>(point.size()));
  for (std::size_t i = 0; i < point.size(); ++i) {
    const double half = 0.5 * window_.width(i);
    u[static_cast<Eigen::Index>(i)] = (point[i] - (window_.low[i] + half)) / half;
  }
  return u;
}

Point QuadraticFit::argmax(const Quadratic& surface) const {
  const auto axes = static_cast<Eigen::Index>(window_.axes());
  const Eigen::VectorXd gradient = surface.segment(1, axes);
  const Eigen::MatrixXd hessian = hessian_of(surface, axes);
  Eigen::VectorXd best = Eigen::VectorXd::Zero(axes);
  double highest = terms_at(best).dot(surface);
  std::size_t faces = 1;
  for (Eigen::Index i = 0; i < axes; ++i) faces *= 3;
  for (std::size_t face = 0; face < faces; ++face) {
    // Digits to base 3: an axis is free, or held at -1 or 1.
    Eigen::VectorXd u = Eigen::VectorXd::Zero(axes);
    std::vector<Eigen::Index> is_free;
    std::size_t digits = face;
    for (Eigen::Index i = 0; i < axes; ++i, digits /= 3) {
      if (digits % 3 == 0) is_free.push_back(i);
      if (digits % 3 == 1) u[i] = -1;
      if (digits % 3 == 2) u[i] = 1;
    }
    if (!is_free.empty()) {
      const Eigen::VectorXd slope = gradient + hessian * u;
      const Eigen::MatrixXd curvature = hessian(is_free, is_free);
      const Eigen::FullPivLU<Eigen::MatrixXd> factors(curvature);
      if (!factors.isInvertible()) continue;  // a ridge: it is as high where it meets a side
      u(is_free) = factors.solve(-slope(is_free));
      if (u.cwiseAbs().maxCoeff() > 1) continue;
    }
    const double value = terms_at(u).dot(surface);
    if (value > highest) {
      highest = value;
      best = u;
    }
  }
  Point result = window_.middle();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double u = best[static_cast<Eigen::Index>(i)];
    // The sides themselves, without a rounding error.
    result[i] = u == -1  ? window_.low[i]
                : u == 1 ? window_.high[i]
                         : result[i] + 0.5 * window_.width(i) * u;
  }
  return result;
}

}  // namespace tollgate
