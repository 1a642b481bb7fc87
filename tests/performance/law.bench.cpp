/// us to resolve all instruments against every pair of chip and customer, at the dates on which the
/// shipped history of policy changes.
#include "engine/policy/law.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

/// Dates within the run on which a rule comes into force or ends, in order.
std::vector<SimTime> dates_of_change(const WorldSpec& spec) {
  std::vector<SimTime> dates;
  for (const InstrumentSpec& rule : spec.policies) {
    for (const std::optional<SimTime> date : {std::optional{rule.effective}, rule.until}) {
      if (date && *date > spec.start && *date < spec.until) dates.push_back(*date);
    }
  }
  std::ranges::sort(dates);
  dates.erase(std::ranges::unique(dates).begin(), dates.end());
  return dates;
}

void law_compile_history(benchmark::State& state) {
  const test::ShippedWorld& world = test::history();
  const WorldSpec& spec = world.scenario.world;
  const World replica(spec, world.layout, StreamFactory{1, 0});
  const std::vector<SimTime> dates = dates_of_change(spec);
  Law law = replica.context().law;
  std::size_t next = 0;
  for (auto _ : state) {
    law.compile(dates[next]);
    if (++next < dates.size()) continue;
    state.PauseTiming();
    law = replica.context().law;  // as before the first date
    next = 0;
    state.ResumeTiming();
  }
  state.counters["rules"] = static_cast<double>(spec.policies.size());
  state.counters["pairs"] = static_cast<double>(spec.chips.size() * law.customers());
}
BENCHMARK(law_compile_history)->Unit(benchmark::kMicrosecond);

}  // namespace
