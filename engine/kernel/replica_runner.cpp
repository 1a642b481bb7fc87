#include "engine/kernel/replica_runner.hpp"

#include <omp.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <numeric>

namespace tollgate {

std::vector<std::uint32_t> first_replicas(std::uint32_t count) {
  std::vector<std::uint32_t> replicas(count);
  std::iota(replicas.begin(), replicas.end(), 0U);
  return replicas;
}

// The threads share a counter rather than an `omp for schedule(dynamic, 1)`: the numbers handed out
// are then a prefix at any moment, and a plain mutex and atomics are understood by ThreadSanitizer.
RunOutcome run_replicas(const RunPlan& plan,
                        const std::function<std::unique_ptr<ReplicaWorker>()>& make_worker,
                        const std::function<void(std::uint32_t, const Record&)>& deliver,
                        const std::function<void(const ReplicaFailure&)>& fail,
                        const std::atomic<bool>& stop) {
  RunOutcome outcome;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_broken{false};
  std::exception_ptr broken;
  std::mutex delivery;

  const auto break_off = [&] {
    const std::lock_guard lock(delivery);
    if (!broken) broken = std::current_exception();
    is_broken = true;
  };
  const auto work = [&] {
    const std::unique_ptr<ReplicaWorker> worker = make_worker();
    while (!stop && !is_broken) {
      const std::size_t place = next.fetch_add(1);
      if (place >= plan.replicas.size()) break;
      const std::uint32_t replica = plan.replicas[place];
      const Record* record = nullptr;
      std::string message;
      try {
        record = &worker->run(replica);
      } catch (const std::exception& error) {
        message = error.what();
      }
      const std::lock_guard lock(delivery);
      if (is_broken) break;
      if (record != nullptr) {
        deliver(replica, *record);
      } else {
        outcome.failures.push_back({replica, plan.seed, message});
        fail(outcome.failures.back());
      }
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
      break_off();
    }
    ended.fetch_add(1);
  }
  ended.load();
  omp_pause_resource_all(omp_pause_hard);
  if (broken) std::rethrow_exception(broken);

  outcome.started = std::min(next.load(), plan.replicas.size());
  outcome.was_interrupted = outcome.started < plan.replicas.size();
  std::ranges::sort(outcome.failures, {}, &ReplicaFailure::replica);
  return outcome;
}

}  // namespace tollgate
