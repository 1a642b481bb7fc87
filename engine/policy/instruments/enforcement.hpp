#pragma once

#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Detection along grey routes.
struct Enforcement {
  double strength = 1;

  static constexpr std::string_view kName = "enforcement";
  static constexpr std::string_view kSentence =
      "A factor on detection along grey routes; factors of several multiply.";
  static constexpr Scope kScope = Scope::kRoutes;

  [[nodiscard]] double detection_factor() const { return strength; }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("strength", &Enforcement::strength, "1", {0, 1000}, "Factor on detection.")
        .required();
  }
};

}  // namespace tollgate
