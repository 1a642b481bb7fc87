/// us per month of the suppliers, within replicas of the main job: all stages, all chips.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>

#include "agents/event.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

/// CPU time of this thread, which what else runs on the machine does not lengthen.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void supply_month(benchmark::State& state) {
  const test::ShippedWorld& shipped = test::main_job();
  std::unique_ptr<World> world;
  std::uint32_t replica = 0;
  for (auto _ : state) {
    for (bool has_allocated = false; !has_allocated;) {
      if (!world) {
        world = std::make_unique<World>(shipped.scenario.world, shipped.layout,
                                        StreamFactory{1, replica++});
        world->start();
      }
      const double start = cpu_seconds();
      const std::optional<Event> event = world->step();
      const double end = cpu_seconds();
      if (!event) {
        world.reset();
      } else if (event->kind == EventKind::kCapacityAllocated) {
        state.SetIterationTime(end - start);
        has_allocated = true;
      }
    }
  }
}
// As many months as two replicas have: between two of them lies a month of everything else.
BENCHMARK(supply_month)->UseManualTime()->Iterations(120)->Unit(benchmark::kMicrosecond);

}  // namespace
