/// A sweep as text, with all that has been resolved in it: what makes two sweeps the same.
#pragma once

#include <string>

#include "scenarios/sweep_trees.hpp"

namespace tollgate {

/// The file with its settings filled in, the hashes of a table's points and of data files, and
/// every scenario with what is set for all points.
std::string resolved_text(const Sweep& sweep, const SweepFile& file, const SweepTrees& trees);

}  // namespace tollgate
