#pragma once

#include <algorithm>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// The buyer's government pays a share of the price.
struct PurchaseSubsidy {
  double rate = 0;

  /// A chip that costs its buyer nothing would leave it nothing to choose.
  static constexpr double kMostOfPrice = 0.99;

  static constexpr std::string_view kName = "purchase_subsidy";
  static constexpr std::string_view kSentence =
      "The buyer's government pays a share of the price; of several, all, up to 99% of it.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  void apply(const Meeting& /*at*/, Conditions& conditions) const {
    conditions.subsidy_rate = std::min(kMostOfPrice, conditions.subsidy_rate + rate);
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("rate", &PurchaseSubsidy::rate, "1", {0, kMostOfPrice}, "Share of the price.")
        .required();
  }
};

}  // namespace tollgate
