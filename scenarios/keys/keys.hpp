/// The key tables, one for each kind of entity or single table; each in the file of its name.
#pragma once

#include "scenarios/schema.hpp"

namespace tollgate {

TableSpec run_keys();
TableSpec region_keys();
TableSpec chip_keys();
TableSpec vendor_keys();
TableSpec supplier_keys();
TableSpec buyer_keys();
TableSpec fringe_keys();
TableSpec demand_keys();
TableSpec trader_keys();
TableSpec route_keys();
TableSpec landlord_keys();
TableSpec policy_keys();
TableSpec licence_office_keys();
TableSpec politics_keys();
TableSpec regime_keys();
TableSpec transition_keys();
TableSpec response_keys();

// Ranges that many keys share.
inline constexpr Range kProbability{0, 1};
inline constexpr Range kShare{0, 1};
inline constexpr Range kNotNegative{0, 1e15};
inline constexpr Range kPositive{0, 1e15, true};
inline constexpr Range kPrice{0, 1e6, true};  ///< USD per chip
inline constexpr Range kDays{0, 3653};
inline constexpr Range kPeriodDays{1, 3653};
inline constexpr Range kFactorPerYear{0.1, 20};
inline constexpr Range kUtils{-100, 100};

}  // namespace tollgate
