#include "engine/market/demand_system.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/kernel/check.hpp"
#include "engine/market/choice.hpp"

namespace tollgate {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

template <class Values>
void grow(Values& values, std::size_t size) {
  if (values.size() < size) values.resize(size);
}

/// Sums over the types of a block, always in the same order.
template <class Real, std::size_t Lanes>
double total(const Real* lanes) {
  Real sums[Lanes];
  std::copy_n(lanes, Lanes, sums);
  for (std::size_t half = Lanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return static_cast<double>(sums[0]);
}

}  // namespace

PriceUtility fold_price_multiplier(double alpha, double curvature, double other_utility,
                                   double multiplier) {
  TOLLGATE_CHECK(alpha >= 0 && multiplier > 0, "a price that lowers utility");
  return {.attraction = other_utility - alpha * box_cox(multiplier, curvature),
          .slope = alpha * std::pow(multiplier, curvature)};
}

void DemandSystem::reset(std::size_t products, double curvature, double similarity) {
  TOLLGATE_CHECK(similarity >= 0 && similarity < 1, "similarity in [0, 1)");
  products_ = products;
  curvature_ = curvature;
  nest_scale_ = 1 - similarity;
  nests_ = 1;
  nest_of_product_.clear();
  segment_of_block_.clear();
  place_of_type_.clear();
  attraction_.clear();
  slope_.clear();
  units_.clear();
  log_outside_.clear();
}

void DemandSystem::add_segment(std::span<const std::uint8_t> nest_of_product) {
  TOLLGATE_CHECK(nest_of_product.size() == products_, "one nest for each product");
  for (const std::uint8_t nest : nest_of_product) {
    TOLLGATE_CHECK(nest < kMaxNests, "nests are small numbers");
    // Without similarity nests make no difference, and one is less work than several.
    const std::uint8_t effective = nest_scale_ == 1 ? std::uint8_t{0} : nest;
    nest_of_product_.push_back(effective);
    nests_ = std::max(nests_, effective + std::size_t{1});
  }
  segment_is_new_ = true;  // its first type opens a block
}

std::size_t DemandSystem::add_type(double log_outside) {
  TOLLGATE_CHECK(segments() > 0 || products_ == 0, "a segment before its types");
  TOLLGATE_CHECK(log_outside < std::numeric_limits<double>::infinity(), "a finite outside option");
  std::size_t place = place_of_type_.empty() ? 0 : place_of_type_.back() + std::size_t{1};
  if (segment_is_new_ || place % kLanes == 0) {
    place = blocks() * kLanes;
    segment_of_block_.push_back(
        static_cast<std::uint32_t>(std::max<std::size_t>(segments(), 1) - 1));
    attraction_.resize(attraction_.size() + products_ * kLanes, kNever);
    slope_.resize(slope_.size() + products_ * kLanes, 0);
    units_.resize(units_.size() + products_ * kLanes, 0);
    log_outside_.resize(log_outside_.size() + kLanes, 0);
    segment_is_new_ = false;
  }
  log_outside_[place] = log_outside;
  place_of_type_.push_back(static_cast<std::uint32_t>(place));
  return place_of_type_.size() - 1;
}

void DemandSystem::offer(std::size_t type, std::size_t product, PriceUtility utility,
                         double units) {
  TOLLGATE_CHECK(type < types() && product < products_, "a type and a product of this system");
  TOLLGATE_CHECK(utility.attraction < std::numeric_limits<double>::infinity(), "finite utility");
  TOLLGATE_CHECK(utility.slope >= 0 && std::isfinite(utility.slope), "a price lowers utility");
  TOLLGATE_CHECK(units >= 0 && std::isfinite(units), "a type buys, it does not sell");
  const std::size_t place = place_of_type_[type];
  const std::size_t at = (place / kLanes * products_ + product) * kLanes + place % kLanes;
  attraction_[at] = utility.attraction;
  slope_[at] = utility.slope;
  units_[at] = units;
}

void DemandSystem::fold_rest(std::span<const double> prices,
                             std::span<const std::uint8_t> is_active,
                             DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_ && is_active.size() == products_,
                 "a price and a flag for each product");
  std::vector<std::uint32_t>& folded = workspace.active;
  folded.clear();
  for (std::size_t j = 0; j < products_; ++j) {
    if (is_active[j] != 0 || std::isinf(prices[j])) continue;
    folded.push_back(static_cast<std::uint32_t>(j));
  }
  workspace.has_rest = !folded.empty();
  if (!workspace.has_rest) return;
  sort_by_nest(workspace);
  grow(workspace.rest_largest, blocks() * nests_ * kLanes);
  grow(workspace.rest_sum, blocks() * nests_ * kLanes);
  grow(workspace.scratch, folded.size() * kLanes);
  transform_active(prices, workspace);
  run(Task::kRest, workspace);
}

void DemandSystem::select(std::span<const std::uint8_t> is_selected,
                          std::span<const std::uint32_t> owner, DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(is_selected.size() == products_, "a flag for each product");
  TOLLGATE_CHECK(owner.empty() || owner.size() == products_, "an owner for each product");
  workspace.active.clear();
  workspace.pairs.clear();
  workspace.own_pair.clear();
  for (std::size_t j = 0; j < products_; ++j) {
    if (is_selected[j] != 0) workspace.active.push_back(static_cast<std::uint32_t>(j));
  }
  const std::size_t n = workspace.active.size();
  for (std::uint32_t j = 0; j < n && !owner.empty(); ++j) {
    for (std::uint32_t k = 0; k < n; ++k) {
      if (k == j) workspace.own_pair.push_back(static_cast<std::uint32_t>(workspace.pairs.size()));
      if (owner[workspace.active[k]] == owner[workspace.active[j]]) {
        workspace.pairs.push_back({.k = k, .j = j});
      }
    }
  }
  sort_by_nest(workspace);
  grow(workspace.scratch, kScratchPerProduct * n * kTile * kLanes);
  grow(workspace.lane_sums, (2 * n + workspace.pairs.size()) * kLanes);
  workspace.sales.resize(n);
  workspace.own.resize(n);
  workspace.cross.resize(workspace.pairs.size());
}

/// Sorts the active products by nest, segment by segment, so that the loops run nest by nest.
void DemandSystem::sort_by_nest(DemandWorkspace& workspace) const {
  const std::size_t n = workspace.active.size();
  grow(workspace.by_nest, segments() * n);
  grow(workspace.nest_ends, segments() * nests_);
  grow(workspace.nest_of_active, segments() * n);
  std::size_t next = 0;
  for (std::size_t s = 0; s < segments(); ++s) {
    for (std::size_t g = 0; g < nests_; ++g) {
      for (std::size_t a = 0; a < n; ++a) {
        const std::size_t product = workspace.active[a];
        const std::size_t nest = nest_of_product_[s * products_ + product];
        workspace.nest_of_active[s * n + a] = static_cast<std::uint8_t>(nest);
        if (nest != g) continue;
        workspace.by_nest[next++] = {.position = static_cast<std::uint32_t>(a * kLanes),
                                     .product = static_cast<std::uint32_t>(product * kLanes),
                                     .transformed_price = 0};
      }
      workspace.nest_ends[s * nests_ + g] = static_cast<std::uint32_t>(next - s * n);
    }
  }
}

/// Box-Cox transforms of the prices of the active products, and their slopes p^(lambda - 1).
void DemandSystem::transform_active(std::span<const double> prices,
                                    DemandWorkspace& workspace) const {
  const std::size_t n = workspace.active.size();
  const std::size_t padded = (n + kLanes - 1) / kLanes * kLanes;
  grow(workspace.price, padded);
  grow(workspace.transformed_price, padded);
  grow(workspace.transform_slope, padded);
  for (std::size_t a = 0; a < n; ++a) {
    const double price = prices[workspace.active[a]];
    TOLLGATE_CHECK(price > 0 && std::isfinite(price), "a positive price");
    workspace.price[a] = price;
  }
  std::fill(workspace.price.begin() + static_cast<std::ptrdiff_t>(n),
            workspace.price.begin() + static_cast<std::ptrdiff_t>(padded), 1.0);
  // Near lambda = 0 the difference of p^lambda and 1 has few digits.
  constexpr double kLeastCurvature = 0.01;
  if (std::abs(curvature_) >= kLeastCurvature) return run(Task::kTransform, workspace);
  for (std::size_t a = 0; a < n; ++a) {
    const double transformed = box_cox(workspace.price[a], curvature_);
    workspace.transformed_price[a] = transformed;
    workspace.transform_slope[a] = (1 + curvature_ * transformed) / workspace.price[a];
  }
}

void DemandSystem::evaluate(std::span<const double> prices, DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_, "a price for each product");
  const std::size_t n = workspace.active.size();
  if (n == 0) return;
  transform_active(prices, workspace);
  const std::size_t sums = 2 * n + workspace.pairs.size();
  std::fill_n(workspace.lane_sums.begin(), sums * kLanes, 0.0);
  run(Task::kEvaluate, workspace);

  const auto sum_of = [&](std::size_t i) {
    return total<double, kLanes>(&workspace.lane_sums[i * kLanes]);
  };
  for (std::size_t a = 0; a < n; ++a) {
    workspace.sales[a] = sum_of(a);
    workspace.own[a] = -workspace.transform_slope[a] / nest_scale_ * sum_of(n + a);
  }
  for (std::size_t i = 0; i < workspace.pairs.size(); ++i) {
    workspace.cross[i] = -workspace.transform_slope[workspace.pairs[i].j] * sum_of(2 * n + i);
  }
}

void DemandSystem::prepare_single(std::span<const double> prices,
                                  DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_, "a price for each product");
  const std::size_t n = workspace.active.size();
  DemandWorkspace::Single& single = workspace.single;
  single.first_block.clear();
  for (std::size_t block = 0; block < blocks(); ++block) {
    const bool is_second = !single.first_block.empty() && block == single.first_block.back() + 1 &&
                           segment_of_block_[block] == segment_of_block_[block - 1];
    if (!is_second) single.first_block.push_back(static_cast<std::uint32_t>(block));
  }
  const std::size_t pairs_of_blocks = single.first_block.size();
  for (AlignedFloats* values : {&single.utility, &single.slope, &single.units}) {
    grow(*values, pairs_of_blocks * n * kSingleLanes);
  }
  grow(single.base, pairs_of_blocks * nests_ * kSingleLanes);
  grow(single.rest, pairs_of_blocks * nests_ * kSingleLanes);
  grow(single.outside, pairs_of_blocks * kSingleLanes);
  grow(single.start, n);
  grow(single.distance, segments() * n);
  grow(single.lane_sums, (2 * n + workspace.pairs.size()) * kSingleLanes);
  grow(single.scratch, kSingleScratchPerProduct * n * kSingleLanes);
  if (n == 0) return;
  transform_active(prices, workspace);
  std::copy_n(workspace.transformed_price.begin(), n, single.start.begin());
  run(Task::kPrepareSingle, workspace);
}

void DemandSystem::evaluate_single(std::span<const double> prices,
                                   DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_, "a price for each product");
  const std::size_t n = workspace.active.size();
  if (n == 0) return;
  transform_active(prices, workspace);
  DemandWorkspace::Single& single = workspace.single;
  for (std::size_t i = 0; i < segments() * n; ++i) {
    const std::size_t a = workspace.by_nest[i].position / kLanes;
    single.distance[i] = static_cast<float>(workspace.transformed_price[a] - single.start[a]);
  }
  const std::size_t sums = 2 * n + workspace.pairs.size();
  std::fill_n(single.lane_sums.begin(), sums * kSingleLanes, 0.0F);
  run(Task::kSingle, workspace);

  const auto sum_of = [&](std::size_t i) {
    return total<float, kSingleLanes>(&single.lane_sums[i * kSingleLanes]);
  };
  // Slopes are in powers of two and divided by t.
  for (std::size_t a = 0; a < n; ++a) {
    workspace.sales[a] = sum_of(a);
    workspace.own[a] = -workspace.transform_slope[a] * std::numbers::ln2 * sum_of(n + a);
  }
  for (std::size_t i = 0; i < workspace.pairs.size(); ++i) {
    workspace.cross[i] =
        -workspace.transform_slope[workspace.pairs[i].j] * std::numbers::ln2 * sum_of(2 * n + i);
  }
}

}  // namespace tollgate
