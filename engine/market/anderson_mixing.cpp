#include "engine/market/anderson_mixing.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace tollgate {

void AndersonMixing::restart(std::span<const double> scale) {
  size_ = static_cast<Eigen::Index>(scale.size());
  remembered_ = 0;
  newest_ = kWindow - 1;
  has_last_ = false;
  if (scale_.size() < size_) {
    for (auto* array : {&scale_, &last_residual_, &last_image_, &residual_}) array->resize(size_);
    residual_steps_.resize(size_, kWindow);
    image_steps_.resize(size_, kWindow);
  }
  scale_.head(size_) = Eigen::Map<const Eigen::ArrayXd>(scale.data(), size_);
}

void AndersonMixing::mix(std::span<const double> last_point, std::span<const double> last_image,
                         std::span<double> next_point) {
  const Eigen::Map<const Eigen::ArrayXd> point(last_point.data(), size_);
  const Eigen::Map<const Eigen::ArrayXd> image(last_image.data(), size_);
  Eigen::Map<Eigen::ArrayXd> next(next_point.data(), size_);
  auto residual = residual_.head(size_);
  residual = (image - point) / scale_.head(size_);
  next = image;
  if (has_last_) {
    newest_ = (newest_ + 1) % kWindow;
    remembered_ = std::min(remembered_ + 1, kWindow);
    residual_steps_.col(newest_).head(size_).array() = residual - last_residual_.head(size_);
    image_steps_.col(newest_).head(size_).array() = image - last_image_.head(size_);
    for (int i = 0; i < remembered_; ++i) {
      gram_(i, newest_) = gram_(newest_, i) =
          residual_steps_.col(i).head(size_).dot(residual_steps_.col(newest_).head(size_));
    }
    // Normal equations in units of each step's length, with a grain of damping: steps may be
    // nearly parallel, and an extrapolation along their difference would be noise.
    constexpr double kDamping = 1e-13;
    Weights length(remembered_);
    for (int i = 0; i < remembered_; ++i) {
      length[i] = gram_(i, i) > 0 ? std::sqrt(gram_(i, i)) : 1;
    }
    Gram normal(remembered_, remembered_);
    Weights target(remembered_);
    for (int i = 0; i < remembered_; ++i) {
      for (int j = 0; j < remembered_; ++j) normal(i, j) = gram_(i, j) / (length[i] * length[j]);
      normal(i, i) = 1 + kDamping;
      target[i] = residual_steps_.col(i).head(size_).dot(residual.matrix()) / length[i];
    }
    const Weights weights = Eigen::LDLT<Gram>(normal).solve(target);
    for (int i = 0; i < remembered_; ++i) {
      next -= weights[i] / length[i] * image_steps_.col(i).head(size_).array();
    }
  }
  last_residual_.head(size_) = residual;
  last_image_.head(size_) = image;
  has_last_ = true;
}

}  // namespace tollgate
