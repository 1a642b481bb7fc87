#pragma once

#include <optional>

#include "engine/policy/ceiling.hpp"
#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// The buyer's government lets in a number of chips for each firm, of which a share must stay at
/// sites outside (and so is none of the firm's at home), and no more than a ratio to the domestic
/// chips that the firm buys.
struct ImportApproval {
  double units = 0;
  double share_abroad = 0;
  std::optional<double> per_domestic_unit;
  double window_days = 365;

  static constexpr std::string_view kName = "import_approval";
  static constexpr std::string_view kSentence =
      "The buyer's government approves imports: a quota of chips for each firm over a rolling "
      "window, perhaps tied to sites abroad and to purchases of domestic chips.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kIsImportGate = true;

  void apply(const Meeting& at, Conditions& conditions) const { conditions.count_for(at); }
  [[nodiscard]] Ceiling ceiling() const {
    Ceiling result;
    result.units = units * (1 - share_abroad);
    result.per_customer = true;
    result.window_days = window_days;
    result.per_domestic_unit = per_domestic_unit;
    return result;
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("units", &ImportApproval::units, "chips", {0, 1e15},
                "Quota of each firm over a window.")
        .required();
    keys.number("share_abroad", &ImportApproval::share_abroad, "1", {0, 1},
                "Share of the quota that must stay outside: it is not let in.");
    keys.optional_number("per_domestic_unit", &ImportApproval::per_domestic_unit, "1", {0, 1000},
                         "Chips let in for each chip of a vendor at home that the firm has had "
                         "shipped over the window; without it, no such tie.");
    keys.number("window_days", &ImportApproval::window_days, "days", {1, 3653},
                "Length of the rolling window.");
  }
};

}  // namespace tollgate
