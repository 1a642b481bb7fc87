#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {

TableSpec supplier_keys() {
  using S = SupplierSpec;
  TableBuilder<S> t("supplier",
                    "A supplier of wafers, packaging or memory, for the chips modelled.");
  t.text("name", &S::name, "Full name.");
  t.choice("kind", &S::kind, kSupplierKindNames, "Wafers, packaging or memory stacks.").required();
  t.reference("headquarters", &S::headquarters, EntityKind::kRegion, "Home region.").required();
  t.number("capacity_per_month", &S::capacity_per_month, "units per month", kNotNegative,
           "Capacity at the start of the run: wafers, packaging units or stacks.")
      .required();
  t.by_date(
      "capacity_path", &S::capacity_path, &CapacityPoint::per_month, "units per month",
      kNotNegative,
      "Later capacities; in between it grows at a constant rate. Dates up to the start of the "
      "run do not count.");
  t.number("capacity_growth", &S::capacity_growth, "factor per year", kFactorPerYear,
           "Growth of capacity, from the last date of 'capacity_path' or from the start.");
  t.number("capacity_scale", &S::capacity_scale, "1", {0, 1000},
           "Factor on all capacities, for what is unknown of their level.");
  t.number("initial_stock", &S::initial_stock, "units", kNotNegative,
           "Units in store at the start; they run out.");
  t.reference("stock_holder", &S::stock_holder, EntityKind::kVendor,
              "Vendor who holds the store: what it does not use is kept for it alone, and a rule "
              "that cuts the supplier off stops what comes in, not what lies there. Memory makers "
              "keep what is not used in any case, others do not.");
  t.number("frozen_days", &S::frozen_days, "days", {0, 730},
           "Foundries: time before wafers begin in which orders cannot be taken back, rounded to "
           "months. A chip's first foundry decides.");
  t.number("yield_initial", &S::yield_initial, "1", {0, 1, true},
           "Share of good candidates at the start.");
  t.number("yield_max", &S::yield_max, "1", {0, 1, true}, "Share in the long run.");
  t.number("yield_learning_wafers", &S::yield_learning_wafers, "wafers", kPositive,
           "Wafers over which the gap to yield_max shrinks to 1/e.");
  return std::move(t).build();
}

}  // namespace tollgate
