#pragma once

#include <algorithm>
#include <vector>

#include "engine/market/ids.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Controls on materials (gallium, germanium, rare earths) that the suppliers need: they make less.
struct CounterControl {
  std::vector<SupplierId> suppliers;
  double capacity_factor = 1;

  static constexpr std::string_view kName = "counter_control";
  static constexpr std::string_view kSentence =
      "Export controls on materials: the suppliers named make less. Factors of several multiply.";
  static constexpr Scope kScope = Scope::kRules;

  [[nodiscard]] double supply_factor(SupplierId supplier) const {
    return std::ranges::find(suppliers, supplier) != suppliers.end() ? capacity_factor : 1;
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.references("suppliers", &CounterControl::suppliers, "Suppliers that need the material.")
        .required();
    keys.number("capacity_factor", &CounterControl::capacity_factor, "1", {0, 1},
                "Share of their capacity that is left.")
        .required();
  }
};

}  // namespace tollgate
