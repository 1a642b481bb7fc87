/// The scenarios of a sweep as trees, each with what is set for all points laid over it.
#pragma once

#include <optional>
#include <vector>

#include "scenarios/library.hpp"
#include "scenarios/sweep_file.hpp"

namespace tollgate {

struct SweepTrees {
  std::optional<std::size_t> of_scenarios;  ///< the factor with scenarios, if there is one
  std::vector<ResolvedTree> scenarios;      ///< by its level; without it, the base alone
  ResolvedTree base;                        ///< without one, the first scenario
  /// The base is none of the scenarios: it is there for its seed and replicas, and for the kinds
  /// of keys.
  bool is_base_apart = false;
};

/// Throws ScenarioError with all `errors` when the sweep has no factors or one of its scenarios
/// cannot be read.
SweepTrees read_sweep_trees(const SweepFile& file, ErrorList& errors);

/// Lays a value on a tree at the key of a factor, as --set would.
void lay(Node& root, const FactorText& factor, Node value);

}  // namespace tollgate
