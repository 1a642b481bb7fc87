/// `tollgate run`: a scenario to replicas to a file and a table.
#pragma once

#include "cli/run_options.hpp"

namespace tollgate {

/// Runs and prints; returns the exit status. Throws ScenarioError, OutputError.
int run_command(const RunOptions& options);

}  // namespace tollgate
