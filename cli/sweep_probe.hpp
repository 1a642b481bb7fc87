/// What a sweep would take, judged by a few of its replicas.
#pragma once

#include <cstdint>
#include <string>

#include "cli/sweep_run.hpp"

namespace tollgate {

struct SweepEstimate {
  std::uint64_t probed = 0;  ///< replicas run
  std::uint64_t failed = 0;  ///< of these
  double seconds_each = 0;   ///< of one core
  int threads = 1;
  double seconds = 0;              ///< of the whole sweep, or the shard, on so many threads
  double bytes = 0;                ///< of the file
  double bytes_while_running = 0;  ///< with the journal
  double memory = 0;               ///< bytes
};

/// Runs replicas of the first, the middle and the last point for about two seconds, into a file in
/// the system's temporary folder that is removed. Throws
/// OutputError when that cannot be written.
SweepEstimate probe(const Sweep& sweep, const SweepRunOptions& options);

/// In words, of 80 columns.
std::string describe(const SweepEstimate& estimate);

}  // namespace tollgate
