/// `tollgate sweep`: a scenario at many points of some of its keys.
#pragma once

#include <string>

#include "scenarios/sweep.hpp"

namespace tollgate {

struct SweepOptions {
  std::string sweep;  ///< name of a shipped sweep, or path of a file
  SweepOverrides overrides;
  bool is_dry_run = false;
  std::string points;  ///< CSV of all points; empty: none
  bool is_overwriting = false;
};

/// Exit status.
int sweep_command(const SweepOptions& options);

/// What a sweep would run: its design, factors, size and first points, in 80 columns.
std::string describe_sweep(const Sweep& sweep);

}  // namespace tollgate
