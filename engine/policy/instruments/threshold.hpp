#pragma once

#include <optional>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// A control on performance: chips within any of its windows need a licence, whoever makes them
/// and whatever they are called. It must have a bound and may not name chips, which is what sets it
/// apart from `Licence`; a vendor can get under it by a redesign (engine/policy/compliance).
struct Threshold {
  ReviewPolicy review = ReviewPolicy::kPresumptionOfDenial;

  static constexpr std::string_view kName = "threshold";
  static constexpr std::string_view kSentence =
      "Chips within its bounds, or within any of its windows, need a licence, whatever they are "
      "called.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;
  static constexpr bool kNeedsBounds = true;

  void apply(const Meeting& at, Conditions& conditions) const {
    conditions.require_licence(at, review);
  }
  [[nodiscard]] std::optional<ReviewPolicy> required_review() const { return review; }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.choice("review", &Threshold::review, kReviewPolicyNames, "How applications are judged.");
  }
};

}  // namespace tollgate
