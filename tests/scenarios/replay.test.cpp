/// One replica of a shipped scenario alone, with and without its trace, against the ensemble.
#include <doctest/doctest.h>

#include <map>
#include <mutex>

#include "engine/kernel/replica_runner.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tests/agents/traced.hpp"

using namespace tollgate;
using namespace tollgate::tests;

TEST_CASE("a replica alone has the bits that it has in the ensemble, with a trace and without") {
  const Scenario scenario = load_scenario("h200-levy", {"run.until=2026-07-01"});
  const WorldLayout layout(scenario.world);
  const std::uint64_t seed = scenario.world.seed;
  constexpr std::uint32_t kReplicas = 4;
  std::map<std::uint32_t, Record> ensemble;
  std::mutex guard;
  RunPlan plan;
  plan.seed = seed;
  plan.replicas = first_replicas(kReplicas);
  plan.threads = 2;
  const std::atomic<bool> stop{false};
  run_replicas(
      plan, [&] { return std::make_unique<ScenarioWorker>(scenario, layout, seed); },
      [&](std::uint32_t replica, const Record& record) {
        const std::lock_guard lock(guard);
        ensemble.emplace(replica, record);
      },
      [](const ReplicaFailure& failure) { FAIL(failure.message); }, stop);
  REQUIRE(ensemble.size() == kReplicas);
  for (const std::uint32_t replica : {3U, 1U}) {
    KeptTrace kept;
    Trace trace(scenario.world, kept);
    ScenarioWorker worker(scenario, layout, seed);
    for (Trace* told : {static_cast<Trace*>(nullptr), &trace}) {
      worker.trace_to(told);
      const Record& alone = worker.run(replica);
      CHECK(same_bits(alone, ensemble.at(replica)));
      CHECK(alone.draws == ensemble.at(replica).draws);
      CHECK(alone.events == ensemble.at(replica).events);
      CHECK(alone.longest_queue == ensemble.at(replica).longest_queue);
    }
    CHECK(kept.rows().size() > ensemble.at(replica).events);
  }
}

TEST_CASE("any number names a replica, however many the ensemble has") {
  const Scenario scenario = load_scenario("h200-levy", {"run.until=2025-12-01"});
  const WorldLayout layout(scenario.world);
  ScenarioWorker worker(scenario, layout, 1);
  const Record last = worker.run(4294967295U);
  CHECK(last.events > 0);
  CHECK_FALSE(same_bits(last, worker.run(0)));
}
