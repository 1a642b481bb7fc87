/// A chip as the scenario describes it: what it can do, what rules look at, what it costs.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/market/ids.hpp"

namespace tollgate {

/// Launch of a chip that nobody expects yet: in the 24th century. Not the end of the run, which
/// must not change what comes before it.
inline constexpr SimTime kNoDateYet{226'000'000};

struct ChipSpec {
  std::string id;
  std::string name;
  VendorId vendor;
  SimTime launch;                    ///< first orders
  std::optional<SimTime> withdrawn;  ///< no new orders from here on
  std::vector<RegionId> markets;     ///< regions in which the vendor offers it

  // Its place on the roadmap.
  ChipId successor_of;          ///< developed after that one: launched as research allows
  double node_delay_years = 0;  ///< after the start, until its process node is there
  ChipId redesign_of;           ///< scaled from that one so that no rule catches it

  // Capability: dense FP16 and memory bandwidth decide what it is worth.
  double fp16_tflops = 0;
  double dram_bandwidth_tbs = 0;
  double dram_gb = 0;
  // What export rules look at besides.
  double tpp = 0;  ///< total processing performance: bits x dense TOPS, largest over formats
  double performance_density = 0;  ///< TPP / die area in mm2
  double io_bandwidth_gbs = 0;     ///< chip-to-chip, both directions

  double price_usd = 0;      ///< list price at the scenario's start (or at launch)
  double unit_cost_usd = 0;  ///< cost of goods sold, per chip

  // Production.
  std::vector<SupplierId> foundries;  ///< who may make its wafers, first choice first
  double chips_per_wafer = 0;         ///< candidates per wafer before yield
  std::vector<SupplierId> packaging;  ///< who may package it, first choice first; none: no limit
  double packaging_units = 0;         ///< units of `packaging` per chip
  std::vector<SupplierId>
      memory;                 ///< who may supply its stacks, first choice first; none: no limit
  double memory_stacks = 0;   ///< stacks of `memory` per chip
  double lead_time_days = 0;  ///< from allocation of capacity to stock
  double initial_stock = 0;   ///< finished chips at the start, units
  double initial_pipeline =
      0;  ///< chips in production at the start, spread evenly over the lead time, units
  double launch_orders_per_month = 0;  ///< what its vendor expects for a launch during the run
};

/// Whether its vendor offers it at the region.
inline bool is_market(const ChipSpec& chip, RegionId region) {
  return std::ranges::find(chip.markets, region) != chip.markets.end();
}

/// Whether vendors take orders for it.
inline bool is_on_sale(const ChipSpec& chip, SimTime now) {
  return chip.launch <= now && (!chip.withdrawn || now < *chip.withdrawn);
}

}  // namespace tollgate
