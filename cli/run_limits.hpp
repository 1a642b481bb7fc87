/// What ends a run before its last replica: a time limit, or intervals that are narrow enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/kernel/median_interval.hpp"
#include "output/headline.hpp"

namespace tollgate {

/// Reads `--time-limit`: a number and a unit, "90s", "10m", "1.5h". Throws ScenarioError.
std::chrono::nanoseconds parse_time_limit(const std::string& text);

/// The goals of `--until-ci NAME=HALF_WIDTH`, and how far a run is from them.
///
/// A goal is met when the 95% interval of the median of the headline row reaches no further than
/// the half width to either side of its middle. All of them have to be met at one look.
class PrecisionGoals {
 public:
  struct Goal {
    std::string name;
    std::size_t place = 0;  ///< in Headline::names()
    double half_width = 0;
  };
  /// How a goal stands after some replicas.
  struct Standing {
    Goal goal;
    MedianInterval interval;
    std::size_t values = 0;  ///< replicas that have one
    [[nodiscard]] bool is_met() const { return interval.half_width() <= goal.half_width; }
  };

  /// `replicas`: the most that may run. Throws ScenarioError when a goal is no row of the headline.
  PrecisionGoals(const std::vector<std::string>& goals, const Headline& headline,
                 std::uint32_t replicas);

  [[nodiscard]] bool is_any() const { return !goals_.empty(); }
  [[nodiscard]] const LookSchedule& looks() const { return looks_; }
  /// By the replicas below `end` alone.
  [[nodiscard]] std::vector<Standing> standings(std::uint32_t end) const;
  [[nodiscard]] bool are_met(std::uint32_t end) const;

 private:
  std::vector<Goal> goals_;
  const Headline& headline_;
  LookSchedule looks_;
};

}  // namespace tollgate
