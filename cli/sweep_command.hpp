/// `tollgate sweep`: a scenario at many points of some of its keys.
#pragma once

#include <string>

#include "cli/sweep_run.hpp"
#include "scenarios/sweep.hpp"

namespace tollgate {

struct SweepOptions {
  SweepOverrides overrides;
  bool is_dry_run = false;
  std::string points;  ///< CSV of all points; empty: none
  std::string shard;   ///< "3/100"; empty: the whole sweep
  SweepRunOptions run;
};

/// Runs the sweep, or says what would be run; returns the exit status. Throws ScenarioError,
/// OutputError.
int sweep_command(const SweepOptions& options);

/// Options of the run that were checked: the shard is there. Throws ScenarioError.
SweepRunOptions checked(const SweepOptions& options);

/// What a sweep would run: its design, factors, size and first points, in 80 columns.
std::string describe_sweep(const Sweep& sweep);

}  // namespace tollgate
