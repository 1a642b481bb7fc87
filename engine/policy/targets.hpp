/// Whom and what a rule touches.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/market/ids.hpp"
#include "engine/policy/chip_bounds.hpp"

namespace tollgate {

/// A rule touches what every list that is not empty contains, if the chip is within the bounds and,
/// where there are windows, within one of them.
struct Targets : ChipBounds {
  std::vector<VendorId> vendors;
  std::vector<ChipId> chips;
  std::vector<RegionId> destinations;  ///< site of the buyer
  std::vector<RegionId> headquarters;  ///< headquarters of the buyer
  std::vector<RegionId> vendor_headquarters;
  std::vector<BuyerId> buyers;
  std::vector<std::string> customer_classes;  ///< names of CustomerClass
  std::vector<ChipWindow> windows;

  template <class T>
  [[nodiscard]] static bool contains_or_all(const std::vector<T>& list, const T& entity) {
    return list.empty() || std::ranges::find(list, entity) != list.end();
  }
  [[nodiscard]] bool contain_vendor(VendorId vendor, RegionId headquarters_of_vendor) const {
    return contains_or_all(vendors, vendor) &&
           contains_or_all(vendor_headquarters, headquarters_of_vendor);
  }
  /// Whether the chip is caught by its attributes.
  [[nodiscard]] bool catches(const ChipSpec& chip) const {
    return contains(chip) &&
           (windows.empty() || std::ranges::any_of(windows, [&](const ChipWindow& window) {
              return window.bounds.contains(chip);
            }));
  }
  /// Whether it says anything about a chip's attributes.
  [[nodiscard]] bool has_bounds() const {
    return is_given() || std::ranges::any_of(windows, [](const ChipWindow& window) {
             return window.bounds.is_given();
           });
  }
};

}  // namespace tollgate
