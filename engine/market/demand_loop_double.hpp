/// The loops of DemandSystem over buyer types in double precision. For demand_loops.cpp only.
#pragma once

#include <limits>
#include <numbers>

#include "engine/kernel/lanes.hpp"
#include "engine/market/demand_loop_sums.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

// Utilities that stand for "nobody here", finite so that differences are never infinity minus
// infinity. An empty nest lies far below the lowest point of reference of a type.
inline constexpr double kEmptyNest = -1e300;
inline constexpr double kLowestReference = -1e290;

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
/// What `evaluate` does with blocks of one segment that lie one after another.
template <int Width, std::size_t Blocks>
inline void DemandSystem::add_blocks(DemandWorkspace& workspace, std::size_t block) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t nests = nests_;
  const bool has_rest = workspace.has_rest;
  const bool has_similarity = nest_scale_ != 1;
  const Reals scale = L::all(nest_scale_);
  const Reals to_powers = L::all(std::numbers::log2e / nest_scale_);
  const Reals within_nest = L::all(1 / nest_scale_) - 1.0;
  const Reals tiny = L::all(std::numeric_limits<double>::min());
  const std::size_t segment = segment_of_block_[block];
  const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
  const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
  DemandWorkspace::Nearby& nearby = workspace.nearby;
  for (std::size_t lane = 0; lane < kLanes; lane += Width) {
    const std::size_t cells = block * products_ * kLanes + lane;
    double* const exponentials = nearby.exponentials.data() + block * n * kLanes + lane;
    Reals largest[Blocks][kMaxNests];
    Reals sum[Blocks][kMaxNests];
    NestFactors<L, Blocks> factors;
    for (std::size_t b = 0; b < Blocks; ++b) {
      const double* const attraction = attraction_.data() + cells + b * products_ * kLanes;
      const double* const slopes = slope_.data() + cells + b * products_ * kLanes;
      const std::size_t at_nest = (block + b) * nests * kLanes + lane;
      const double* const rest_largest = workspace.rest_largest.data() + at_nest;
      const double* const rest_sum = workspace.rest_sum.data() + at_nest;
      double* const exponential = exponentials + b * n * kLanes;
      std::size_t i = 0;
      for (std::size_t g = 0; g < nests; ++g) {
        const std::size_t begin = i;
        Reals top = has_rest ? L::load(rest_largest + g * kLanes) : L::all(kEmptyNest);
        for (; i < nest_ends[g]; ++i) {
          const Reals v = L::load(attraction + places[i].product) -
                          L::load(slopes + places[i].product) * places[i].transformed_price;
          L::store(exponential + i * kLanes, v);
          top = L::larger(top, v);
        }
        Reals total = L::all(0);
        if (has_rest) {
          total = L::load(rest_sum + g * kLanes) *
                  L::power_of_two((L::load(rest_largest + g * kLanes) - top) * to_powers);
        }
        L::store(&nearby.rest[at_nest + g * kLanes], total);
        for (i = begin; i < nest_ends[g]; ++i) {
          double* const at = exponential + i * kLanes;
          const Reals e = L::power_of_two((L::load(at) - top) * to_powers);
          L::store(at, e);
          total += e;
        }
        largest[b][g] = top;
        sum[b][g] =
            L::larger(L::all(1), total);  // at least 1, but where there is nothing to choose
      }
    }

    // Long chains of dependent operations: side by side for the blocks.
    for (std::size_t b = 0; b < Blocks; ++b) {
      const Reals outside = L::load(&log_outside_[(block + b) * kLanes + lane]);
      Reals reference = L::larger(L::all(kLowestReference), outside);
      Reals weight[kMaxNests];  // inclusive value of the nest, then its exponential
      if (has_similarity) {
        for (std::size_t g = 0; g < nests; ++g) {
          weight[g] = largest[b][g] + scale * L::log_of_positive(sum[b][g]);
          reference = L::larger(reference, weight[g]);
        }
        for (std::size_t g = 0; g < nests; ++g) {
          weight[g] = L::exp_of_nonpositive(weight[g] - reference);
        }
      } else {
        // One nest with inclusive value largest + log(sum): no need to take the logarithm.
        reference = L::larger(reference, largest[b][0]);
        weight[0] = sum[b][0] * L::exp_of_nonpositive(largest[b][0] - reference);
      }
      const Reals outside_weight = L::exp_of_nonpositive(outside - reference);
      Reals denominator = outside_weight;
      for (std::size_t g = 0; g < nests; ++g) denominator += weight[g];
      const Reals inverse_denominator = 1.0 / L::larger(tiny, denominator);
      L::store(&nearby.outside[(block + b) * kLanes + lane], outside_weight);
      for (std::size_t g = 0; g < nests; ++g) {
        const std::size_t at_nest = ((block + b) * nests + g) * kLanes + lane;
        const Reals inverse = 1.0 / sum[b][g];
        const Reals probability = weight[g] * inverse_denominator;
        L::store(&nearby.inverse_sum[at_nest], inverse);
        L::store(&nearby.weight[at_nest], weight[g]);
        factors.inverse[b][g] = inverse;
        factors.share[b][g] = inverse * probability;
        factors.same[b][g] = inverse * (within_nest + probability);
        factors.other[b][g] = factors.share[b][g];
      }
    }

    const auto in_order = [](std::size_t i) { return i * kLanes; };
    const auto by_product = [places](std::size_t i) { return std::size_t{places[i].product}; };
    const TileView all{static_cast<const double*>(exponentials), in_order, n * kLanes};
    const TileView slopes{slope_.data() + cells, by_product, products_ * kLanes};
    const double* const units = units_.data() + cells;
    double* const sums = workspace.lane_sums.data() + lane;
    add_tile<Width, kLanes, Blocks, L>(workspace, segment, nests, factors, all, slopes, units,
                                       workspace.scratch.data(), sums);
    if (workspace.wants_curvature) {
      const double highest = 1 / nest_scale_;
      add_curvature<Width, kLanes, Blocks, L>(workspace, segment, nests, factors, all, slopes,
                                              units, highest, highest * (highest - 1), sums);
    }
  }
}

/// What `evaluate_nearby` does with them: exponentials and powers by the first terms of their
/// series about the prices of the last `evaluate`.
template <int Width, std::size_t Blocks>
inline void DemandSystem::add_blocks_nearby(DemandWorkspace& workspace, std::size_t block) const {
  using L = Lanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t nests = nests_;
  const Reals within_nest = L::all(1 / nest_scale_) - 1.0;
  const Reals tiny = L::all(std::numeric_limits<double>::min());
  // (1 + y)^t: binomial coefficients.
  const double t = nest_scale_;
  const double t2 = t * (t - 1) / 2;
  const double t3 = t2 * (t - 2) / 3;
  const double t4 = t3 * (t - 3) / 4;
  const double t5 = t4 * (t - 4) / 5;
  const std::size_t segment = segment_of_block_[block];
  const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
  const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
  DemandWorkspace::Nearby& nearby = workspace.nearby;
  constexpr std::size_t kStride = Blocks * static_cast<std::size_t>(Width);
  double* const now = workspace.scratch.data();
  for (std::size_t lane = 0; lane < kLanes; lane += Width) {
    const std::size_t cells = block * products_ * kLanes + lane;
    const double* const exponentials = nearby.exponentials.data() + block * n * kLanes + lane;
    const double* const slopes = slope_.data() + cells;
    const std::size_t at_nest = block * nests * kLanes + lane;
    Reals sum[Blocks][kMaxNests];
    NestFactors<L, Blocks> factors;
    std::size_t i = 0;
    for (std::size_t g = 0; g < nests; ++g) {
      Reals total[Blocks];
      for (std::size_t b = 0; b < Blocks; ++b) {
        total[b] = L::load(&nearby.rest[at_nest + (b * nests + g) * kLanes]);
      }
      for (; i < nest_ends[g]; ++i) {
        const double step = nearby.step[places[i].position / kLanes];
        for (std::size_t b = 0; b < Blocks; ++b) {
          const Reals x = L::load(slopes + places[i].product + b * products_ * kLanes) * step;
          const Reals z = x * x;
          const Reals high = 1.0 / 24 + x * (1.0 / 120);
          const Reals low = 1.0 / 2 + x * (1.0 / 6);
          const Reals grown = 1.0 + (x + z * (low + z * high));
          const Reals e = L::load(exponentials + i * kLanes + b * n * kLanes) * grown;
          L::store(now + i * kStride + b * Width, e);
          total[b] += e;
        }
      }
      for (std::size_t b = 0; b < Blocks; ++b) sum[b][g] = total[b];
    }
    for (std::size_t b = 0; b < Blocks; ++b) {
      Reals weight[kMaxNests];
      Reals denominator = L::load(&nearby.outside[(block + b) * kLanes + lane]);
      for (std::size_t g = 0; g < nests; ++g) {
        const std::size_t at = at_nest + (b * nests + g) * kLanes;
        const Reals y = sum[b][g] * L::load(&nearby.inverse_sum[at]) - 1.0;
        const Reals power = 1.0 + y * (t + y * (t2 + y * (t3 + y * (t4 + y * t5))));
        weight[g] = L::load(&nearby.weight[at]) * power;
        denominator += weight[g];
      }
      const Reals inverse_denominator = 1.0 / L::larger(tiny, denominator);
      for (std::size_t g = 0; g < nests; ++g) {
        const Reals inverse = 1.0 / L::larger(L::all(0.5), sum[b][g]);
        const Reals probability = weight[g] * inverse_denominator;
        factors.inverse[b][g] = inverse;
        factors.share[b][g] = inverse * probability;
        factors.same[b][g] = inverse * (within_nest + probability);
        factors.other[b][g] = factors.share[b][g];
      }
    }

    const auto in_tile = [](std::size_t place) { return place * kStride; };
    const auto by_product = [places](std::size_t place) {
      return std::size_t{places[place].product};
    };
    add_tile<Width, kLanes, Blocks, L, double>(
        workspace, segment, nests, factors,
        TileView{static_cast<const double*>(now), in_tile, std::size_t{Width}},
        TileView{slopes, by_product, products_ * kLanes}, units_.data() + cells, now + n * kStride,
        workspace.lane_sums.data() + lane);
  }
}

}  // namespace tollgate
