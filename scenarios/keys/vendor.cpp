#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {

TableSpec vendor_keys() {
  using V = VendorSpec;
  TableBuilder<V> t("vendor", "A chip vendor: software stack, pricing and stock keeping.");
  t.text("name", &V::name, "Full name.");
  t.reference("headquarters", &V::headquarters, EntityKind::kRegion, "Home region.").required();
  t.text("stack", &V::stack, "Software stack of its chips, e.g. \"cuda\".").required();
  t.per_workload("utilisation", &V::utilisation, "1", {0, 2, true},
                 "Utilisation of the stack relative to CUDA.")
      .required();
  t.per_workload("utilisation_max", &V::utilisation_max, "1", {0, 2, true},
                 "Utilisation that the stack approaches as it is used; 1 is CUDA. Has no effect "
                 "below 'utilisation'.");
  t.number("preference", &V::preference, "utils", kUtils,
           "Taste for the vendor at equal price and throughput.");
  t.number("reprice_days", &V::reprice_days, "days", kPeriodDays, "Rhythm of repricing.");
  t.choice("pricing", &V::pricing, kPricingBehaviourNames,
           "How prices are set: best response to the rivals' present prices, its part of a "
           "Nash equilibrium of all vendors, or the list price always.");
  t.number("price_ceiling", &V::price_ceiling, "1", {1, 20},
           "Highest net price (levy on proceeds deducted) over list price that it asks.");
  t.number("wafer_opportunity_weight", &V::wafer_opportunity_weight, "1", kShare,
           "While its wafers are short: share of what they would earn in the best other chip of "
           "its own that counts as cost of a chip.");
  t.number("forecast_memory_days", &V::forecast_memory_days, "days", kPeriodDays,
           "Time constant with which past orders fade from the forecast.");
  t.number("forecast_trend_memory_days", &V::forecast_trend_memory_days, "days", kDays,
           "Time constant with which the trend of orders follows the slope of their level; 0: "
           "orders are forecast without a trend.");
  t.number("salvage", &V::salvage, "1", {0, 1, false, true},
           "Share of unit cost that a chip left over is still worth; with margin and holding cost "
           "it decides how much safety stock is held.");
  t.number("holding_cost", &V::holding_cost, "1 per year", {0, 10},
           "Cost of holding stock, as a share of unit cost.");
  t.number("write_down_days", &V::write_down_days, "days", kDays,
           "After this time stock, pipeline and orders beyond recall of a chip that rules bar from "
           "all its markets are written down.");
  t.number("stranded_discount", &V::stranded_discount, "1", kShare,
           "Discount at which written-down stock is offered in regions that are not its markets; "
           "1: it is held.");
  t.number("licence_stock_share", &V::licence_stock_share, "1", kShare,
           "While a licence is under review: share of the chips asked for, times the chance of a "
           "grant, that counts as demand for supply and is kept from orders placed later.");
  t.number("supply_priority", &V::supply_priority, "1", {0.001, 1000},
           "Weight of its claims when a supplier is short; no claim gets more than twice its "
           "proportional part.");
  t.number("initial_orders_cover", &V::initial_orders_cover, "1", {0, 10},
           "First forecast over what the initial pipeline delivers per day.");
  t.number("research_share", &V::research_share, "1", kShare,
           "Share of net proceeds (revenue less levy) that goes into research.");
  t.number("subsidy_usd_per_year", &V::subsidy_usd_per_year, "USD per year", {0, 1e12},
           "Public money for research besides.");
  t.number("research_depreciation", &V::research_depreciation, "1/year", {0, 5, true},
           "Rate at which the research stock loses its use.");
  t.number(
      "research_elasticity", &V::research_elasticity, "1", {0, 2},
      "Elasticity of the speed of development to the research stock over that of the reference "
      "path; 0: chips come on the dates given.");
  t.number("reference_research_usd_per_year", &V::reference_research_usd_per_year, "USD per year",
           {0, 1e13},
           "Spending on research (share of net proceeds, and subsidy) at the start for which the "
           "launch dates given hold; 0: development keeps to those dates.");
  t.number("reference_research_growth", &V::reference_research_growth, "factor per year", {1, 10},
           "Growth of that.");
  t.number("forecast_handover", &V::forecast_handover, "1", kShare,
           "Share of a chip's order forecast that its successor takes over when it is launched.");
  t.number("redesign_days", &V::redesign_days, "days", kPeriodDays,
           "Mean time from the news of a rule to the launch of a chip redesigned under it.");
  t.number("redesign_cv", &V::redesign_cv, "1", {0, 10},
           "Coefficient of variation of that time (lognormal).");
  t.number("redesign_margin", &V::redesign_margin, "1", {0.0001, 0.9},
           "Share by which a redesign stays below the threshold that it gives way to.");
  return std::move(t).build();
}

}  // namespace tollgate
