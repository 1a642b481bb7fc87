#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Advice not to buy: unwritten, it raises what a foreign chip costs the buyer in favour.
struct Guidance {
  double strength = 0;
  bool is_responsive = false;

  static constexpr std::string_view kName = "guidance";
  static constexpr std::string_view kSentence =
      "The buyer's government discourages foreign chips: utility falls by guidance_weight x "
      "strength.";
  static constexpr Scope kScope = Scope::kSales;

  void apply(const Meeting& at, Conditions& conditions) const {
    conditions.guidance += strength * (is_responsive ? at.strictness : 1);
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("strength", &Guidance::strength, "1", {0, 1000}, "Units of discouragement.")
        .required();
    keys.boolean("responsive", &Guidance::is_responsive,
                 "It is multiplied by the strictness of [response].");
  }
};

}  // namespace tollgate
