#include "engine/market/anderson_mixing.hpp"

#include <Eigen/Cholesky>
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
    for (auto* array : {&scale_, &last_residual_, &last_image_, &residual_}) {
      array->resize(scale.size());
    }
    residual_steps_.resize(scale.size() * kWindow);
    image_steps_.resize(scale.size() * kWindow);
  }
  std::ranges::copy(scale, scale_.begin());
}

void AndersonMixing::mix(std::span<const double> last_point, std::span<const double> last_image,
                         std::span<double> next_point) {
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
  if (has_last_) {
    newest_ = (newest_ + 1) % kWindow;
    remembered_ = std::min(remembered_ + 1, kWindow);
    step(residual_steps_, newest_).array() = residual - last_residual;
    step(image_steps_, newest_).array() = image - remembered_image;
    for (int i = 0; i < remembered_; ++i) {
      gram_(i, newest_) = gram_(newest_, i) =
          step(residual_steps_, i).dot(step(residual_steps_, newest_));
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
      target[i] = step(residual_steps_, i).dot(residual.matrix()) / length[i];
    }
    const Weights weights = Eigen::LDLT<Gram>(normal).solve(target);
    for (int i = 0; i < remembered_; ++i) {
      next -= weights[i] / length[i] * step(image_steps_, i).array();
    }
  }
  last_residual = residual;
  remembered_image = image;
  has_last_ = true;
}

}  // namespace tollgate
