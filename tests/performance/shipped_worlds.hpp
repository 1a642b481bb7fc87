/// The worlds that the benchmarks of the whole model run: the main job, as it is shipped and with a
/// long fringe.
#pragma once

#include <string>
#include <vector>

#include "agents/world.hpp"
#include "scenarios/loader.hpp"

namespace tollgate::test {

/// A scenario with the layout of its output.
struct ShippedWorld {
  explicit ShippedWorld(const std::string& name, const std::vector<std::string>& sets = {})
      : scenario(load_scenario(name, sets)), layout(scenario.world) {}
  Scenario scenario;
  WorldLayout layout;
};

/// 46 buyers, 9 of them members of fringes.
inline const ShippedWorld& main_job() {
  static const ShippedWorld world("h200-levy");
  return world;
}

/// The same with 197 members of fringes.
inline const ShippedWorld& main_job_with_long_fringe() {
  static const ShippedWorld world("h200-levy", {"fringe.enterprises.count=193"});
  return world;
}

/// The dated history of policy since 2022.
inline const ShippedWorld& history() {
  static const ShippedWorld world("history");
  return world;
}

}  // namespace tollgate::test
