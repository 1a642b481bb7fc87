#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {

TableSpec buyer_keys() {
  using B = BuyerSpec;
  TableBuilder<B> t("buyer", "A buyer of compute: need, budget, what it has installed.");
  t.text("name", &B::name, "Full name.");
  t.reference("headquarters", &B::headquarters, EntityKind::kRegion, "Home region.").required();
  t.reference("site", &B::site, EntityKind::kRegion, "Region of its data centres.").required();
  t.choice("customer_class", &B::customer_class, kCustomerClassNames,
           "Class that rules may single out.")
      .required();
  t.per_workload("need_h100e", &B::need_h100e, "H100e", kNotNegative,
                 "Effective compute wanted at the start.")
      .required();
  t.number("need_growth_multiplier", &B::need_growth_multiplier, "1", {0, 5},
           "Multiplies the log of [demand.growth].");
  t.number("budget_usd_per_quarter", &B::budget_usd_per_quarter, "USD per quarter", {0, 1e12},
           "Budget for accelerators at the start.")
      .required();
  t.number("budget_growth", &B::budget_growth, "factor per year", kFactorPerYear,
           "Growth of the budget.");
  t.units_by_chip("installed", &B::installed, "Chips installed at the start, by chip.");
  t.number("grey_aversion", &B::grey_aversion, "utils", kUtils,
           "Loss of utility by buying in the grey market.");
  t.reference("own_vendor", &B::own_vendor, EntityKind::kVendor,
              "Vendor of the same house, whose chips it gets at transfer price for inference.");
  t.number("transfer_markup", &B::transfer_markup, "1", {0, 10},
           "Transfer price over unit cost, less one.");
  t.check([](Reader& reader, const B& buyer, const Node& node, const std::string& path) {
    if (buyer.transfer_markup > 0 && !node.table()->contains("own_vendor")) {
      reader.complain(node, "transfer_markup",
                      "key '" + path + ".transfer_markup' is given without 'own_vendor'");
    }
  });
  return std::move(t).build();
}

}  // namespace tollgate
