#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// The buyer's government forbids classes of customers, or named ones, to buy. What has been
/// shipped is taken in; what has been ordered is cancelled, unless the rule exempts it.
struct ProcurementBan {
  static constexpr std::string_view kName = "procurement_ban";
  static constexpr std::string_view kSentence =
      "The buyer's government forbids customers, such as state-funded data centres, to buy.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;
  static constexpr bool kIsImportGate = true;

  void apply(const Meeting& at, Conditions& conditions) const { conditions.bar(at); }

  template <class Keys>
  static void describe(Keys& /*keys*/) {}
};

}  // namespace tollgate
