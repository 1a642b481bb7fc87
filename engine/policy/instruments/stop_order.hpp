#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// An order to named firms to stop at once: no notice, orders are cancelled, and goods on their way
/// are turned back at the border.
struct StopOrder {
  static constexpr std::string_view kName = "stop_order";
  static constexpr std::string_view kSentence =
      "The buyer's government tells firms to stop tests and orders at once; goods on their way are "
      "turned back. It comes without notice.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;
  static constexpr bool kIsImportGate = true;
  static constexpr bool kMayBeAnnounced = false;

  void apply(const Meeting& at, Conditions& conditions) const {
    Meeting at_once = at;
    at_once.stops_goods = true;
    conditions.bar(at_once);
  }

  template <class Keys>
  static void describe(Keys& /*keys*/) {}
};

}  // namespace tollgate
