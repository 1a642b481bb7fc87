#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {

TableSpec trader_keys() {
  using T = TraderSpec;
  TableBuilder<T> t("trader", "A grey trader: buys in a hub, delivers where sale is barred.");
  t.text("name", &T::name, "Full name.");
  t.reference("hub", &T::hub, EntityKind::kRegion, "Where it buys.").required();
  t.references("serves", &T::serves, EntityKind::kRegion, "Regions to which it delivers.")
      .required();
  t.number("capacity_per_month", &T::capacity_per_month, "chips per month", kNotNegative,
           "Chips it can handle at the start.")
      .required();
  t.number("potential_entrants", &T::potential_entrants, "1", kShare,
           "Share of the capacity of the start below which capacity does not fall.");
  t.number("initial_markup", &T::initial_markup, "1", {0, 10},
           "Mark-up over expected cost at the start.");
  t.number("markup_ceiling", &T::markup_ceiling, "1", {0, 10}, "Highest mark-up.");
  t.number("markup_response", &T::markup_response, "1/month", {0, 2},
           "Change of ln(1 + mark-up) per unit of ln(chips asked for / capacity).");
  t.number("required_return", &T::required_return, "1", {0, 10},
           "Return on the cost of a month's capacity at which capacity stands still.");
  t.number("entry_rate", &T::entry_rate, "1/year", {0, 20},
           "Change of ln(capacity) per unit of return above or below that.");
  t.number("return_memory_days", &T::return_memory_days, "days", kPeriodDays,
           "Memory of the realised return.");
  t.number("lot_units", &T::lot_units, "chips", {1, 1e6},
           "Chips that are seized or pass together.");
  return std::move(t).build();
}

TableSpec route_keys() {
  using R = RouteSpec;
  TableBuilder<R> t("route", "A leg between jurisdictions that grey shipments may take.");
  t.reference("from", &R::from, EntityKind::kRegion, "Start.").required();
  t.reference("to", &R::to, EntityKind::kRegion, "End.").required();
  t.number("cost_usd", &R::cost_usd, "USD per chip", {0, 1e6}, "Cost of the leg.");
  t.number("delay_days", &R::delay_days, "days", kDays, "Time it takes.");
  t.number("detection", &R::detection, "1", {0, 1, false, true},
           "Probability that a lot is seized on it, at enforcement 1.");
  t.optional_number("capacity_per_month", &R::capacity_per_month, "chips per month", kNotNegative,
                    "Chips of all traders that it takes; without limit if not given.");
  return std::move(t).build();
}

TableSpec landlord_keys() {
  using L = LandlordSpec;
  TableBuilder<L> t("landlord", "An owner of compute abroad that rents it out.");
  t.text("name", &L::name, "Full name.");
  t.reference("region", &L::region, EntityKind::kRegion, "Where the compute is.").required();
  t.references("rents_to", &L::rents_to, EntityKind::kRegion, "Headquarters of its customers.")
      .required();
  t.number("capacity_h100e", &L::capacity_h100e, "H100e", kNotNegative,
           "Compute for these customers at the start.")
      .required();
  t.number("capacity_growth", &L::capacity_growth, "factor per year", kFactorPerYear,
           "Growth of that.");
  t.number("price_usd_per_month", &L::price_usd_per_month, "USD per H100e and month", kPrice,
           "Rent at the start.")
      .required();
  t.number("price_response", &L::price_response, "1/month", {0, 2},
           "Change of ln(rent) per unit of occupancy above or below the target.");
  t.number("price_floor", &L::price_floor, "1", {0, 1, true},
           "Lowest rent, as a factor on that of the start.");
  t.number("price_ceiling", &L::price_ceiling, "1", {1, 100},
           "Highest rent, as a factor on that of the start.");
  t.number("target_occupancy", &L::target_occupancy, "1", {0, 1, true},
           "Share of the compute let at which the rent stands still.");
  t.number("contract_days", &L::contract_days, "days", kPeriodDays, "Term of a contract.");
  return std::move(t).build();
}

}  // namespace tollgate
