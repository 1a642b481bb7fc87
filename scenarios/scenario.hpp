/// A scenario: the world of every replica, what is uncertain in it, and how to run it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agents/world_spec.hpp"
#include "scenarios/distribution.hpp"

namespace tollgate {

/// A number or a date of the world that is drawn anew in each replica.
struct UncertainParameter {
  std::string key;  ///< dotted path, e.g. "vendor.nvidia.preference"
  std::string unit;
  std::string sentence;  ///< from the key table
  std::string source;
  Distribution distribution;
  double low = 0;  ///< range that the key allows; draws are clipped to it
  double high = 0;
  std::function<void(WorldSpec&, double)> store;  ///< of a date: days since 1970-01-01
};

struct Scenario {
  std::string name;  ///< file name without extension
  std::string title;
  std::string description;
  WorldSpec world;                            ///< every uncertain number at its central value
  std::vector<UncertainParameter> uncertain;  ///< sorted by key
  std::string resolved_toml;  ///< the resolved scenario as text, without provenance comments
};

/// Writes replica `replica`'s draws into `world` (a copy of `scenario.world`, whose uncertain
/// fields are all overwritten, and whose fringes are sized anew) and into `draws`, in the order of
/// `scenario.uncertain`. Each parameter has a stream of its own, keyed by (seed, replica, key,
/// "draw").
void draw_parameters(const Scenario& scenario, std::uint64_t seed, std::uint32_t replica,
                     WorldSpec& world, std::vector<double>& draws);

}  // namespace tollgate
