/// `tollgate sweep`: all items of a sweep, or of a shard of it, to a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/kernel/replica_runner.hpp"
#include "output/ensemble_metadata.hpp"
#include "output/sweep_metadata.hpp"
#include "scenarios/sweep.hpp"

namespace tollgate {

struct SweepRunOptions {
  std::string file;            ///< as the user named it
  std::string command;         ///< that makes the sweep again, without --shard and -o
  std::string output;          ///< a file, or the folder of shards; empty: <sweep>.h5, or <sweep>
  std::optional<Shard> shard;  ///< none: the whole sweep
  int threads = 0;             ///< 0: all cores
  std::optional<std::string> time_limit;         ///< "10m", from `begin` on
  RunClock::time_point begin = RunClock::now();  ///< of the program, before the sweep is loaded
  bool is_overwriting = false;
  bool is_resuming = false;
  bool is_quiet = false;
  bool is_json = false;
  std::string command_line;
};

/// The file that these options name.
std::string output_of(const Sweep& sweep, const SweepRunOptions& options);

// What the file says of the sweep.
EnsembleMetadata metadata_of(const Sweep& sweep, const SweepRunOptions& options);
SweepMetadata sweep_metadata_of(const Sweep& sweep, const SweepRunOptions& options);
std::vector<ParameterLabel> parameters_of(const Sweep& sweep);

/// The rows of the headline, for records of `sweep.layout()`. The regions that are compared are
/// those of the first variant. The sweep must outlive them.
Outcomes outcomes_of(const Sweep& sweep);

/// What to type to see an item alone: the run of one replica, with the coordinates of its point.
std::string rerun_command(const Sweep& sweep, std::uint64_t item);

/// How a sweep ended.
struct SweepOutcome {
  std::uint64_t resumed = 0;        ///< items that were there already
  std::uint64_t failed_before = 0;  ///< of these
  std::uint64_t done = 0;           ///< items that this attempt ran, failed ones included
  std::uint64_t failed = 0;         ///< of these
  std::uint64_t events = 0;
  double seconds = 0;
  bool was_interrupted = false;
  bool is_out_of_time = false;
};

/// Prints how it ended; returns the exit status.
int report(const Sweep& sweep, const SweepRunOptions& options, const SweepOutcome& outcome);

/// Runs what is missing, in segments of bounded size, and prints how it ended; returns the exit
/// status. Throws ScenarioError, OutputError.
int run_sweep(const Sweep& sweep, const SweepRunOptions& options);

}  // namespace tollgate
