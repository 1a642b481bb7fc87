#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Carries rules that are written for a destination to customers elsewhere whose headquarters are
/// there: while it is in force, a named rule touches them as if they were at home. It has no effect
/// of its own (engine/policy/law).
struct HeadquartersRule {
  std::vector<std::string> rules;
  std::vector<RegionId> parents;

  static constexpr std::string_view kName = "headquarters_rule";
  static constexpr std::string_view kSentence =
      "The rules named, written for destinations, follow customers with headquarters there to "
      "wherever they are.";
  static constexpr Scope kScope = Scope::kRules;

  [[nodiscard]] bool carries(const std::string& rule, const CustomerView& customer) const {
    return std::ranges::find(rules, rule) != rules.end() &&
           std::ranges::find(parents, customer.headquarters) != parents.end();
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.rules("rules", &HeadquartersRule::rules, "Rules that follow the customer.").required();
    keys.references("parents", &HeadquartersRule::parents,
                    "Regions of the headquarters whose customers they follow.")
        .required();
  }
};

}  // namespace tollgate
