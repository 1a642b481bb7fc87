#include "engine/market/demand_system.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/kernel/check.hpp"
#include "engine/kernel/lanes.hpp"
#include "engine/market/choice.hpp"

namespace tollgate {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

template <class Values>
void grow(Values& values, std::size_t size) {
  if (values.size() < size) values.resize(size);
}

template <class Values>
void clear_lanes(Values& lane_sums, const DemandWorkspace& workspace, std::size_t lanes) {
  TOLLGATE_CHECK(!workspace.wants_curvature || !workspace.own_pair.empty(),
                 "second derivatives need owners");
  const std::size_t results = 4 * workspace.active.size() + workspace.pairs.size();
  std::fill_n(lane_sums.begin(), results * lanes, typename Values::value_type{});
}

/// Sums over the types of a block, always in the same order: halves, quarters, and so on, in
/// vectors that any machine has.
double total(const double* lanes) {
  using L = Lanes<2>;
  const L::Reals pair =
      (L::load(lanes) + L::load(lanes + 4)) + (L::load(lanes + 2) + L::load(lanes + 6));
  return pair[0] + pair[1];
}

double total(const float* lanes) {
  using L = SingleLanes<4>;
  const L::Reals four =
      (L::load(lanes) + L::load(lanes + 8)) + (L::load(lanes + 4) + L::load(lanes + 12));
  return static_cast<double>((four[0] + four[2]) + (four[1] + four[3]));
}

/// Second derivatives from their sums; the derivative of -slope_ij p_j^(lambda - 1) has its part.
template <class Real, std::size_t Lanes, class Sums>
void add_curvatures(DemandWorkspace& workspace, const Sums& lane_sums, double curvature,
                    double own_scale, double cross_scale) {
  const std::size_t n = workspace.active.size();
  const Real* const own = lane_sums.data() + (2 * n + workspace.pairs.size()) * Lanes;
  const Real* const cross = own + n * Lanes;
  for (std::size_t a = 0; a < n; ++a) {
    const double of_slope = (curvature - 1) / workspace.price[a];
    const double square = workspace.transform_slope[a] * workspace.transform_slope[a];
    workspace.own_change[a] =
        of_slope * workspace.own[a] + own_scale * square * total(own + a * Lanes);
    workspace.cross_change[a] = of_slope * workspace.cross[workspace.own_pair[a]] +
                                cross_scale * square * total(cross + a * Lanes);
  }
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
  steepest_.assign(products, 0);
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
  steepest_[product] = std::max(steepest_[product], utility.slope);
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
  DemandWorkspace::Nearby& nearby = workspace.nearby;
  nearby.is_known = false;
  grow(nearby.exponentials, blocks() * n * kLanes);
  for (AlignedReals* values : {&nearby.rest, &nearby.inverse_sum, &nearby.weight}) {
    grow(*values, blocks() * nests_ * kLanes);
  }
  grow(nearby.outside, blocks() * kLanes);
  grow(nearby.start, n);
  grow(nearby.step, n);
  grow(workspace.lane_sums, (4 * n + workspace.pairs.size()) * kLanes);
  workspace.sales.resize(n);
  workspace.own.resize(n);
  workspace.cross.resize(workspace.pairs.size());
  workspace.own_change.resize(n);
  workspace.cross_change.resize(n);
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
  std::copy_n(workspace.transformed_price.begin(), n, workspace.nearby.start.begin());
  workspace.nearby.is_known = true;
  clear_lanes(workspace.lane_sums, workspace, kLanes);
  run(Task::kEvaluate, workspace);
  add_lanes(workspace);
  if (!workspace.wants_curvature) return;
  add_curvatures<double, kLanes>(workspace, workspace.lane_sums, curvature_, 1 / nest_scale_, 1);
}

bool DemandSystem::evaluate_nearby(std::span<const double> prices,
                                   DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_, "a price for each product");
  // Series end after the fifth power: what is left out is below 1e-17.
  constexpr double kFarthest = 1.0 / 256;
  const std::size_t n = workspace.active.size();
  DemandWorkspace::Nearby& nearby = workspace.nearby;
  if (!nearby.is_known) return false;
  transform_active(prices, workspace);
  for (std::size_t a = 0; a < n; ++a) {
    nearby.step[a] = -(workspace.transformed_price[a] - nearby.start[a]) / nest_scale_;
    const double farthest = steepest_[workspace.active[a]] * std::abs(nearby.step[a]);
    if (!(farthest <= kFarthest)) return false;
  }
  clear_lanes(workspace.lane_sums, workspace, kLanes);
  run(Task::kNearby, workspace);
  add_lanes(workspace);
  return true;
}

/// From the sums by lane to sales and derivatives.
void DemandSystem::add_lanes(DemandWorkspace& workspace) const {
  const std::size_t n = workspace.active.size();
  const auto sum_of = [&](std::size_t i) { return total(&workspace.lane_sums[i * kLanes]); };
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
  grow(single.lane_sums, (4 * n + workspace.pairs.size()) * kSingleLanes);
  grow(single.scratch, kScratchPerProduct * n * kTile * kSingleLanes);
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
  constexpr double kHighestPower = 100;
  for (std::size_t i = 0; i < segments() * n; ++i) {
    const std::size_t a = workspace.by_nest[i].position / kLanes;
    const double distance = workspace.transformed_price[a] - single.start[a];
    // No utility rises by more than 2^100, so that nothing overflows.
    const double steepness = steepest_[workspace.active[a]] * std::numbers::log2e / nest_scale_;
    single.distance[i] = static_cast<float>(
        distance * steepness < -kHighestPower ? -kHighestPower / steepness : distance);
  }
  clear_lanes(single.lane_sums, workspace, kSingleLanes);
  run(Task::kSingle, workspace);

  const auto sum_of = [&](std::size_t i) { return total(&single.lane_sums[i * kSingleLanes]); };
  // Slopes are in powers of two and divided by t.
  for (std::size_t a = 0; a < n; ++a) {
    workspace.sales[a] = sum_of(a);
    workspace.own[a] = -workspace.transform_slope[a] * std::numbers::ln2 * sum_of(n + a);
  }
  for (std::size_t i = 0; i < workspace.pairs.size(); ++i) {
    workspace.cross[i] =
        -workspace.transform_slope[workspace.pairs[i].j] * std::numbers::ln2 * sum_of(2 * n + i);
  }
  if (!workspace.wants_curvature) return;
  constexpr double kSquare = std::numbers::ln2 * std::numbers::ln2;
  add_curvatures<float, kSingleLanes>(workspace, single.lane_sums, curvature_, kSquare, kSquare);
}

}  // namespace tollgate
