#include "engine/market/anderson_mixing.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <iterator>

namespace tollgate {
namespace {

using View = Eigen::Map<Eigen::ArrayXd>;
View view(std::vector<double>& values, Eigen::Index size) { return {values.data(), size}; }

}  // namespace

void AndersonMixing::restart(std::span<const double> scale) {
  size_ = static_cast<Eigen::Index>(scale.size());
  remembered_ = 0;
  newest_ = kWindow - 1;
  has_last_ = false;
  if (std::ssize(scale_) < size_) {
    for (auto* array : {&scale_, &last_residual_, &last_image_, &residual_, &expected_}) {
      array->resize(scale.size());
    }
    residual_steps_.resize(scale.size() * kWindow);
    image_steps_.resize(scale.size() * kWindow);
  }
  std::ranges::copy(scale, scale_.begin());
}

void AndersonMixing::mix(std::span<const double> last_point, std::span<const double> last_image,
                         std::span<const double> lead, std::span<double> next_point) {
  const Eigen::Map<const Eigen::ArrayXd> point(last_point.data(), size_);
  const Eigen::Map<const Eigen::ArrayXd> image(last_image.data(), size_);
  Eigen::Map<Eigen::ArrayXd> next(next_point.data(), size_);
  View residual = view(residual_, size_);
  View last_residual = view(last_residual_, size_);
  View remembered_image = view(last_image_, size_);
  // A column's length is that of the largest problem seen, as its place must not move.
  const auto step = [this](std::vector<double>& steps, int column) {
    const auto rows = std::ssize(scale_);
    return Eigen::Map<Eigen::VectorXd>(steps.data() + column * rows, size_);
  };
  residual = (image - point) / view(scale_, size_);
  next = image;
  const Eigen::Map<const Eigen::ArrayXd> leads(lead.data(), size_);
  View expected = view(expected_, size_);
  expected = residual;
  if (has_last_) {
    newest_ = (newest_ + 1) % kWindow;
    remembered_ = std::min(remembered_ + 1, kWindow);
    step(residual_steps_, newest_).array() = residual - last_residual;
    step(image_steps_, newest_).array() = image - remembered_image;
    for (int i = 0; i < remembered_; ++i) {
      gram_[i][newest_] = gram_[newest_][i] =
          step(residual_steps_, i).dot(step(residual_steps_, newest_));
    }
    // Newest first, so that of differences that are nearly parallel the older one is left out.
    std::array<int, kWindow> column;
    for (int i = 0; i < remembered_; ++i) column[i] = (newest_ + kWindow - i) % kWindow;
    Weights target;
    for (int i = 0; i < remembered_; ++i) {
      target[i] = step(residual_steps_, column[i]).dot(residual.matrix());
    }
    solve_normal_equations(column, target);
    for (int i = 0; i < remembered_; ++i) {
      next -= target[i] * step(image_steps_, column[i]).array();
      expected -= target[i] * step(residual_steps_, column[i]).array();
    }
  }
  next += (leads - 1) * view(scale_, size_) * expected;
  last_residual = residual;
  remembered_image = image;
  has_last_ = true;
}

/// Weights of the differences, from `target` in place: Cholesky's factorisation L D L' of their
/// inner products in units of each one's length, with a grain of damping. What hardly adds a
/// direction to those before gets no weight, as an extrapolation along the difference would be
/// noise.
void AndersonMixing::solve_normal_equations(const std::array<int, kWindow>& column,
                                            Weights& target) const {
  constexpr double kDamping = 1e-13;
  const int n = remembered_;
  Weights inverse_length;
  Weights inverse_pivot;
  double factor[kWindow][kWindow];  // of row i and column j < i: L, before that L D
  for (int i = 0; i < n; ++i) {
    const double square = gram_[column[i]][column[i]];
    inverse_length[i] = square > 0 ? 1 / std::sqrt(square) : 1;
    target[i] *= inverse_length[i];
    double pivot = 1 + kDamping;
    for (int j = 0; j < i; ++j) {
      double sum = gram_[column[i]][column[j]] * inverse_length[i] * inverse_length[j];
      for (int k = 0; k < j; ++k) sum -= factor[i][k] * factor[j][k];
      factor[i][j] = sum;
    }
    for (int j = 0; j < i; ++j) {
      const double scaled = factor[i][j] * inverse_pivot[j];
      pivot -= scaled * factor[i][j];
      target[i] -= scaled * target[j];
      factor[i][j] = scaled;
    }
    inverse_pivot[i] = pivot > kDamping / 2 ? 1 / pivot : 0;
  }
  for (int i = n; i-- > 0;) {
    target[i] *= inverse_pivot[i];
    for (int k = i + 1; k < n; ++k) target[i] -= factor[k][i] * target[k];
  }
  for (int i = 0; i < n; ++i) target[i] *= inverse_length[i];
}

}  // namespace tollgate
