/// A ceiling on units over a rolling window, as a rule states it.
#pragma once

#include <limits>
#include <optional>

#include "engine/market/ids.hpp"

namespace tollgate {

struct Ceiling {
  double units = std::numeric_limits<double>::infinity();
  bool per_customer = false;  ///< for each customer rather than for all together
  double window_days = 365;

  /// Instead of units: share of the units of the same chip that were shipped to `home` over the
  /// window; `home_sales_before` are those of the window before the run.
  std::optional<double> share_of_home_sales;
  RegionId home;
  double home_sales_before = 0;

  /// Besides: units per unit that the customer has bought of vendors at home over the window.
  std::optional<double> per_domestic_unit;
};

}  // namespace tollgate
