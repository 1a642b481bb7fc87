// The loops of DemandSystem over buyer types, written once and compiled for each vector width.
#include <cstddef>

#include "engine/kernel/lanes.hpp"
#include "engine/market/demand_loop_double.hpp"
#include "engine/market/demand_loop_single.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

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
/// Goes through the blocks in tiles: blocks of one segment that are done together, so that their
/// sums stay in registers and their chains of operations run side by side.
template <int Width>
inline void DemandSystem::add_all(Task task, DemandWorkspace& workspace) const {
  static_assert(kTile == 4);
  const bool is_single = task == Task::kSingle;
  const auto& first_block = workspace.single.first_block;
  const std::size_t end = is_single ? first_block.size() : blocks();
  const auto segment_of = [&](std::size_t block) {
    return segment_of_block_[is_single ? first_block[block] : block];
  };
  for (std::size_t block = 0; block < end;) {
    std::size_t tile = 1;
    while (tile < kTile && block + tile < end && segment_of(block + tile) == segment_of(block)) {
      ++tile;
    }
    switch (tile) {
      case 4:
        add_tile_of<Width, 4>(task, workspace, block);
        break;
      case 3:
        add_tile_of<Width, 3>(task, workspace, block);
        break;
      case 2:
        add_tile_of<Width, 2>(task, workspace, block);
        break;
      default:
        add_tile_of<Width, 1>(task, workspace, block);
        break;
    }
    block += tile;
  }
}

template <int Width, std::size_t Blocks>
inline void DemandSystem::add_tile_of(Task task, DemandWorkspace& workspace,
                                      std::size_t block) const {
  if (task == Task::kSingle) return add_blocks_single<2 * Width, Blocks>(workspace, block);
  if (task == Task::kNearby) return add_blocks_nearby<Width, Blocks>(workspace, block);
  add_blocks<Width, Blocks>(workspace, block);
}

template <int Width>
inline void DemandSystem::perform(Task task, DemandWorkspace& workspace) const {
  switch (task) {
    case Task::kTransform:
      return transform_prices<Width>(workspace);
    case Task::kRest:
      return accumulate_rest<Width>(workspace);
    case Task::kPrepareSingle:
      return round_to_single<Width>(workspace);
    case Task::kEvaluate:
    case Task::kNearby:
    case Task::kSingle:
      return add_all<Width>(task, workspace);
  }
}

TOLLGATE_FOR_AVX2 void DemandSystem::perform_4(Task task, DemandWorkspace& workspace) const {
  perform<4>(task, workspace);
}

TOLLGATE_FOR_AVX512 void DemandSystem::perform_8(Task task, DemandWorkspace& workspace) const {
  perform<8>(task, workspace);
}

void DemandSystem::run(Task task, DemandWorkspace& workspace) const {
  if (task == Task::kRest || task == Task::kEvaluate || task == Task::kPrepareSingle) {
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
