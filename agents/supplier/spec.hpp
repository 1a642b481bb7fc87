/// A supplier of wafers or memory as the scenario describes it.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/ids.hpp"

namespace tollgate {

enum class SupplierKind : unsigned char { kFoundry, kMemory };

inline constexpr std::array<std::string_view, 2> kSupplierKindNames = {"foundry", "memory"};

struct SupplierSpec {
  std::string id;
  std::string name;
  SupplierKind kind = SupplierKind::kFoundry;
  RegionId headquarters;
  double capacity_per_month = 0;  ///< wafers (foundry) or stacks (memory) for the chips modelled
  double capacity_growth = 1;     ///< factor per year
  double initial_stock = 0;       ///< memory: stacks in store at the start; they run out
  double yield_initial = 1;       ///< foundry: share of good candidates at the start
  double yield_max = 1;           ///< foundry: share in the long run
  double yield_learning_wafers = 1e6;  ///< wafers over which the gap to yield_max falls by 1/e
};

}  // namespace tollgate
