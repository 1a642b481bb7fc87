#pragma once

#include "engine/market/ids.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// A case against vendors: while it is open, a fine may fall at any time, a share of what the
/// vendor sold in the region over the last four quarters; the case is closed by it.
struct Antitrust {
  RegionId region;
  double fine_share = 0;
  double decisions_per_year = 0;

  static constexpr std::string_view kName = "antitrust";
  static constexpr std::string_view kSentence =
      "A case against the vendors: while it is open a fine may fall, which closes it.";
  static constexpr Scope kScope = Scope::kVendor;

  template <class Keys>
  static void describe(Keys& keys) {
    keys.reference("region", &Antitrust::region, "Region whose sales are the base of the fine.")
        .required();
    keys.number("fine_share", &Antitrust::fine_share, "1", {0, 1},
                "Fine as a share of the vendor's revenue in the region over the last four "
                "quarters.")
        .required();
    keys.number("decisions_per_year", &Antitrust::decisions_per_year, "1/year", {0, 100},
                "Rate at which an open case is decided.")
        .required();
  }
};

}  // namespace tollgate
