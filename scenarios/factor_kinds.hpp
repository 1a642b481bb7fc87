/// What kind of key each factor of a sweep varies: the reader of scenarios is shown a value there,
/// and asked what it took the key for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/schema.hpp"
#include "scenarios/sweep_trees.hpp"

namespace tollgate {

struct FactorKind {
  std::optional<KeySpec> key;  ///< none: of scenarios
  bool is_structural = false;  ///< no number, or one that shapes a world
};

struct Classification {
  std::vector<FactorKind> kinds;  ///< by factor
  std::uint64_t seed = 1;         ///< of the base; the sweep may say otherwise
  std::uint32_t replicas = 1;     ///< of the base, too
};

/// Throws ScenarioError with all `errors` when the kind of a factor does not become known, or is
/// not one that can be varied so. What is wrong with values is left to be said of every variant.
Classification classify_factors(const SweepFile& file, const SweepTrees& trees, ErrorList& errors);

/// What is wrong with a factor that varies a distribution of its key's own which is not there.
std::string no_own_distribution(const FactorText& factor);

}  // namespace tollgate
