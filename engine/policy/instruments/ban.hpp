#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// No sale.
struct Ban {
  static constexpr std::string_view kName = "ban";
  static constexpr std::string_view kSentence = "No sale.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  void apply(const Meeting& at, Conditions& conditions) const { conditions.bar(at); }

  template <class Keys>
  static void describe(Keys& /*keys*/) {}
};

}  // namespace tollgate
