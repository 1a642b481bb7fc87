#pragma once

#include <string>
#include <vector>

#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Rules held ready: each time that one of the rules watched comes into force, those of the answer
/// are switched on after a lag, with a probability, for some time. A rule that is part of an answer
/// is in force only while it is switched on (besides its dates).
struct Retaliation {
  std::vector<std::string> watched;
  std::vector<std::string> answer;
  double lag_days = 0;
  double probability = 1;
  double lasting_days = 3653;

  static constexpr std::string_view kName = "retaliation";
  static constexpr std::string_view kSentence =
      "When a rule that is watched comes into force, the rules of the answer are switched on after "
      "a lag, for some time.";
  static constexpr Scope kScope = Scope::kRules;

  template <class Keys>
  static void describe(Keys& keys) {
    keys.rules("watched", &Retaliation::watched, "Rules that call for an answer.").required();
    keys.rules("answer", &Retaliation::answer, "Rules that are switched on.").required();
    keys.number("lag_days", &Retaliation::lag_days, "days", {0, 3653},
                "From the rule's coming into force to the answer.");
    keys.number("probability", &Retaliation::probability, "1", {0, 1},
                "That there is an answer, rule by rule watched.");
    keys.number("lasting_days", &Retaliation::lasting_days, "days", {0, 36525, true},
                "How long the answer lasts; one that comes meanwhile prolongs it.");
  }
};

}  // namespace tollgate
