#include "scenarios/keys/keys.hpp"

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
  t.number("levy_pass_through", &V::levy_pass_through, "1", kShare,
           "Share of a levy or duty that reaches the buyer's outlay: 0 the vendor bears it, 1 the "
           "buyer.");
  t.number("price_response", &V::price_response, "1", {0, 2},
           "Log price over list per unit of log scarcity (orders over deliverable chips).");
  t.number("price_ceiling", &V::price_ceiling, "1", {1, 20}, "Highest price over list price.");
  t.number("minimum_margin", &V::minimum_margin, "1", {-10, 0.99},
           "Lowest (net price - unit cost) / net price at which it still sells.");
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
  t.number("supply_priority", &V::supply_priority, "1", {0.001, 1000},
           "Weight of its claims when a supplier is short; no claim gets more than twice its "
           "proportional part.");
  t.number("initial_orders_cover", &V::initial_orders_cover, "1", {0, 10},
           "First forecast over what the initial pipeline delivers per day.");
  return std::move(t).build();
}

}  // namespace tollgate
