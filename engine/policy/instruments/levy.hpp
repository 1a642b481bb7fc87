#pragma once

#include <array>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// What a levy is charged on (docs/model.md, "Levy and customs").
enum class LevyBase : unsigned char { kProceeds, kCustomsValue };
inline constexpr std::array<std::string_view, 2> kLevyBaseNames = {"proceeds", "customs_value"};

/// A share of the proceeds, which the vendor gives up, or a duty on the customs value, which comes
/// on top of the price.
struct Levy {
  double rate = 0;
  LevyBase base = LevyBase::kProceeds;
  double value_ratio = 1;  ///< customs value over price

  static constexpr std::string_view kName = "levy";
  static constexpr std::string_view kSentence =
      "A share of the sale to the treasury of the exporting state.";
  static constexpr Scope kScope = Scope::kSales;

  /// What leaves the vendor nothing bars the sale.
  void apply(const Meeting& at, Conditions& conditions) const {
    if (base == LevyBase::kCustomsValue) {
      conditions.duty_rate += rate * value_ratio;
      return;
    }
    conditions.levy_rate += rate;
    if (conditions.levy_rate >= 1) conditions.bar(at);
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("rate", &Levy::rate, "1", {0, 1, false, true}, "Share of the base.").required();
    keys.choice("base", &Levy::base, kLevyBaseNames,
                "proceeds: of what the buyer pays the vendor, due when the goods have passed the "
                "border; customs_value: a duty on top of it, due in transit.");
    keys.number("value_ratio", &Levy::value_ratio, "1", {0, 5}, "Customs value over price.");
  }
};

}  // namespace tollgate
