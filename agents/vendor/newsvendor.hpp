/// The newsvendor rule: how much to have for an uncertain demand.
#pragma once

namespace tollgate {

/// Demand over the time that a supply order has to cover, taken as normal.
struct DemandForecast {
  double mean = 0;      ///< chips
  double variance = 0;  ///< chips squared
};

/// The quantity that balances what a chip too few and a chip too many cost: the quantile of demand
/// at the critical ratio underage / (underage + overage) (Arrow, Harris and Marschak 1951,
/// doi:10.2307/1906813), and not below 0.
///
/// `underage_usd` is the margin lost with a chip that is missing, `overage_usd` the cost of one
/// that is left over. Without a margin nothing is worth having. Ratios above 0.999 count as that:
/// where a chip left over costs nothing, the normal quantile has no end.
double newsvendor_quantity(const DemandForecast& demand, double underage_usd, double overage_usd);

}  // namespace tollgate
