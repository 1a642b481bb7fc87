#include <fmt/format.h>

#include "agents/buyer/spec.hpp"
#include "scenarios/keys/keys.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// Instruments that look at a chip and a customer.
const std::vector<InstrumentKind> kOnSales = {
    InstrumentKind::kBan,           InstrumentKind::kLicence,   InstrumentKind::kApprovedCustomers,
    InstrumentKind::kLevy,          InstrumentKind::kVolumeCap, InstrumentKind::kTesting,
    InstrumentKind::kGuidance,      InstrumentKind::kCustoms,   InstrumentKind::kImportQuota,
    InstrumentKind::kProcurementBan};

std::vector<InstrumentKind> on_sales_and(InstrumentKind kind) {
  std::vector<InstrumentKind> kinds = kOnSales;
  kinds.push_back(kind);
  return kinds;
}

void check_policy(Reader& reader, const InstrumentSpec& rule, const Node& node,
                  const std::string& path) {
  const Table& table = *node.table();
  if (!table.contains("effective") && (table.contains("announced") || !table.contains("regimes"))) {
    reader.complain(node, "",
                    fmt::format("key '{}.effective' is missing: only a policy that is bound "
                                "to 'regimes' and not announced does without it",
                                path));
  }
  if (reader.are_sound(node, {"announced", "effective"}) && *rule.announced > rule.effective) {
    reader.complain(node, "announced",
                    fmt::format("key '{}.announced' ({}) is after 'effective' ({})", path,
                                iso_date(*rule.announced), iso_date(rule.effective)));
  }
  if (reader.are_sound(node, {"effective", "until"}) && *rule.until <= rule.effective) {
    reader.complain(node, "until",
                    fmt::format("key '{}.until' ({}) is not after 'effective' ({})", path,
                                iso_date(*rule.until), iso_date(rule.effective)));
  }
  if (rule.kind == InstrumentKind::kVolumeCap && reader.are_sound(node, {"instrument"})) {
    const bool has_units = node.table()->contains("units");
    const bool has_share = node.table()->contains("share_of_home_sales");
    if (has_units == has_share) {
      reader.complain(
          node, has_units ? "share_of_home_sales" : "units",
          fmt::format("policy '{}' needs either 'units' or 'share_of_home_sales'", path));
    }
    if (has_share && !node.table()->contains("home")) {
      reader.complain(node, "share_of_home_sales",
                      fmt::format("key '{}.home' is missing: the region whose sales count", path));
    }
  }
}

}  // namespace

TableSpec policy_keys() {
  using P = InstrumentSpec;
  using K = InstrumentKind;
  TableBuilder<P> t("policy",
                    "An instrument of policy: dates, targets, predicates on chips, and what it "
                    "does. It touches a sale when it is in force, every target list that is given "
                    "contains the seller, chip or customer, and every bound holds.");
  t.choice("instrument", &P::kind, kInstrumentKindNames, "Kind of instrument.").required();
  t.boolean("enabled", &P::enabled, "false switches the instrument off.");
  t.date("announced", &P::announced,
         "First day on which it is known; without it, it comes without notice.");
  t.date("effective", &P::effective,
         "First day in force; may be left out when there are `regimes`.");
  t.date("until", &P::until, "First day on which it no longer holds.");
  t.references("regimes", &P::regimes, EntityKind::kRegime,
               "In force only while every government named is in one of these of its regimes; "
               "always if empty.");

  t.references("vendors", &P::vendors, EntityKind::kVendor, "Vendors touched; all if empty.")
      .used_by(on_sales_and(K::kComponentCut));
  t.references("chips", &P::chips, EntityKind::kChip, "Chips touched; all if empty.")
      .used_by(kOnSales);
  t.references("destinations", &P::destinations, EntityKind::kRegion,
               "Sites of customers touched; all if empty.")
      .used_by(kOnSales);
  t.references("headquarters", &P::headquarters, EntityKind::kRegion,
               "Headquarters of customers touched; all if empty.")
      .used_by(on_sales_and(K::kRemoteAccess));
  t.references("vendor_headquarters", &P::vendor_headquarters, EntityKind::kRegion,
               "Headquarters of vendors touched; all if empty.")
      .used_by(on_sales_and(K::kComponentCut));
  t.references("buyers", &P::buyers, EntityKind::kBuyer,
               "Buyers touched; for approved_customers, the buyers that may buy.")
      .used_by(kOnSales)
      .required_by({K::kApprovedCustomers});
  t.texts("customer_classes", &P::customer_classes, kCustomerClassNames,
          "Classes of customers touched; all if empty.")
      .used_by(kOnSales);
  t.references("suppliers", &P::suppliers, EntityKind::kSupplier,
               "Suppliers that may not serve the vendors.")
      .used_by({K::kComponentCut})
      .required_by({K::kComponentCut});

  t.bounds("tpp", &P::tpp, "bits x TOPS", "Bounds on total processing performance.")
      .used_by(kOnSales);
  t.bounds("performance_density", &P::performance_density, "TPP/mm2",
           "Bounds on performance density.")
      .used_by(kOnSales);
  t.bounds("dram_bandwidth_gbs", &P::dram_bandwidth_gbs, "GB/s", "Bounds on memory bandwidth.")
      .used_by(kOnSales);
  t.bounds("io_bandwidth_gbs", &P::io_bandwidth_gbs, "GB/s", "Bounds on chip-to-chip bandwidth.")
      .used_by(kOnSales);

  t.choice("review", &P::review, kReviewPolicyNames, "How applications are judged.")
      .used_by({K::kLicence})
      .required_by({K::kLicence});
  t.texts("supersedes", &P::supersedes, {},
          "Rules (bans, procurement bans, licences) whose place it takes for what it touches.")
      .used_by({K::kLicence, K::kBan, K::kProcurementBan});
  t.number("rate", &P::rate, "1", {0, 1, false, true}, "Share of the base.")
      .used_by({K::kLevy})
      .required_by({K::kLevy});
  t.choice("base", &P::base, kLevyBaseNames,
           "proceeds: of what the buyer pays the vendor; customs_value: a duty on top of it.")
      .used_by({K::kLevy});
  t.number("value_ratio", &P::value_ratio, "1", {0, 5}, "Customs value over price.")
      .used_by({K::kLevy});
  t.number("units", &P::units, "chips", kNotNegative, "Ceiling over a window.")
      .used_by({K::kVolumeCap, K::kImportQuota})
      .required_by({K::kImportQuota});
  t.boolean("per_buyer", &P::per_buyer, "The ceiling is for each customer, not for all together.")
      .used_by({K::kVolumeCap});
  t.optional_number("share_of_home_sales", &P::share_of_home_sales, "1", {0, 10},
                    "Ceiling as a share of units of the same chip sold at home over the window.")
      .certain()
      .used_by({K::kVolumeCap});
  t.reference("home", &P::home, EntityKind::kRegion, "Region whose sales count for that.")
      .used_by({K::kVolumeCap});
  t.number("home_sales_before", &P::home_sales_before, "chips", kNotNegative,
           "Units of each chip sold at home in the window before the run.")
      .used_by({K::kVolumeCap});
  t.number("window_days", &P::window_days, "days", kPeriodDays, "Length of the rolling window.")
      .used_by({K::kVolumeCap, K::kImportQuota});
  t.number("delay_days", &P::delay_days, "days", kDays, "Delay in transit.")
      .used_by({K::kTesting})
      .required_by({K::kTesting});
  t.number("strength", &P::strength, "1", {0, 1000},
           "Enforcement: factor on detection. Guidance: units of discouragement.")
      .used_by({K::kEnforcement, K::kGuidance})
      .required_by({K::kEnforcement, K::kGuidance});
  t.number("probability", &P::probability, "1", kProbability, "That a shipment is stopped.")
      .used_by({K::kCustoms})
      .required_by({K::kCustoms});
  t.check(check_policy);
  return std::move(t).build();
}

}  // namespace tollgate
