/// From exponentials to sums over buyer types: the part that the loops of DemandSystem share.
///
/// Include it in demand_loops.cpp only, which is compiled with -Wno-psabi.
#pragma once

#include <cstddef>

#include "engine/market/demand_system.hpp"

namespace tollgate {

/// What nest g of block b does to the exponentials e of its products: P = e * share, and the
/// derivatives' (1/t - 1) P|g [same nest] + P is e * same or e * other, up to a constant.
template <class L, std::size_t Blocks>
struct NestFactors {
  typename L::Reals share[Blocks][DemandSystem::kMaxNests];
  typename L::Reals same[Blocks][DemandSystem::kMaxNests];
  typename L::Reals other[Blocks][DemandSystem::kMaxNests];
  typename L::Reals inverse[Blocks][DemandSystem::kMaxNests];  // P|g = e * inverse
};

/// Numbers of a tile: that of place i in block b is at `first + offset(i) + b * block_stride`.
template <class Real, class Offset>
struct TileView {
  const Real* first;
  Offset offset;
  std::size_t block_stride;

  [[nodiscard]] [[gnu::always_inline]] const Real* at(std::size_t place) const {
    return first + offset(place);
  }
};
template <class Real, class Offset>
TileView(const Real*, Offset, std::size_t) -> TileView<Real, Offset>;

/// Adds the tile's units * P, units * P * slope, and the same by pair, to `sums`, in which a result
/// has `LaneCount` numbers; `sums` begins at the lane in question. The sum over the blocks of a
/// tile stays in registers. Its order is that of the blocks, whatever the tiles.
template <int Width, std::size_t LaneCount, std::size_t Blocks, class L, class Real,
          class ExponentialOffset, class CellOffset>
[[gnu::always_inline]] inline void add_tile(const DemandWorkspace& workspace, std::size_t segment,
                                            std::size_t nests,
                                            const NestFactors<L, Blocks>& factors,
                                            TileView<Real, ExponentialOffset> exponentials,
                                            TileView<Real, CellOffset> slopes, const Real* units_of,
                                            Real* scratch, Real* sums) {
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const std::size_t pairs = workspace.pairs.size();
  const bool has_others = pairs > workspace.own_pair.size();
  const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
  const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
  const std::uint8_t* const nest = workspace.nest_of_active.data() + segment * n;
  Real* const own = sums + n * LaneCount;
  Real* const cross = own + n * LaneCount;
  constexpr std::size_t kStride = Blocks * static_cast<std::size_t>(Width);
  Real* const sold = scratch;                  // by position, block: units * P
  Real* const steepness = sold + n * kStride;  // slope * e
  std::size_t i = 0;
  for (std::size_t g = 0; g < nests; ++g) {
    for (; i < nest_ends[g]; ++i) {
      const std::size_t a = places[i].position / DemandSystem::kLanes;
      const Real* const exponential = exponentials.at(i);
      const Real* const slope_of = slopes.at(i);
      const Real* const units_at = units_of + (slope_of - slopes.first);
      Real* const own_cross =
          pairs > 0 ? cross + workspace.own_pair[a] * LaneCount : own + a * LaneCount;
      Reals sales_sum = L::load(sums + a * LaneCount);
      Reals own_sum = L::load(own + a * LaneCount);
      Reals cross_sum = L::load(own_cross);
      for (std::size_t b = 0; b < Blocks; ++b) {
        const Reals e = L::load(exponential + b * exponentials.block_stride);
        const Reals slope = L::load(slope_of + b * slopes.block_stride);
        const Reals units = L::load(units_at + b * slopes.block_stride) * (e * factors.share[b][g]);
        const Reals steep = slope * e;
        sales_sum += units;
        own_sum += units * slope;
        cross_sum += units * (steep * factors.same[b][g]);
        if (has_others) {
          L::store(sold + a * kStride + b * Width, units);
          L::store(steepness + a * kStride + b * Width, steep);
        }
      }
      L::store(own_cross, cross_sum);  // without pairs overwritten by the next
      L::store(own + a * LaneCount, own_sum);
      L::store(sums + a * LaneCount, sales_sum);
    }
  }
  for (std::size_t p = 0; p < pairs && has_others; ++p) {
    const auto [k, j] = workspace.pairs[p];
    if (k == j) continue;
    const auto& factor = nest[k] == nest[j] ? factors.same : factors.other;
    const std::size_t g = nest[j];
    Reals sum = L::load(cross + p * LaneCount);
    for (std::size_t b = 0; b < Blocks; ++b) {
      sum += L::load(sold + k * kStride + b * Width) *
             (L::load(steepness + j * kStride + b * Width) * factor[b][g]);
    }
    L::store(cross + p * LaneCount, sum);
  }
}

/// Adds what the second derivatives of a product's demand by its own price need. `highest` is 1 / t
/// and `spread` (1/t - 1) / t, in the units of `factors`.
template <int Width, std::size_t LaneCount, std::size_t Blocks, class L, class Real,
          class ExponentialOffset, class CellOffset>
[[gnu::always_inline]] inline void add_curvature(const DemandWorkspace& workspace,
                                                 std::size_t segment, std::size_t nests,
                                                 const NestFactors<L, Blocks>& factors,
                                                 TileView<Real, ExponentialOffset> exponentials,
                                                 TileView<Real, CellOffset> slopes,
                                                 const Real* units_of, Real highest, Real spread,
                                                 Real* sums) {
  using Reals = typename L::Reals;
  const std::size_t n = workspace.active.size();
  const DemandWorkspace::Place* const places = workspace.by_nest.data() + segment * n;
  const std::uint32_t* const nest_ends = workspace.nest_ends.data() + segment * nests;
  Real* const own = sums + (2 * n + workspace.pairs.size()) * LaneCount;
  Real* const cross = own + n * LaneCount;
  std::size_t i = 0;
  for (std::size_t g = 0; g < nests; ++g) {
    for (; i < nest_ends[g]; ++i) {
      const std::size_t a = places[i].position / DemandSystem::kLanes;
      const Real* const exponential = exponentials.at(i);
      const Real* const slope_of = slopes.at(i);
      const Real* const units_at = units_of + (slope_of - slopes.first);
      Reals own_sum = L::load(own + a * LaneCount);
      Reals cross_sum = L::load(cross + a * LaneCount);
      for (std::size_t b = 0; b < Blocks; ++b) {
        const Reals e = L::load(exponential + b * exponentials.block_stride);
        const Reals slope = L::load(slope_of + b * slopes.block_stride);
        const Reals units = L::load(units_at + b * slopes.block_stride) * (e * factors.share[b][g]);
        const Reals steep_units = units * slope * slope;
        const Reals same = e * factors.same[b][g];
        const Reals in_nest = e * factors.inverse[b][g];
        const Reals rest = highest - same;
        own_sum += steep_units * rest;
        cross_sum += steep_units *
                     ((same + e * factors.other[b][g]) * rest + spread * (in_nest * (1 - in_nest)));
      }
      L::store(own + a * LaneCount, own_sum);
      L::store(cross + a * LaneCount, cross_sum);
    }
  }
}

}  // namespace tollgate
