/// A supplier of wafers, packaging or memory as the scenario describes it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/market/ids.hpp"

namespace tollgate {

enum class SupplierKind : unsigned char { kFoundry, kPackaging, kMemory };

inline constexpr std::array<std::string_view, 3> kSupplierKindNames = {"foundry", "packaging",
                                                                       "memory"};

struct CapacityPoint {
  SimTime date;
  double per_month = 0;
};

/// Its units are wafers (foundry), packaging units (packaging) or stacks (memory).
struct SupplierSpec {
  std::string id;
  std::string name;
  SupplierKind kind = SupplierKind::kFoundry;
  RegionId headquarters;
  double capacity_per_month = 0;             ///< at the start, for the chips modelled
  std::vector<CapacityPoint> capacity_path;  ///< later capacities, by date
  double capacity_growth = 1;                ///< factor per year, after the path
  double capacity_scale = 1;                 ///< on all of them
  double initial_stock = 0;                  ///< in store at the start; it runs out
  /// Vendor who holds the store: what it has not used is kept for it alone, and a rule that cuts
  /// the supplier off stops what comes in, not what lies there. None: the store is the supplier's.
  VendorId stock_holder;
  double frozen_days = 0;  ///< foundry: orders cannot be taken back for this long before they begin
  double yield_initial = 1;            ///< foundry: share of good candidates at the start
  double yield_max = 1;                ///< foundry: share in the long run
  double yield_learning_wafers = 1e6;  ///< wafers over which the gap to yield_max falls by 1/e
};

}  // namespace tollgate
