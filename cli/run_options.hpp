/// What a run is asked for, and what that means for its scenario and for its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output/ensemble_metadata.hpp"
#include "output/headline.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/scenario_worker.hpp"

namespace tollgate {

struct RunOptions {
  std::string scenario;
  std::vector<std::string> sets;  ///< "key.path=value"
  std::optional<std::uint32_t> replicas;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> until;       ///< ISO date
  int threads = 0;                        ///< 0: all cores
  std::optional<std::string> time_limit;  ///< "10m"
  std::vector<std::string> until_ci;      ///< "domestic_share=0.01"
  std::string frozen = "nothing";         ///< one of kFrozenNames
  std::string output;                     ///< empty: <scenario>.h5 in the working folder
  bool is_overwriting = false;
  bool is_resuming = false;
  bool is_quiet = false;
  bool is_json = false;
  std::string command_line;
};

/// What the options lay over the scenario, as --set would.
std::vector<std::string> overrides_of(const RunOptions& options);

HeadlineSubject subject_of(const WorldSpec& world);
/// What --freeze names.
Frozen frozen_of(const RunOptions& options);
std::vector<ParameterLabel> parameters_of(const Scenario& scenario);
EnsembleMetadata metadata_of(const Scenario& scenario, const RunOptions& options);

/// What to type to see a replica fail again.
std::string rerun_command(const RunOptions& options, const ReplicaFailure& failure);

}  // namespace tollgate
