// The loops of DemandSystem over buyer types, for each vector width.
#include <algorithm>
#include <limits>
#include <numbers>

#include "engine/kernel/lanes.hpp"
#include "engine/kernel/vector_width.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {
namespace {

// Utilities that stand for "nobody here", finite so that differences are never infinity minus
// infinity. An empty nest lies far below the lowest point of reference of a type.
constexpr double kEmptyNest = -1e300;
constexpr double kLowestReference = -1e290;

}  // namespace

/// Largest utility and scaled sum of the selected products in each nest, as `accumulate` starts
/// from them.
template <int Width>
inline void DemandSystem::accumulate_rest(DemandWorkspace& workspace) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const Reals to_powers = L::all(std::numbers::log2e / nest_scale_);
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
          sum += L::power_of_two((L::load(utilities + i * kLanes) - largest) * to_powers);
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
  const Reals to_powers = L::all(std::numbers::log2e / nest_scale_);
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
            total = L::load(rest_sum + g * kLanes) *
                    L::power_of_two((L::load(rest_largest + g * kLanes) - top) * to_powers);
          }
          for (; i < nest_ends[g]; ++i) {
            double* const at = exponential + places[i].position * kTile;
            const Reals e = L::power_of_two((L::load(at) - top) * to_powers);
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

/// Box-Cox transforms and their slopes, by x^lambda = exp(lambda log x).
template <int Width>
inline void DemandSystem::transform_prices(DemandWorkspace& workspace) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const Reals one = L::all(1);
  for (std::size_t a = 0; a < workspace.active.size(); a += Width) {
    const Reals price = L::load(&workspace.price[a]);
    const Reals exponent = curvature_ * L::log_of_positive(price);
    const Reals small = L::exp_of_nonpositive(exponent > 0 ? -exponent : exponent);
    const Reals power = exponent > 0 ? one / small : small;
    L::store(&workspace.transformed_price[a], (power - 1.0) * (1 / curvature_));
    L::store(&workspace.transform_slope[a], power / price);
  }
}

/// Utilities relative to the best of their nest and type at the prices given, rounded to float.
template <int Width>
inline void DemandSystem::round_to_single(DemandWorkspace& workspace) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  DemandWorkspace::Single& single = workspace.single;
  const bool has_similarity = nest_scale_ != 1;
  const Reals inverse_scale = L::all(1 / nest_scale_);
  const Reals log2e = L::all(std::numbers::log2e);
  const Reals to_powers = inverse_scale * std::numbers::log2e;
  for (std::size_t pair = 0; pair < single.first_block.size(); ++pair) {
    const std::size_t first_block = single.first_block[pair];
    const std::size_t segment = segment_of_block_[first_block];
    const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
    const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests_;
    for (std::size_t lane = 0; lane < kSingleLanes; lane += Width) {
      float* const utility = single.utility.data() + pair * n * kSingleLanes + lane;
      float* const slope = single.slope.data() + pair * n * kSingleLanes + lane;
      float* const units = single.units.data() + pair * n * kSingleLanes + lane;
      float* const base = single.base.data() + pair * nests_ * kSingleLanes + lane;
      float* const rest = single.rest.data() + pair * nests_ * kSingleLanes + lane;
      float* const outside_to = single.outside.data() + pair * kSingleLanes + lane;
      const std::size_t block = first_block + lane / kLanes;
      const std::size_t in_block = lane % kLanes;
      if (block == blocks() || segment_of_block_[block] != segment) {  // nobody: an odd block
        for (std::size_t i = 0; i < n * kSingleLanes; i += kSingleLanes) {
          L::store_single(utility + i, L::all(-1e30));
          L::store_single(slope + i, L::all(0));
          L::store_single(units + i, L::all(0));
        }
        for (std::size_t g = 0; g < nests_ * kSingleLanes; g += kSingleLanes) {
          L::store_single(base + g, L::all(0));
          L::store_single(rest + g, L::all(0));
        }
        L::store_single(outside_to, L::all(1));
        continue;
      }
      const std::size_t first = block * products_ * kLanes + in_block;
      const std::size_t from_rest = block * nests_ * kLanes + in_block;
      const Reals outside = L::load(&log_outside_[block * kLanes + in_block]);
      Reals reference = L::larger(L::all(kLowestReference), outside);
      Reals largest[kMaxNests];
      std::size_t i = 0;
      for (std::size_t g = 0; g < nests_; ++g) {
        const std::size_t begin = i;
        Reals top = workspace.has_rest ? L::load(&workspace.rest_largest[from_rest + g * kLanes])
                                       : L::all(kEmptyNest);
        for (; i < nest_ends[g]; ++i) {
          const std::size_t at = first + places[i].product;
          top = L::larger(
              top, L::load(&attraction_[at]) - L::load(&slope_[at]) * places[i].transformed_price);
        }
        for (i = begin; i < nest_ends[g]; ++i) {
          const std::size_t at = first + places[i].product;
          const Reals s = L::load(&slope_[at]);
          const Reals v = L::load(&attraction_[at]) - s * places[i].transformed_price;
          L::store_single(utility + i * kSingleLanes, (v - top) * to_powers);
          L::store_single(slope + i * kSingleLanes, s * to_powers);
          L::store_single(units + i * kSingleLanes, L::load(&units_[at]));
        }
        largest[g] = top;
        reference = L::larger(reference, top);
      }
      for (std::size_t g = 0; g < nests_; ++g) {
        const Reals above = largest[g] - reference;
        L::store_single(base + g * kSingleLanes, has_similarity
                                                     ? L::larger(L::all(-1e30), above * log2e)
                                                     : L::exp_of_nonpositive(above));
        Reals folded = L::all(0);
        if (workspace.has_rest) {
          const std::size_t at = from_rest + g * kLanes;
          folded = L::load(&workspace.rest_sum[at]) *
                   L::exp_of_nonpositive((L::load(&workspace.rest_largest[at]) - largest[g]) *
                                         inverse_scale);
        }
        L::store_single(rest + g * kSingleLanes, folded);
      }
      L::store_single(outside_to, L::exp_of_nonpositive(outside - reference));
    }
  }
}

/// What `accumulate` does, on what `round_to_single` has left: no search for the largest utility,
/// as differences to the best option stay small when prices do not move far.
template <int Width>
inline void DemandSystem::accumulate_single(DemandWorkspace& workspace) const {
  using L = SingleLanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t nests = nests_;
  const std::size_t pairs = workspace.pairs.size();
  const bool has_similarity = nest_scale_ != 1;
  const Reals scale = L::all(static_cast<float>(nest_scale_));
  const Reals within_nest = L::all(static_cast<float>(1 - nest_scale_));
  const Reals tiny = L::all(1e-37F);
  DemandWorkspace::Single& single = workspace.single;
  float* const exponentials = single.scratch.data();       // by place
  float* const sold = exponentials + n * kSingleLanes;     // by position: units * P
  float* const same_nest = sold + n * kSingleLanes;        // slope * ((1 - t) P|g + t P)
  float* const other_nest = same_nest + n * kSingleLanes;  // slope * t P
  float* const sales = single.lane_sums.data();
  float* const own = sales + n * kSingleLanes;
  float* const cross = own + n * kSingleLanes;
  const bool has_others = pairs > workspace.own_pair.size();
  for (std::size_t block = 0; block < single.first_block.size(); ++block) {
    const std::size_t segment = segment_of_block_[single.first_block[block]];
    const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
    const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
    const std::uint8_t* const nest = workspace.nest_of_active.data() + segment * n;
    const float* const distance = single.distance.data() + segment * n;
    for (std::size_t lane = 0; lane < kSingleLanes; lane += Width) {
      const std::size_t first = block * n * kSingleLanes + lane;
      const float* const utility = single.utility.data() + first;
      const float* const slopes = single.slope.data() + first;
      const float* const units_of = single.units.data() + first;
      const float* const base = single.base.data() + block * nests * kSingleLanes + lane;
      const float* const rest = single.rest.data() + block * nests * kSingleLanes + lane;
      Reals share[kMaxNests];    // of the nest: its weight, then its probability
      Reals inverse[kMaxNests];  // of the sum over the nest
      Reals denominator = L::load(single.outside.data() + block * kSingleLanes + lane);
      std::size_t i = 0;
      for (std::size_t g = 0; g < nests; ++g) {
        Reals sum = L::load(rest + g * kSingleLanes);
        for (; i < nest_ends[g]; ++i) {
          const Reals e = L::power_of_two(L::load(utility + i * kSingleLanes) -
                                          L::load(slopes + i * kSingleLanes) * distance[i]);
          L::store(exponentials + i * kSingleLanes, e);
          sum += e;
        }
        sum = L::larger(tiny, sum);
        const Reals above = L::load(base + g * kSingleLanes);
        share[g] = has_similarity ? L::power_of_two(above + scale * L::log2_of_positive(sum))
                                  : sum * above;
        denominator += share[g];
        inverse[g] = 1.0F / sum;
      }
      const Reals inverse_denominator = 1.0F / L::larger(tiny, denominator);
      i = 0;
      for (std::size_t g = 0; g < nests; ++g) {
        const Reals nest_share = share[g] * inverse_denominator;
        for (; i < nest_ends[g]; ++i) {
          const std::size_t a = places[i].position / kLanes;
          const std::size_t at = a * kSingleLanes + lane;
          const Reals in_nest = L::load(exponentials + i * kSingleLanes) * inverse[g];
          const Reals probability = in_nest * nest_share;
          const Reals slope = L::load(slopes + i * kSingleLanes);
          const Reals units = L::load(units_of + i * kSingleLanes) * probability;
          const Reals elsewhere = slope * (scale * probability);
          const Reals here = slope * (within_nest * in_nest) + elsewhere;
          L::store(sales + at, L::load(sales + at) + units);
          L::store(own + at, L::load(own + at) + units * slope);
          if (pairs > 0) {
            float* const to = cross + workspace.own_pair[a] * kSingleLanes + lane;
            L::store(to, L::load(to) + units * here);
          }
          if (has_others) {
            L::store(sold + a * kSingleLanes, units);
            L::store(same_nest + a * kSingleLanes, here);
            L::store(other_nest + a * kSingleLanes, elsewhere);
          }
        }
      }
      if (!has_others) continue;
      for (std::size_t p = 0; p < pairs; ++p) {
        const auto [k, j] = workspace.pairs[p];
        if (k == j) continue;
        const float* const effect =
            (nest[k] == nest[j] ? same_nest : other_nest) + j * kSingleLanes;
        float* const to = cross + p * kSingleLanes + lane;
        L::store(to, L::load(to) + L::load(sold + k * kSingleLanes) * L::load(effect));
      }
    }
  }
}

template <int Width>
inline void DemandSystem::perform(Task task, DemandWorkspace& workspace) const {
  switch (task) {
    case Task::kTransform:
      return transform_prices<Width>(workspace);
    case Task::kRest:
      return accumulate_rest<Width>(workspace);
    case Task::kEvaluate:
      return accumulate<Width>(workspace);
    case Task::kPrepareSingle:
      return round_to_single<Width>(workspace);
    case Task::kSingle:
      return accumulate_single<2 * Width>(workspace);
  }
}

TOLLGATE_FOR_AVX2 void DemandSystem::perform_4(Task task, DemandWorkspace& workspace) const {
  perform<4>(task, workspace);
}

TOLLGATE_FOR_AVX512 void DemandSystem::perform_8(Task task, DemandWorkspace& workspace) const {
  perform<8>(task, workspace);
}

void DemandSystem::run(Task task, DemandWorkspace& workspace) const {
  if (task != Task::kTransform && task != Task::kSingle) {
    // Each place gets its price, so that the loops read one table.
    const std::size_t places = segments() * workspace.active.size();
    for (std::size_t i = 0; i < places; ++i) {
      DemandWorkspace::Place& place = workspace.by_nest[i];
      place.transformed_price = workspace.transformed_price[place.position / kLanes];
    }
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
