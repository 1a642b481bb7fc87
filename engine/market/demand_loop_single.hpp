/// The loops of DemandSystem over buyer types in single precision. For demand_loops.cpp only.
#pragma once

#include <numbers>

#include "engine/kernel/lanes.hpp"
#include "engine/market/demand_loop_double.hpp"
#include "engine/market/demand_loop_sums.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

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
      if (in_block == 0 && block + 1 < blocks()) {
        // Cells are read nest by nest, which is no order that the machine foresees.
        const std::size_t next = (block + 1) * products_ * kLanes;
        for (std::size_t j = 0; j < products_ * kLanes; j += kLanes) {
          __builtin_prefetch(&attraction_[next + j]);
          __builtin_prefetch(&slope_[next + j]);
          __builtin_prefetch(&units_[next + j]);
        }
      }
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
/// What `add_blocks` does, for pairs of blocks and on what `round_to_single` has left: no search
/// for the largest utility, as differences to the best option stay small when prices do not move
/// far.
template <int Width, std::size_t Blocks>
inline void DemandSystem::add_blocks_single(DemandWorkspace& workspace, std::size_t block) const {
  using L = SingleLanes<Width>;
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t nests = nests_;
  const bool has_similarity = nest_scale_ != 1;
  const Reals scale = L::all(static_cast<float>(nest_scale_));
  const Reals within_nest = L::all(static_cast<float>(1 - nest_scale_));
  const Reals tiny = L::all(1e-37F);
  DemandWorkspace::Single& single = workspace.single;
  const std::size_t segment = segment_of_block_[single.first_block[block]];
  const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
  const float* const distance = single.distance.data() + segment * n;
  constexpr std::size_t kStride = Blocks * static_cast<std::size_t>(Width);
  float* const exponentials = single.scratch.data();
  for (std::size_t lane = 0; lane < kSingleLanes; lane += Width) {
    const std::size_t cells = block * n * kSingleLanes + lane;
    const float* const utility = single.utility.data() + cells;
    const float* const slopes = single.slope.data() + cells;
    const std::size_t at_nest = block * nests * kSingleLanes + lane;
    Reals sum[Blocks][kMaxNests];
    NestFactors<L, Blocks> factors;
    std::size_t i = 0;
    for (std::size_t g = 0; g < nests; ++g) {
      Reals total[Blocks];
      for (std::size_t b = 0; b < Blocks; ++b) {
        total[b] = L::load(single.rest.data() + at_nest + (b * nests + g) * kSingleLanes);
      }
      for (; i < nest_ends[g]; ++i) {
        for (std::size_t b = 0; b < Blocks; ++b) {
          const std::size_t at = (b * n + i) * kSingleLanes;
          const Reals e =
              L::rough_power_of_two(L::load(utility + at) - L::load(slopes + at) * distance[i]);
          L::store(exponentials + i * kStride + b * Width, e);
          total[b] += e;
        }
      }
      for (std::size_t b = 0; b < Blocks; ++b) sum[b][g] = L::larger(tiny, total[b]);
    }
    // Long chains of dependent operations: side by side for the blocks.
    for (std::size_t b = 0; b < Blocks; ++b) {
      Reals weight[kMaxNests];
      Reals denominator = L::load(single.outside.data() + (block + b) * kSingleLanes + lane);
      for (std::size_t g = 0; g < nests; ++g) {
        const Reals above = L::load(single.base.data() + at_nest + (b * nests + g) * kSingleLanes);
        weight[g] = has_similarity ? L::power_of_two(above + scale * L::log2_of_positive(sum[b][g]))
                                   : sum[b][g] * above;
        denominator += weight[g];
      }
      const Reals inverse_denominator = 1.0F / L::larger(tiny, denominator);
      for (std::size_t g = 0; g < nests; ++g) {
        const Reals inverse = 1.0F / sum[b][g];
        const Reals probability = weight[g] * inverse_denominator;
        factors.inverse[b][g] = inverse;
        factors.share[b][g] = inverse * probability;
        factors.other[b][g] = scale * factors.share[b][g];
        factors.same[b][g] = inverse * (within_nest + scale * probability);
      }
    }

    const auto in_tile = [](std::size_t place) { return place * kStride; };
    const auto in_order = [](std::size_t place) { return place * kSingleLanes; };
    const TileView all{static_cast<const float*>(exponentials), in_tile, std::size_t{Width}};
    const TileView slope_view{slopes, in_order, n * kSingleLanes};
    const float* const units = single.units.data() + cells;
    float* const sums = single.lane_sums.data() + lane;
    add_tile<Width, kSingleLanes, Blocks, L>(workspace, segment, nests, factors, all, slope_view,
                                             units, exponentials + n * kStride, sums);
    if (workspace.wants_curvature) {
      add_curvature<Width, kSingleLanes, Blocks, L>(workspace, segment, nests, factors, all,
                                                    slope_view, units, 1.0F,
                                                    static_cast<float>(1 - nest_scale_), sums);
    }
  }
}

}  // namespace tollgate
