/// us per replica for its uncertain parameters.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "scenarios/scenario.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

void draw_parameters_of_replica(benchmark::State& state) {
  const Scenario& scenario = test::main_job().scenario;
  WorldSpec world = scenario.world;
  std::vector<double> draws;
  std::uint32_t replica = 0;
  for (auto _ : state) draw_parameters(scenario, 1, replica++, world, draws);
  state.counters["parameters"] = static_cast<double>(scenario.uncertain.size());
}
BENCHMARK(draw_parameters_of_replica)->Unit(benchmark::kMicrosecond);

}  // namespace
