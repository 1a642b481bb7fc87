/// Runs replicas on all cores; results do not depend on how many there are.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate {

/// A replica that did not finish: enough to run it again alone.
struct ReplicaFailure {
  std::uint32_t replica = 0;
  std::uint64_t seed = 0;
  std::string message;
};

/// Simulates replicas one after another on one thread, reusing its memory.
class ReplicaWorker {
 public:
  virtual ~ReplicaWorker() = default;
  /// Runs one replica; the reference is valid until the next call. May throw.
  virtual const Record& run(std::uint32_t replica) = 0;
};

struct RunPlan {
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> replicas;  ///< numbers to run, ascending
  int threads = 0;                      ///< 0: as many as OpenMP offers
};

/// The numbers 0 .. count-1.
std::vector<std::uint32_t> first_replicas(std::uint32_t count);

struct RunOutcome {
  std::size_t started = 0;  ///< the first so many of `RunPlan::replicas` were run or failed
  std::vector<ReplicaFailure> failures;  ///< in replica order
  bool was_interrupted = false;
};

/// Runs the plan with OpenMP dynamic scheduling.
///
/// `make_worker` is called once per thread, from that thread. `deliver` gets every finished
/// replica, one call at a time (serialised), in any order of replicas; an exception thrown by it
/// ends the run and is rethrown. `fail` is called likewise for a replica whose worker threw. When
/// `stop` becomes true, replicas in flight finish and no new one starts.
RunOutcome run_replicas(const RunPlan& plan,
                        const std::function<std::unique_ptr<ReplicaWorker>()>& make_worker,
                        const std::function<void(std::uint32_t, const Record&)>& deliver,
                        const std::function<void(const ReplicaFailure&)>& fail,
                        const std::atomic<bool>& stop);

}  // namespace tollgate
