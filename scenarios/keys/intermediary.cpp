#include "scenarios/keys/keys.hpp"

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
  t.number("capacity_growth", &T::capacity_growth, "factor per year", kFactorPerYear,
           "Growth of that.");
  t.number("margin", &T::margin, "1", {0, 10}, "Mark-up over expected cost.");
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
           "Rent.")
      .required();
  t.number("contract_days", &L::contract_days, "days", kPeriodDays, "Term of a contract.");
  return std::move(t).build();
}

}  // namespace tollgate
