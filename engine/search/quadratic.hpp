/// Quadratic surfaces: fitted by least squares, and their maximum over a box.
#pragma once

#include <Eigen/Core>
#include <Eigen/QR>
#include <span>

#include "engine/search/box.hpp"

namespace tollgate {

/// Coefficients of 1, u_i and u_i u_j (i <= j), with u in [-1, 1] over the window of the fit.
using Quadratic = Eigen::VectorXd;

/// Number of coefficients of a quadratic in so many axes.
constexpr std::size_t quadratic_terms(std::size_t axes) { return (axes + 1) * (axes + 2) / 2; }

/// Least squares of responses at given points: factored once, then one product for each response.
///
/// Coefficients are linear in the responses: those of a mean over replicas are the mean of the
/// replicas' coefficients, which makes resampling cheap.
class QuadraticFit {
 public:
  /// Precondition: the points lie in the window and tell all coefficients apart.
  QuadraticFit(Box window, std::span<const Point> points);

  /// `responses`: by point and replica. Returns coefficients by term and replica.
  [[nodiscard]] Eigen::MatrixXd coefficients(const Eigen::MatrixXd& responses) const;

  /// What the surfaces leave unexplained, by point and replica.
  [[nodiscard]] Eigen::MatrixXd residuals(const Eigen::MatrixXd& responses,
                                          const Eigen::MatrixXd& coefficients) const {
    return responses - design_ * coefficients;
  }

  [[nodiscard]] const Box& window() const { return window_; }

  /// Where the surface is highest over the window. Exact: the maximum over a box is stationary on
  /// some face of it, so that each of the 3^axes faces (interior and corners included) is looked
  /// at.
  [[nodiscard]] Point argmax(const Quadratic& surface) const;

 private:
  [[nodiscard]] Eigen::VectorXd scaled(const Point& point) const;

  Box window_;
  Eigen::MatrixXd design_;  ///< terms by point
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factors_;
};

}  // namespace tollgate
