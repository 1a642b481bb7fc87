// How PricingGame gets from a start to a point where the conditions hold.
#include <Eigen/Core>
#include <algorithm>
#include <limits>

#include "engine/market/dense_solve.hpp"
#include "engine/market/pricing_game.hpp"

namespace tollgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Eigen::Map<Eigen::ArrayXd> view(std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

/// Whether an evaluation in double precision costs so much more than one in single precision that
/// the preparation of the latter pays.
bool PricingGame::is_large(const MarketView& market) const {
  constexpr std::size_t kLeastCells = 500;  // products times types
  std::size_t cells = 0;
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    cells += demand_[r].active.size() * market.regions[r]->types();
  }
  return cells >= kLeastCells;
}

void PricingGame::begin_in_single(const MarketView& market) {
  for (std::size_t i = 0; i < moving_.size(); ++i) prices_[moving_[i]] = point_[i];
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    const std::size_t first = first_listing_[r];
    const std::size_t count = first_listing_[r + 1] - first;
    market.regions[r]->prepare_single(std::span(prices_).subspan(first, count), demand_[r]);
  }
  is_single_ = true;
}

/// Extrapolates while that pays. When the residual no longer halves, Newton's method if a solution
/// is near, else a stretch of the damped iteration: it gets to a distant solution past places where
/// the residual rises, which no descent of the residual would.
bool PricingGame::solve_conditions(const MarketView& market, const PricingOptions& options) {
  constexpr double kWorse = 2;   // times the best residual: the extrapolation went astray
  constexpr int kPatience = 15;  // iterations in which the residual should halve
  constexpr double kDamping = 0.5;
  constexpr double kNear = 0.1;  // residual from which on Newton's method is tried
  // Single precision has done its part below this residual, or when the residual no longer falls.
  constexpr double kSingleResidual = 3e-4;
  constexpr int kSinglePatience = 2;
  // Leads are renewed down to this residual; from there on they are good enough and stay.
  constexpr double kLeadResidual = 0.2;
  double least = kInfinity;      // residual ever
  double best = kInfinity;       // since the last stretch of damped steps
  double reference = kInfinity;  // that was to be halved
  int since_reference = 0;
  int plain_steps = 0;  // still to do without extrapolation
  int next_plain_steps = 1;
  int damped_steps = 0;  // still to do
  int next_damped_steps = 20;
  wants_leads_ = true;
  mixing_.restart(scale_);
  for (; result_.iterations < options.max_iterations; ++result_.iterations) {
    const double residual = evaluate(market, point_, image_);
    const bool had_leads = wants_leads_;
    wants_leads_ = residual > kLeadResidual;
    // What was learnt with other leads, far away, would mislead.
    if (had_leads && !wants_leads_) mixing_.restart(scale_);
    if (is_single_) {
      const bool is_near = residual <= kSingleResidual;
      since_reference = residual < reference / 2 ? 0 : since_reference + 1;
      if (residual < best) {
        best = residual;
        best_point_ = point_;
        best_image_ = image_;
      }
      reference = std::min(reference, residual);
      if (is_near || since_reference >= kSinglePatience) is_single_ = false;
      if (is_near || is_single_) {
        mixing_.mix(point_, image_, lead_, next_);
      } else {
        point_ = best_point_;
        next_ = best_image_;
        mixing_.restart(scale_);
      }
      project(market, point_, next_);
      point_.swap(next_);
      if (!is_single_) {
        best = reference = kInfinity;
        since_reference = 0;
      }
      continue;
    }
    if (residual <= options.tolerance) {
      result_.residual = residual;
      return true;
    }
    if (residual < least) {
      least = residual;
      least_point_ = point_;
    }
    if (damped_steps > 0) {
      view(next_) = view(point_) + kDamping * (view(image_) - view(point_));
      project(market, point_, next_);
      point_.swap(next_);
      if (--damped_steps == 0) {
        best = reference = kInfinity;
        since_reference = plain_steps = 0;
        next_plain_steps = 1;
        mixing_.restart(scale_);
      }
      continue;
    }
    if (residual < best) {
      best = residual;
      best_point_ = point_;
      best_image_ = image_;
    }
    if (best < reference / 2) {
      reference = best;
      since_reference = 0;
    } else if (++since_reference > kPatience) {
      if (best < kNear && finish_by_newton(market, options.tolerance)) return true;
      point_ = best_point_;
      damped_steps = next_damped_steps;
      next_damped_steps *= 2;
      continue;
    }
    if (plain_steps > 0) {
      next_ = image_;
      if (--plain_steps == 0) mixing_.restart(scale_);
    } else if (residual > kWorse * best) {
      point_ = best_point_;
      next_ = best_image_;
      plain_steps = next_plain_steps;
      next_plain_steps *= 2;
    } else {
      mixing_.mix(point_, image_, lead_, next_);
    }
    project(market, point_, next_);
    point_.swap(next_);
  }
  if (is_single_) least_point_ = best_point_;
  is_single_ = wants_leads_ = false;
  point_ = least_point_;
  result_.residual = evaluate(market, point_, image_);
  return false;
}

/// Newton's method on image - point, from the best point so far. Derivatives by differences: it is
/// rarely needed. Unknowns at a bound that want to go beyond it stay there.
bool PricingGame::finish_by_newton(const MarketView& market, double tolerance) {
  constexpr int kMaxSteps = 20;
  constexpr double kDifference = 1e-6;  // of the scale
  constexpr double kShortestStep = 1e-3;
  constexpr double kSufficientDecrease = 1e-4;
  wants_leads_ = false;
  const std::size_t size = point_.size();
  jacobian_.resize(size * size);
  direction_.resize(size);
  point_ = best_point_;
  double residual = evaluate(market, point_, image_);
  for (int step = 0; step < kMaxSteps; ++step) {
    best_point_ = point_;
    best_image_ = image_;
    view(direction_) = view(best_image_) - view(best_point_);
    std::ranges::fill(jacobian_, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      double* const column = jacobian_.data() + i * size;
      if (direction_[i] == 0) {
        // At a bound, withdrawn, without demand, or solved as far as this one goes.
        column[i] = 1;
        continue;
      }
      next_ = best_point_;
      const double h = (direction_[i] > 0 ? kDifference : -kDifference) * scale_[i];
      next_[i] += h;
      evaluate(market, next_, image_);
      for (std::size_t j = 0; j < size; ++j) {
        column[j] = (direction_[j] - (image_[j] - next_[j])) / h;
      }
    }
    if (!solve_dense(jacobian_, direction_)) return false;
    if (!view(direction_).allFinite()) return false;
    double length = 1;
    for (; length >= kShortestStep; length /= 2) {
      view(next_) = view(best_point_) + length * view(direction_);
      project(market, best_point_, next_);
      const double next_residual = evaluate(market, next_, image_);
      if (next_residual < (1 - kSufficientDecrease * length) * residual) {
        residual = next_residual;
        point_ = next_;
        break;
      }
    }
    if (length < kShortestStep) return false;
    if (residual <= tolerance) {
      result_.residual = residual;
      return true;
    }
  }
  return false;
}

}  // namespace tollgate
