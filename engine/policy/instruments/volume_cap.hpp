#pragma once

#include <optional>

#include "engine/policy/ceiling.hpp"
#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// A ceiling on the chips that may be shipped over any window of the given length: for all
/// customers together, for each, or a share of what is shipped at home, chip by chip.
struct VolumeCap {
  double units = 0;
  bool per_buyer = false;
  std::optional<double> share_of_home_sales;
  RegionId home;
  double home_sales_before = 0;
  double window_days = 365;

  static constexpr std::string_view kName = "volume_cap";
  static constexpr std::string_view kSentence =
      "A ceiling on chips shipped over a rolling window; all chips that it touches count together.";
  static constexpr Scope kScope = Scope::kSales;

  void apply(const Meeting& at, Conditions& conditions) const { conditions.count_for(at); }
  [[nodiscard]] Ceiling ceiling() const {
    Ceiling result;
    result.units = units;
    result.per_customer = per_buyer;
    result.window_days = window_days;
    if (!share_of_home_sales) return result;
    result.share_of_home_sales = share_of_home_sales;
    result.home = home;
    result.home_sales_before = home_sales_before;
    return result;
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("units", &VolumeCap::units, "chips", {0, 1e15}, "Ceiling over a window.");
    keys.boolean("per_buyer", &VolumeCap::per_buyer,
                 "The ceiling is for each customer, not for all together.");
    keys.optional_number("share_of_home_sales", &VolumeCap::share_of_home_sales, "1", {0, 10},
                         "Ceiling as a share of units of the same chip shipped at home over the "
                         "window; it moves as they do.");
    keys.reference("home", &VolumeCap::home, "Region whose sales count for that.");
    keys.number("home_sales_before", &VolumeCap::home_sales_before, "chips", {0, 1e15},
                "Units of each chip sold at home in the window before the run.");
    keys.number("window_days", &VolumeCap::window_days, "days", {1, 3653},
                "Length of the rolling window.");
    keys.either("units", "share_of_home_sales");
    keys.needs("share_of_home_sales", "home");
  }
};

}  // namespace tollgate
