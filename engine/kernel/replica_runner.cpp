#include "engine/kernel/replica_runner.hpp"

#include <omp.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>

namespace tollgate {
namespace {

/// Hands out the places of a plan's replicas, first to last, and ends the run.
///
/// A mutex costs some 20 ns where nobody waits for it, a replica takes milliseconds.
class ReplicaQueue {
 public:
  ReplicaQueue(const RunPlan& plan, const std::atomic<bool>& stop) : plan_(plan), stop_(stop) {
    open_gate();
  }

  /// The next place; nothing when the run is over. Waits at a look for the replicas before it.
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (is_over_) return std::nullopt;
      if (next_ == plan_.replicas.size()) return std::nullopt;
      if (stop_) return end(RunEnd::kStopped);
      if (next_ < gate_) break;
      if (done_ == gate_) {
        if (plan_.is_enough(plan_.looks[look_])) return end(RunEnd::kEnough);
        ++look_;
        open_gate();
        changed_.notify_all();
      } else {
        changed_.wait(lock);
      }
    }
    if (plan_.deadline && RunClock::now() + mean_duration() > *plan_.deadline) {
      return end(RunEnd::kTimeLimit);
    }
    return next_++;
  }

  void settle(RunClock::duration duration) {
    const std::lock_guard lock(mutex_);
    ++done_;
    busy_ += duration;
    changed_.notify_all();
  }

  /// Ends the run because of the exception that is being handled; the first one counts.
  void break_off() {
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = std::current_exception();
    is_over_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] bool is_broken() {
    const std::lock_guard lock(mutex_);
    return broken_ != nullptr;
  }

  /// To be asked when all threads have ended.
  void report(RunOutcome& outcome) const {
    if (broken_) std::rethrow_exception(broken_);
    outcome.started = next_;
    outcome.end = end_;
  }

 private:
  std::nullopt_t end(RunEnd reason) {
    is_over_ = true;
    end_ = reason;
    changed_.notify_all();
    return std::nullopt;
  }

  /// Lets replicas begin up to the next look. One that is not before the end of the plan tells
  /// nothing that the end does not.
  void open_gate() {
    const auto& replicas = plan_.replicas;
    gate_ = replicas.size();
    if (look_ == plan_.looks.size()) return;
    gate_ = static_cast<std::size_t>(std::ranges::lower_bound(replicas, plan_.looks[look_]) -
                                     replicas.begin());
    if (gate_ == replicas.size()) look_ = plan_.looks.size();
  }

  [[nodiscard]] RunClock::duration mean_duration() const {
    return done_ == 0 ? RunClock::duration{} : busy_ / static_cast<std::int64_t>(done_);
  }

  const RunPlan& plan_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0, done_ = 0;
  std::size_t gate_ = 0, look_ = 0;
  RunClock::duration busy_{};
  bool is_over_ = false;
  RunEnd end_ = RunEnd::kComplete;
  std::exception_ptr broken_;
};

}  // namespace

std::vector<std::uint32_t> first_replicas(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

RunOutcome run_replicas(const RunPlan& plan,
                        const std::function<std::unique_ptr<ReplicaWorker>()>& make_worker,
                        const std::function<void(std::uint32_t, const Record&)>& deliver,
                        const std::function<void(const ReplicaFailure&)>& fail,
                        const std::atomic<bool>& stop) {
  RunOutcome outcome;
  ReplicaQueue queue(plan, stop);
  std::mutex failing;

  const auto work = [&] {
    const std::unique_ptr<ReplicaWorker> worker = make_worker();
    while (const std::optional<std::size_t> place = queue.take()) {
      const RunClock::time_point begin = RunClock::now();
      const std::uint32_t replica = plan.replicas[*place];
      const Record* record = nullptr;
      std::string message;
      try {
        record = &worker->run(replica);
      } catch (const std::exception& error) {
        message = error.what();
      }
      if (queue.is_broken()) break;
      if (record != nullptr) {
        deliver(replica, *record);
      } else {
        const std::lock_guard lock(failing);
        outcome.failures.push_back({replica, plan.seed, message});
        fail(outcome.failures.back());
      }
      queue.settle(RunClock::now() - begin);
    }
  };

  // libgomp's own fork and join are invisible to ThreadSanitizer: the counter stands for the join,
  // and threads that are not kept for a next run begin it as new ones.
  std::atomic<int> ended{0};
  const int threads = plan.threads > 0 ? plan.threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
  {
    try {
      work();
    } catch (...) {
      queue.break_off();
    }
    ended.fetch_add(1);
  }
  ended.load();
  omp_pause_resource_all(omp_pause_hard);

  queue.report(outcome);
  std::ranges::sort(outcome.failures, {}, &ReplicaFailure::replica);
  return outcome;
}

}  // namespace tollgate
