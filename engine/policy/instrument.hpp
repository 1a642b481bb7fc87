/// A policy instrument: one rule of one government, as a typed block of the scenario.
///
/// Every instrument has dates, targets and predicates on chips; what it does depends on its kind.
/// A chip-customer pair is touched when the instrument is in force, every non-empty target list
/// contains the pair's entity, and every bound on the chip holds.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/market/chip.hpp"
#include "engine/market/ids.hpp"

namespace tollgate {

enum class InstrumentKind : unsigned char {
  // Washington
  kBan,                ///< no sale
  kLicence,            ///< sale only with a licence
  kApprovedCustomers,  ///< sale only to the listed buyers
  kLevy,               ///< share of proceeds (or of customs value) to the treasury
  kVolumeCap,          ///< ceiling on units over a window
  kTesting,            ///< delay in transit
  kComponentCut,       ///< supplier may not serve vendors
  kEnforcement,        ///< detection on grey routes
  kRemoteAccess,       ///< no rental of compute abroad
  // Beijing
  kGuidance,        ///< discouragement of foreign chips
  kCustoms,         ///< probability that a shipment is stopped at the border
  kImportQuota,     ///< ceiling on units per buyer over a window
  kProcurementBan,  ///< customer classes may not buy
};

inline constexpr std::array<std::string_view, 13> kInstrumentKindNames = {
    "ban",     "licence",       "approved_customers", "levy",          "volume_cap",
    "testing", "component_cut", "enforcement",        "remote_access", "guidance",
    "customs", "import_quota",  "procurement_ban"};

/// How the licence office looks at an application.
enum class ReviewPolicy : unsigned char {
  kPresumptionOfApproval,
  kCaseByCase,
  kPresumptionOfDenial
};
inline constexpr std::array<std::string_view, 3> kReviewPolicyNames = {
    "presumption_of_approval", "case_by_case", "presumption_of_denial"};

/// What a levy is charged on (docs/model.md, "Levy").
enum class LevyBase : unsigned char { kProceeds, kCustomsValue };
inline constexpr std::array<std::string_view, 2> kLevyBaseNames = {"proceeds", "customs_value"};

/// Closed interval; both ends open by default.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool contains(double x) const { return low <= x && x <= high; }
};

/// Bounds on the attributes of a chip; all of them must hold.
struct ChipBounds {
  Bounds tpp;
  Bounds performance_density;
  Bounds dram_bandwidth_gbs;
  Bounds io_bandwidth_gbs;

  [[nodiscard]] bool contains(const ChipSpec& chip) const {
    return tpp.contains(chip.tpp) && performance_density.contains(chip.performance_density) &&
           dram_bandwidth_gbs.contains(chip.dram_bandwidth_tbs * 1000) &&
           io_bandwidth_gbs.contains(chip.io_bandwidth_gbs);
  }
};

struct InstrumentSpec {
  std::string id;
  InstrumentKind kind = InstrumentKind::kBan;
  bool enabled = true;

  std::optional<SimTime> announced;  ///< none: without notice
  SimTime effective;
  std::optional<SimTime> until;  ///< first instant at which it no longer holds

  // Targets; an empty list means all.
  std::vector<VendorId> vendors;
  std::vector<ChipId> chips;
  std::vector<RegionId> destinations;  ///< site of the buyer
  std::vector<RegionId> headquarters;  ///< headquarters of the buyer
  std::vector<RegionId> vendor_headquarters;
  std::vector<BuyerId> buyers;
  std::vector<std::string> customer_classes;  ///< names of CustomerClass
  std::vector<SupplierId> suppliers;          ///< component_cut

  // Predicates on the chip.
  Bounds tpp;
  Bounds performance_density;
  Bounds dram_bandwidth_gbs;
  Bounds io_bandwidth_gbs;
  [[nodiscard]] ChipBounds bounds() const {
    return {tpp, performance_density, dram_bandwidth_gbs, io_bandwidth_gbs};
  }

  // What it does, by kind; keys that the kind does not use are errors in a scenario file.
  ReviewPolicy review = ReviewPolicy::kCaseByCase;  ///< licence
  std::vector<std::string> supersedes;  ///< licence, ban: ids of rules it takes the place of
  double rate = 0;                      ///< levy
  LevyBase base = LevyBase::kProceeds;  ///< levy
  double value_ratio = 1;               ///< levy: customs value over price
  double units = 0;                     ///< volume_cap, import_quota
  bool per_buyer = false;               ///< volume_cap: for each buyer rather than in all
  std::optional<double>
      share_of_home_sales;  ///< volume_cap: instead of units, share of units sold in `home`
  RegionId home;            ///< volume_cap: where home sales are counted
  double home_sales_before =
      0;  ///< volume_cap: units sold there in the window before the run, per chip
  double window_days = 365;  ///< volume_cap, import_quota
  double delay_days = 0;     ///< testing
  double strength = 0;  ///< enforcement (factor on detection), guidance (units of discouragement)
  double probability = 0;  ///< customs: that a shipment is stopped

  std::string source;
};

}  // namespace tollgate
