#pragma once

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// A duty of the destination on what it lets in: on top of the price, due when the goods have
/// passed its border, to its own treasury.
struct Tariff {
  double rate = 0;
  double value_ratio = 1;  ///< customs value over price

  static constexpr std::string_view kName = "tariff";
  static constexpr std::string_view kSentence =
      "A duty of the destination on what passes its border, on top of the price.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  void apply(const Meeting& /*at*/, Conditions& conditions) const {
    conditions.tariff_rate += rate_on_price();
  }
  [[nodiscard]] double rate_on_price() const { return rate * value_ratio; }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("rate", &Tariff::rate, "1", {0, 5}, "Share of the customs value.").required();
    keys.number("value_ratio", &Tariff::value_ratio, "1", {0, 5}, "Customs value over price.");
  }
};

}  // namespace tollgate
