/// Runs replicas on all cores; results do not depend on how many there are.
///
/// A thread that is free takes the first replica of the plan that nobody has begun. So no thread
/// idles while there is work, whatever each replica takes, and the replicas begun are the first
/// ones of the plan at any moment: that is what an interrupted run keeps, and what a run that ends
/// early looks at. docs/decisions/0005-replicas-from-one-queue.md compares it with stealing ranges.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

using RunClock = std::chrono::steady_clock;

struct RunPlan {
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> replicas;  ///< numbers to run, ascending
  int threads = 0;                      ///< 0: as many as OpenMP offers

  /// No replica is begun that would, taking as long as the mean so far, end later.
  std::optional<RunClock::time_point> deadline;

  /// At each of these numbers, ascending, `is_enough(number)` is asked whether to end the run. It
  /// is called once all replicas below the number are done and before any other is begun, so that
  /// neither the answer nor what has run by then depends on threads.
  std::vector<std::uint32_t> looks;
  std::function<bool(std::uint32_t)> is_enough;
};

/// The numbers 0 .. count-1.
std::vector<std::uint32_t> first_replicas(std::uint32_t count);

enum class RunEnd : std::uint8_t {
  kComplete,   ///< all of the plan
  kStopped,    ///< `stop` became true
  kTimeLimit,  ///< the deadline came first
  kEnough,     ///< a look found it enough
};

struct RunOutcome {
  std::size_t started = 0;  ///< the first so many of `RunPlan::replicas` were run or failed
  std::vector<ReplicaFailure> failures;  ///< in replica order
  RunEnd end = RunEnd::kComplete;
  [[nodiscard]] bool was_interrupted() const {
    return end == RunEnd::kStopped || end == RunEnd::kTimeLimit;
  }
};

/// Runs the plan on OpenMP threads.
///
/// `make_worker` is called once per thread, from that thread. `deliver` gets every finished
/// replica, from the thread that ran it: SEVERAL CALLS AT A TIME, in any order of replicas. `fail`
/// is called for a replica whose worker threw, one call at a time, but beside `deliver`. An
/// exception thrown by one of the two ends the run and is rethrown. When `stop` becomes true,
/// replicas in flight finish and no new one starts.
RunOutcome run_replicas(const RunPlan& plan,
                        const std::function<std::unique_ptr<ReplicaWorker>()>& make_worker,
                        const std::function<void(std::uint32_t, const Record&)>& deliver,
                        const std::function<void(const ReplicaFailure&)>& fail,
                        const std::atomic<bool>& stop);

}  // namespace tollgate
