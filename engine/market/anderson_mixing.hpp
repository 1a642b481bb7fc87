/// Anderson mixing: faster convergence of a fixed point iteration x <- g(x).
#pragma once

#include <Eigen/Core>
#include <array>
#include <span>
#include <vector>

namespace tollgate {

/// Extrapolates from the last few iterates of x <- g(x) (Anderson 1965, doi:10.1145/321296.321305;
/// Walker and Ni 2011, doi:10.1137/10078356X): the combination of them whose residual g(x) - x is
/// least in the squares, where residuals are close to linear.
///
/// Memory grows with the largest problem seen and is kept.
class AndersonMixing {
 public:
  static constexpr int kWindow = 8;  ///< differences remembered

  /// Forgets the past; `scale` makes components comparable (residuals are divided by it).
  void restart(std::span<const double> scale);

  /// The next point to try, given the last one and its image. Without a past: the image, or, where
  /// the residual's own slope is known to be -1 / lead, `lead` times the way to it. Leads may
  /// change from call to call.
  void mix(std::span<const double> last_point, std::span<const double> last_image,
           std::span<const double> lead, std::span<double> next_point);

 private:
  using Weights = std::array<double, kWindow>;

  void solve_normal_equations(const std::array<int, kWindow>& column, Weights& target) const;

  Eigen::Index size_ = 0;
  int remembered_ = 0;
  int newest_ = 0;  // column written last
  bool has_last_ = false;
  // Vectors that Eigen looks at: its own take memory by way of malloc, which a replica's heap does
  // not see.
  std::vector<double> scale_;
  std::vector<double> last_residual_;
  std::vector<double> last_image_;
  std::vector<double> residual_;
  std::vector<double> expected_;        // the residual of the combination
  std::vector<double> residual_steps_;  // columns of as many, in the order of a ring
  std::vector<double> image_steps_;
  double gram_[kWindow][kWindow];  // inner products of residual_steps_
};

}  // namespace tollgate
