#include "scenarios/keys/keys.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {

TableSpec supplier_keys() {
  using S = SupplierSpec;
  TableBuilder<S> t("supplier", "A supplier of wafers or memory, for the chips modelled.");
  t.text("name", &S::name, "Full name.");
  t.choice("kind", &S::kind, kSupplierKindNames, "Wafers or memory stacks.").required();
  t.reference("headquarters", &S::headquarters, EntityKind::kRegion, "Home region.").required();
  t.number("capacity_per_month", &S::capacity_per_month, "wafers or stacks per month", kNotNegative,
           "Capacity at the start.")
      .required();
  t.number("capacity_growth", &S::capacity_growth, "factor per year", kFactorPerYear,
           "Growth of capacity.");
  t.number("initial_stock", &S::initial_stock, "stacks", kNotNegative,
           "Memory in store at the start; it runs out.");
  t.number("yield_initial", &S::yield_initial, "1", {0, 1, true},
           "Share of good candidates at the start.");
  t.number("yield_max", &S::yield_max, "1", {0, 1, true}, "Share in the long run.");
  t.number("yield_learning_wafers", &S::yield_learning_wafers, "wafers", kPositive,
           "Wafers over which the gap to yield_max shrinks to 1/e.");
  return std::move(t).build();
}

}  // namespace tollgate
