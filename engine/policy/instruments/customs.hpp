#pragma once

#include <algorithm>
#include <cmath>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Customs of the destination stop shipments, and keep a share of what they stop.
struct Customs {
  double probability = 0;
  double seized_share = 0;
  bool is_responsive = false;

  static constexpr std::string_view kName = "customs";
  static constexpr std::string_view kSentence =
      "Customs of the destination stop shipments; stops of several rules are independent.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kIsImportGate = true;

  /// Strictness multiplies the hazard -ln(1 - p): what passes is (1 - p) to its power.
  void apply(const Meeting& at, Conditions& conditions) const {
    const double stopped =
        is_responsive ? 1 - std::pow(1 - probability, at.strictness) : probability;
    conditions.stop_at_border(stopped);
    conditions.seized_share = std::max(conditions.seized_share, seized_share);
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("probability", &Customs::probability, "1", {0, 1}, "That a shipment is stopped.")
        .required();
    keys.number("seized_share", &Customs::seized_share, "1", {0, 1},
                "Of shipments stopped, those that are kept; the others go back to the vendor. Of "
                "several rules the largest counts.");
    keys.boolean("responsive", &Customs::is_responsive,
                 "The hazard of a stop is multiplied by the strictness of [response].");
  }
};

}  // namespace tollgate
