/// Replicas per second of the runner by number of threads, without writing.
#include <benchmark/benchmark.h>
#include <omp.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/kernel/replica_runner.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

constexpr std::uint32_t kReplicas = 16;

RunPlan plan_for(int threads) {
  RunPlan plan;
  plan.replicas = first_replicas(kReplicas);
  plan.threads = threads;
  return plan;
}

void ensemble_of_16(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  if (threads > omp_get_num_procs()) return state.SkipWithError("not on this machine");
  const test::ShippedWorld& world = test::main_job();
  const std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> events{0};
  for (auto _ : state) {
    run_replicas(
        plan_for(threads),
        [&] { return std::make_unique<ScenarioWorker>(world.scenario, world.layout, 1); },
        [&](std::uint32_t, const Record& record) { events += record.events; },
        [&](const ReplicaFailure& failure) { state.SkipWithError(failure.message.c_str()); }, stop);
  }
  const auto replicas = static_cast<double>(state.iterations() * kReplicas);
  state.counters["replicas_per_s"] = benchmark::Counter(replicas, benchmark::Counter::kIsRate);
  state.counters["events"] = static_cast<double>(events) / replicas;
}
BENCHMARK(ensemble_of_16)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
