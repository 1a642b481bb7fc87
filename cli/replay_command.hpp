/// `tollgate run --replica N`: one replica alone, bit for bit as in the ensemble, and its trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/run_options.hpp"

namespace tollgate {

struct TraceOptions {
  bool is_wanted = false;
  std::string path;  ///< empty: <scenario>-<replica>.trace.csv in the working folder
  std::vector<std::string> agents, chips, kinds;
  std::string from, until;  ///< ISO dates; empty: none
};

/// Runs the replica and prints its headline; writes results only to a file that is named. Returns
/// the exit status. Throws ScenarioError, OutputError.
int replay_command(const RunOptions& options, std::uint32_t replica, const TraceOptions& trace);

}  // namespace tollgate
