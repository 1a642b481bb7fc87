#include "engine/market/demand_system.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernel/check.hpp"
#include "engine/market/choice.hpp"
#include "engine/market/lanes.hpp"

// The code for wide vectors is compiled for machines that have them and chosen when running.
#if defined(__x86_64__)
#define TOLLGATE_FOR_AVX2 [[gnu::target("avx2")]]
#define TOLLGATE_FOR_AVX512 [[gnu::target("avx512f,avx512dq")]]
#else
#define TOLLGATE_FOR_AVX2
#define TOLLGATE_FOR_AVX512
#endif

namespace tollgate {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

// Utilities that stand for "nobody here", finite so that differences are never infinity minus
// infinity. An empty nest lies far below the lowest point of reference of a type.
constexpr double kEmptyNest = -1e300;
constexpr double kLowestReference = -1e290;

template <class Values>
void grow(Values& values, std::size_t size) {
  if (values.size() < size) values.resize(size);
}

}  // namespace

PriceUtility fold_price_multiplier(double alpha, double curvature, double other_utility,
                                   double multiplier) {
  TOLLGATE_CHECK(alpha >= 0 && multiplier > 0, "a price that lowers utility");
  return {.attraction = other_utility - alpha * box_cox(multiplier, curvature),
          .slope = alpha * std::pow(multiplier, curvature)};
}

VectorWidth widest_vector_width() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return VectorWidth::k8;
  }
  if (__builtin_cpu_supports("avx2")) return VectorWidth::k4;
#endif
  return VectorWidth::k2;
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
  grow(workspace.transformed_price, products_);
  for (std::size_t j = 0; j < products_; ++j) {
    if (is_active[j] != 0 || std::isinf(prices[j])) continue;
    TOLLGATE_CHECK(prices[j] > 0, "a positive price");
    workspace.transformed_price[folded.size()] = box_cox(prices[j], curvature_);
    folded.push_back(static_cast<std::uint32_t>(j));
  }
  workspace.has_rest = !folded.empty();
  if (!workspace.has_rest) return;
  sort_by_nest(workspace);
  grow(workspace.rest_largest, blocks() * nests_ * kLanes);
  grow(workspace.rest_sum, blocks() * nests_ * kLanes);
  grow(workspace.scratch, folded.size() * kLanes);
  run(Task::kRest, workspace);
}

void DemandSystem::select(std::span<const std::uint8_t> is_selected,
                          std::span<const std::uint32_t> owner, DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(is_selected.size() == products_, "a flag for each product");
  TOLLGATE_CHECK(owner.empty() || owner.size() == products_, "an owner for each product");
  workspace.active.clear();
  workspace.pairs.clear();
  for (std::size_t j = 0; j < products_; ++j) {
    if (is_selected[j] != 0) workspace.active.push_back(static_cast<std::uint32_t>(j));
  }
  const std::size_t n = workspace.active.size();
  for (std::uint32_t j = 0; j < n && !owner.empty(); ++j) {
    for (std::uint32_t k = 0; k < n; ++k) {
      if (owner[workspace.active[k]] == owner[workspace.active[j]]) {
        workspace.pairs.push_back({.k = k, .j = j});
      }
    }
  }
  sort_by_nest(workspace);
  grow(workspace.transformed_price, n);
  grow(workspace.transform_slope, n);
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

void DemandSystem::evaluate(std::span<const double> prices, DemandWorkspace& workspace) const {
  TOLLGATE_CHECK(prices.size() == products_, "a price for each product");
  const std::size_t n = workspace.active.size();
  if (n == 0) return;
  for (std::size_t a = 0; a < n; ++a) {
    const double price = prices[workspace.active[a]];
    TOLLGATE_CHECK(price > 0 && std::isfinite(price), "a positive price");
    // One logarithm and one exponential for the transform and its slope p^(lambda - 1), which is
    // (1 + lambda BC) / p.
    const double transformed = box_cox(price, curvature_);
    workspace.transformed_price[a] = transformed;
    workspace.transform_slope[a] = (1 + curvature_ * transformed) / price;
  }
  const std::size_t sums = 2 * n + workspace.pairs.size();
  std::fill_n(workspace.lane_sums.begin(), sums * kLanes, 0.0);
  run(Task::kEvaluate, workspace);

  const auto total = [&](std::size_t sum) {
    double result = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      result += workspace.lane_sums[sum * kLanes + lane];
    }
    return result;
  };
  for (std::size_t a = 0; a < n; ++a) {
    workspace.sales[a] = total(a);
    workspace.own[a] = -workspace.transform_slope[a] / nest_scale_ * total(n + a);
  }
  for (std::size_t i = 0; i < workspace.pairs.size(); ++i) {
    workspace.cross[i] = -workspace.transform_slope[workspace.pairs[i].j] * total(2 * n + i);
  }
}

/// Largest utility and scaled sum of the selected products in each nest, as `accumulate` starts
/// from them.
template <int Width>
inline void DemandSystem::accumulate_rest(DemandWorkspace& workspace) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const Reals inverse_scale = L::all(1 / nest_scale_);
  double* const utilities = workspace.scratch.data();
  for (std::size_t block = 0; block < blocks(); ++block) {
    const std::size_t segment = segment_of_block_[block];
    const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
    const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests_;
    for (std::size_t lane = 0; lane < kLanes; lane += Width) {
      const std::size_t first = block * products_ * kLanes + lane;
      const double* const attraction = attraction_.data() + first;
      const double* const slope = slope_.data() + first;
      std::size_t i = 0;
      for (std::size_t g = 0; g < nests_; ++g) {
        const std::size_t begin = i;
        Reals largest = L::all(kEmptyNest);
        for (; i < nest_ends[g]; ++i) {
          const Reals v = L::load(attraction + places[i].product) -
                          L::load(slope + places[i].product) * places[i].transformed_price;
          L::store(utilities + i * kLanes, v);
          largest = L::larger(largest, v);
        }
        Reals sum = L::all(0);
        for (i = begin; i < nest_ends[g]; ++i) {
          sum += L::exp_of_nonpositive((L::load(utilities + i * kLanes) - largest) * inverse_scale);
        }
        const std::size_t at = (block * nests_ + g) * kLanes + lane;
        L::store(&workspace.rest_largest[at], largest);
        L::store(&workspace.rest_sum[at], sum);
      }
    }
  }
}

/// Sums over types of units * P, units * P * slope, and by pair, into `lane_sums`.
template <int Width>
inline void DemandSystem::accumulate(DemandWorkspace& workspace) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t nests = nests_;
  const std::size_t pairs = workspace.pairs.size();
  const bool has_rest = workspace.has_rest;
  const bool has_similarity = nest_scale_ != 1;
  const Reals scale = L::all(nest_scale_);
  const Reals inverse_scale = L::all(1 / nest_scale_);
  const Reals within_nest = inverse_scale - 1.0;
  const Reals tiny = L::all(std::numeric_limits<double>::min());
  double* const exponentials = workspace.scratch.data();  // V, exp((V - largest) / t), units * P
  double* const same_nest = exponentials + n * kTile * kLanes;  // slope * ((1/t - 1) P|g + P)
  double* const other_nest = same_nest + n * kTile * kLanes;    // slope * P
  double* const sales = workspace.lane_sums.data();
  double* const own = sales + n * kLanes;
  double* const cross = own + n * kLanes;
  const DemandWorkspace::Pair* const pair = workspace.pairs.data();
  for (std::size_t block = 0; block < blocks();) {
    const std::size_t segment = segment_of_block_[block];
    std::size_t tile = 1;  // blocks done together, of one segment
    while (tile < kTile && block + tile < blocks() && segment_of_block_[block + tile] == segment) {
      ++tile;
    }
    const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
    const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
    const std::uint8_t* const nest = workspace.nest_of_active.data() + segment * n;
    for (std::size_t lane = 0; lane < kLanes; lane += Width) {
      Reals largest[kTile][kMaxNests];
      Reals sum[kTile][kMaxNests];
      for (std::size_t b = 0; b < tile; ++b) {
        const std::size_t first = (block + b) * products_ * kLanes + lane;
        const double* const attraction = attraction_.data() + first;
        const double* const slopes = slope_.data() + first;
        const std::size_t rest = (block + b) * nests * kLanes + lane;
        const double* const rest_largest = workspace.rest_largest.data() + rest;
        const double* const rest_sum = workspace.rest_sum.data() + rest;
        double* const exponential = exponentials + b * kLanes;
        std::size_t i = 0;
        for (std::size_t g = 0; g < nests; ++g) {
          Reals top = has_rest ? L::load(rest_largest + g * kLanes) : L::all(kEmptyNest);
          for (; i < nest_ends[g]; ++i) {
            const Reals v = L::load(attraction + places[i].product) -
                            L::load(slopes + places[i].product) * places[i].transformed_price;
            L::store(exponential + places[i].position * kTile, v);
            top = L::larger(top, v);
          }
          largest[b][g] = top;
        }
        i = 0;
        for (std::size_t g = 0; g < nests; ++g) {
          const Reals top = largest[b][g];
          Reals total = L::all(0);
          if (has_rest) {
            total =
                L::load(rest_sum + g * kLanes) *
                L::exp_of_nonpositive((L::load(rest_largest + g * kLanes) - top) * inverse_scale);
          }
          for (; i < nest_ends[g]; ++i) {
            double* const at = exponential + places[i].position * kTile;
            const Reals e = L::exp_of_nonpositive((L::load(at) - top) * inverse_scale);
            L::store(at, e);
            total += e;
          }
          sum[b][g] = total;
        }
      }

      // Long chains of dependent operations: side by side for the blocks of a tile.
      for (std::size_t b = 0; b < tile; ++b) {
        // From here on `largest` is the inclusive value of the nest, then its probability; sums and
        // denominators are at least 1, or 0 where there is nothing to choose.
        const Reals outside = L::load(&log_outside_[(block + b) * kLanes + lane]);
        Reals reference = L::larger(L::all(kLowestReference), outside);
        if (has_similarity) {
          for (std::size_t g = 0; g < nests; ++g) {
            sum[b][g] = L::larger(L::all(1), sum[b][g]);
            largest[b][g] += scale * L::log_of_positive(sum[b][g]);
            reference = L::larger(reference, largest[b][g]);
          }
          Reals denominator = L::exp_of_nonpositive(outside - reference);
          for (std::size_t g = 0; g < nests; ++g) {
            largest[b][g] = L::exp_of_nonpositive(largest[b][g] - reference);
            denominator += largest[b][g];
          }
          const Reals inverse = 1.0 / L::larger(tiny, denominator);
          for (std::size_t g = 0; g < nests; ++g) {
            largest[b][g] *= inverse;
            sum[b][g] = 1.0 / sum[b][g];
          }
        } else {
          // One nest with inclusive value largest + log(sum): no need to take the logarithm.
          reference = L::larger(reference, largest[b][0]);
          const Reals weight = sum[b][0] * L::exp_of_nonpositive(largest[b][0] - reference);
          const Reals denominator = weight + L::exp_of_nonpositive(outside - reference);
          largest[b][0] = weight / L::larger(tiny, denominator);
          sum[b][0] = 1.0 / L::larger(tiny, sum[b][0]);
        }
      }

      std::size_t i = 0;
      for (std::size_t g = 0; g < nests; ++g) {
        for (; i < nest_ends[g]; ++i) {
          const std::size_t at = places[i].position;
          const std::size_t first = block * products_ * kLanes + lane + places[i].product;
          Reals sales_sum = L::load(sales + at + lane);
          Reals own_sum = L::load(own + at + lane);
          for (std::size_t b = 0; b < tile; ++b) {
            const std::size_t in_tile = at * kTile + b * kLanes;
            const std::size_t from = first + b * products_ * kLanes;
            const Reals in_nest = L::load(exponentials + in_tile) * sum[b][g];
            const Reals probability = in_nest * largest[b][g];
            const Reals slope = L::load(slope_.data() + from);
            const Reals units = L::load(units_.data() + from) * probability;
            sales_sum += units;
            own_sum += units * slope;
            L::store(exponentials + in_tile, units);
            L::store(other_nest + in_tile, slope * probability);
            L::store(same_nest + in_tile, slope * (within_nest * in_nest + probability));
          }
          L::store(sales + at + lane, sales_sum);
          L::store(own + at + lane, own_sum);
        }
      }
      for (std::size_t p = 0; p < pairs; ++p) {
        const std::size_t k = pair[p].k;
        const std::size_t j = pair[p].j;
        const double* const effect =
            (nest[k] == nest[j] ? same_nest : other_nest) + j * kTile * kLanes;
        const double* const units = exponentials + k * kTile * kLanes;
        Reals cross_sum = L::load(cross + p * kLanes + lane);
        for (std::size_t b = 0; b < tile; ++b) {
          cross_sum += L::load(units + b * kLanes) * L::load(effect + b * kLanes);
        }
        L::store(cross + p * kLanes + lane, cross_sum);
      }
    }
    block += tile;
  }
}

template <int Width>
inline void DemandSystem::perform(Task task, DemandWorkspace& workspace) const {
  if (task == Task::kRest) {
    accumulate_rest<Width>(workspace);
  } else {
    accumulate<Width>(workspace);
  }
}

TOLLGATE_FOR_AVX2 void DemandSystem::perform_4(Task task, DemandWorkspace& workspace) const {
  perform<4>(task, workspace);
}

TOLLGATE_FOR_AVX512 void DemandSystem::perform_8(Task task, DemandWorkspace& workspace) const {
  perform<8>(task, workspace);
}

void DemandSystem::run(Task task, DemandWorkspace& workspace) const {
  // Each place gets its price, so that the loops read one table.
  const std::size_t places = segments() * workspace.active.size();
  for (std::size_t i = 0; i < places; ++i) {
    DemandWorkspace::Place& place = workspace.by_nest[i];
    place.transformed_price = workspace.transformed_price[place.position / kLanes];
  }
  switch (workspace.width) {
    case VectorWidth::k8:
      return perform_8(task, workspace);
    case VectorWidth::k4:
      return perform_4(task, workspace);
    case VectorWidth::k2:
      return perform<2>(task, workspace);
  }
}

}  // namespace tollgate
