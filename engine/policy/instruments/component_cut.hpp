#pragma once

#include <algorithm>
#include <vector>

#include "engine/policy/instruments/instrument_kind.hpp"
#include "engine/policy/targets.hpp"

namespace tollgate {

/// Suppliers may not serve vendors.
struct ComponentCut {
  std::vector<SupplierId> suppliers;

  static constexpr std::string_view kName = "component_cut";
  static constexpr std::string_view kSentence = "Suppliers may not serve the vendors.";
  static constexpr Scope kScope = Scope::kSupply;

  [[nodiscard]] bool cuts(const Targets& targets, SupplierId supplier, VendorId vendor,
                          RegionId vendor_headquarters) const {
    return std::ranges::find(suppliers, supplier) != suppliers.end() &&
           targets.contain_vendor(vendor, vendor_headquarters);
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.references("suppliers", &ComponentCut::suppliers,
                    "Suppliers that may not serve the vendors.")
        .required();
  }
};

}  // namespace tollgate
