/// `tollgate run`: a scenario to replicas to a file and a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"

namespace tollgate {

struct RunOptions {
  std::string scenario;
  std::vector<std::string> sets;  ///< "key.path=value"
  std::optional<std::uint32_t> replicas;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> until;  ///< ISO date
  int threads = 0;                   ///< 0: all cores
  std::string output;                ///< empty: <scenario>.h5 in the working folder
  bool is_overwriting = false;
  bool is_resuming = false;
  bool is_quiet = false;
  bool is_json = false;
  std::string command_line;
};

/// Runs and prints; returns the exit status. Throws ScenarioError, OutputError.
int run_command(const RunOptions& options);

}  // namespace tollgate
