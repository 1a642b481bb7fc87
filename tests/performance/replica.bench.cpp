/// ms per replica of the main job on one core, everything but writing; ns per event. The replicas
/// of an ensemble in turn, so that no single one decides.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "scenarios/scenario_worker.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

template <auto WorldOf>
void replica(benchmark::State& state) {
  const test::ShippedWorld& world = WorldOf();
  ScenarioWorker worker(world.scenario, world.layout, world.scenario.world.seed);
  std::uint32_t number = 0;
  double events = 0;
  for (auto _ : state) events += static_cast<double>(worker.run(number++).events);
  state.counters["events"] = events / static_cast<double>(state.iterations());
  state.counters["per_event"] =
      benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
// So many replicas each time, that the least of several times is not that of the least replica.
BENCHMARK(replica<test::main_job>)->Iterations(8)->Unit(benchmark::kMillisecond);
BENCHMARK(replica<test::main_job_with_long_fringe>)->Iterations(4)->Unit(benchmark::kMillisecond);

}  // namespace
