#pragma once

#include <algorithm>
#include <optional>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Sale only with a licence, which an office grants or denies (engine/policy/licence_office).
struct Licence {
  ReviewPolicy review = ReviewPolicy::kCaseByCase;
  std::optional<double> validity_days;
  std::optional<double> max_units;

  static constexpr std::string_view kName = "licence";
  static constexpr std::string_view kSentence = "Sale only with a licence.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  void apply(const Meeting& at, Conditions& conditions) const {
    conditions.require_licence(at, review);
    if (validity_days) conditions.licence_days = std::min(conditions.licence_days, *validity_days);
    if (max_units) conditions.licence_units = std::min(conditions.licence_units, *max_units);
  }
  [[nodiscard]] std::optional<ReviewPolicy> required_review() const { return review; }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.choice("review", &Licence::review, kReviewPolicyNames, "How applications are judged.")
        .required();
    keys.optional_number("validity_days", &Licence::validity_days, "days", {1, 3653},
                         "After which what has not shipped is cancelled; without it, that of the "
                         "office. Of several rules the shortest counts.");
    keys.optional_number("max_units", &Licence::max_units, "chips", {1, 1e9},
                         "Most chips on one licence: an order for more is licensed for as many. Of "
                         "several rules the least counts.");
  }
};

}  // namespace tollgate
