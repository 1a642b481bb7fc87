/// What a scenario says of politics: chains of regimes, and what moves a government between them.
///
/// One chain stands for one government. It is in one of its regimes at a time; an instrument may be
/// bound to regimes and is in force only while they last (engine/policy/politics.hpp).
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/kernel/strong_id.hpp"

namespace tollgate {

using PoliticsId = Id<struct PoliticsTag>;
using RegimeId = Id<struct RegimeTag>;
using TransitionId = Id<struct TransitionTag>;

/// A day on a calendar that politics looks at; `weight` is what it counts for.
struct CalendarDay {
  SimTime date;
  double weight = 1;
};

/// A chain: one government.
struct PoliticsSpec {
  std::string id;
  RegimeId initial;
  std::optional<SimTime> begins;  ///< no move before it; none: from the start of the run
  std::vector<CalendarDay> elections;
  std::vector<CalendarDay> summits;
  double election_days = 180;  ///< an election is near for so long before it
  double summit_days = 60;     ///< a summit is near for so long before and after it
};

struct RegimeSpec {
  std::string id;
  PoliticsId politics;
};

/// Whether every government that has a regime among `named` is in one of them now. `regimes` are
/// all there are, `current` gives the regime in which a government is.
template <class Current>
bool do_hold(std::span<const RegimeId> named, std::span<const RegimeSpec> regimes,
             const Current& current) {
  return std::ranges::all_of(named, [&](RegimeId regime) {
    return std::ranges::find(named, current(regimes[regime.index()].politics)) != named.end();
  });
}

/// A move from one regime to another of the same chain, and the effects on its log hazard.
struct TransitionSpec {
  std::string id;
  RegimeId from;
  RegimeId to;
  double rate_per_year = 0;   ///< hazard while every covariate is 0
  double capability_gap = 0;  ///< per unit of the log ratio of installed compute
  double receipts = 0;        ///< per billion USD of levies over the last twelve months
  double election = 0;        ///< while an election of weight 1 is near
  double summit = 0;          ///< while a summit of weight 1 is near
};

}  // namespace tollgate
