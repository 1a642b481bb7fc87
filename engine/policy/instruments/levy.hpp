#pragma once

#include <array>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// What a levy is charged on (docs/model.md, "Levy and customs").
enum class LevyBase : unsigned char { kProceeds, kCustomsValue };
inline constexpr std::array<std::string_view, 2> kLevyBaseNames = {"proceeds", "customs_value"};

/// When it is charged: what is charged in transit stays paid if the border stops the goods.
enum class LevyCollection : unsigned char { kByBase, kTransit, kClearance };
inline constexpr std::array<std::string_view, 3> kLevyCollectionNames = {"by_base", "transit",
                                                                         "clearance"};

/// A share of the proceeds, which the vendor gives up, or a duty on the customs value, which comes
/// on top of the price.
struct Levy {
  double rate = 0;
  LevyBase base = LevyBase::kProceeds;
  double value_ratio = 1;  ///< customs value over price
  LevyCollection collected = LevyCollection::kByBase;
  double remittance_days = 30;  ///< after the end of the quarter

  static constexpr std::string_view kName = "levy";
  static constexpr std::string_view kSentence =
      "A share of the sale to the treasury of the exporting state.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  /// What leaves the vendor nothing bars the sale.
  void apply(const Meeting& at, Conditions& conditions) const {
    if (base == LevyBase::kCustomsValue) {
      conditions.duty_rate += rate_on_price();
      return;
    }
    conditions.levy_rate += rate;
    if (conditions.levy_rate >= 1) conditions.bar(at);
  }

  [[nodiscard]] double rate_on_price() const {
    return base == LevyBase::kCustomsValue ? rate * value_ratio : rate;
  }
  [[nodiscard]] bool is_due_in_transit() const {
    return collected == LevyCollection::kByBase ? base == LevyBase::kCustomsValue
                                                : collected == LevyCollection::kTransit;
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.number("rate", &Levy::rate, "1", {0, 1, false, true}, "Share of the base.").required();
    keys.choice("base", &Levy::base, kLevyBaseNames,
                "proceeds: of what the buyer pays the vendor; customs_value: a duty on top of it.");
    keys.number("value_ratio", &Levy::value_ratio, "1", {0, 5}, "Customs value over price.");
    keys.choice("collected", &Levy::collected, kLevyCollectionNames,
                "transit: when the goods enter transit, and it stays paid if the border stops "
                "them; clearance: when they have passed the border; by_base: proceeds at "
                "clearance, customs value in transit.");
    keys.number("remittance_days", &Levy::remittance_days, "days", {0, 366},
                "From the end of a calendar quarter until what was charged in it is paid to the "
                "treasury.");
  }
};

}  // namespace tollgate
