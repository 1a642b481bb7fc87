/// Rules that contradict each other, and rules that can change nothing.
#pragma once

#include <string>
#include <vector>

#include "agents/world_spec.hpp"

namespace tollgate {

struct Contradiction {
  std::string policy;
  std::string key;  ///< of the policy, where the error is best shown
  std::string message;
};

/// What cannot be meant, at the central values of the world: rules that supersede each other in a
/// circle, levies on proceeds that leave nothing of a sale, rules that follow a customer although
/// they are not about customers.
std::vector<Contradiction> contradictions(const WorldSpec& spec);

/// Rules about sales whose removal would change nothing at any date of the run, each with the
/// reason in words, such as a licence for what a ban bars. Resolved, not wrong, but rarely meant.
std::vector<std::string> idle_rules(const WorldSpec& spec);

}  // namespace tollgate
