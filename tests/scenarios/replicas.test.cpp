// One replica's world on its own, frozen halves of the uncertainty, and streams that do not mix.
#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

#include "scenarios/scenario_worker.hpp"
#include "tests/allocations.hpp"
#include "tests/scenarios/fixture.hpp"
#include "tests/scenarios/record_values.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// What a replica of a scenario leaves behind.
struct Outcome {
  Values values;
  std::vector<double> draws;
};

Outcome outcome(const Scenario& scenario, std::uint32_t replica, Frozen frozen = Frozen::kNothing) {
  const WorldLayout layout(scenario.world);
  ScenarioWorker worker(scenario, layout, scenario.world.seed, frozen);
  const Record& record = worker.run(replica);
  return {values_of(record), record.draws};
}

const std::vector<std::string> kShort = {"run.until=2027-01-01"};

std::vector<std::string> with(std::vector<std::string> sets, const std::string& more) {
  sets.push_back(more);
  return sets;
}

}  // namespace

TEST_CASE("the world that show --draw prints gives the replica's results, bit for bit") {
  for (const char* design : {"plain", "lhs", "sobol"}) {
    CAPTURE(design);
    const std::vector<std::string> sets = with(kShort, std::string("run.sampling=") + design);
    const Folder folder;
    const std::string shown = show_replica("h200-levy", sets, 7);
    const Scenario plain = load_scenario(folder.write("seven.toml", shown));
    const Scenario drawn = load_scenario("h200-levy", sets);
    CHECK(drawn.uncertain.size() > 100);
    CHECK(plain.uncertain.empty());
    const Values expected = outcome(drawn, 7).values;
    CHECK(outcome(plain, 7).values == expected);
    CHECK(outcome(plain, 6).values != expected);  // the noise is another replica's
  }
}

TEST_CASE("show --draw keeps places, sources and dates, and drops correlations") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path = folder.write(
      "policy.toml",
      "format = 1\nextends = \"./world.toml\"\n"
      "demand.wait_value = { distribution = \"normal\", mean = 0, sd = 0.5, note = \"n\" }\n"
      "policy.levy.effective = { distribution = \"uniform\", low = 2026-02-01, high = 2026-12-01 "
      "}\n"
      "licence_office.priority.lab = { distribution = \"uniform\", low = 1, high = 3 }\n"
      "[correlation.x]\nparameters = [\"demand.wait_value\", \"chip.h200.price_usd\"]\n"
      "matrix = [[1, 0.5], [0.5, 1]]\n");
  const std::string shown = show_replica(path, {"run.seed=4"}, 11);
  CHECK(shown.find("distribution") == std::string::npos);
  CHECK(shown.find("correlation") == std::string::npos);
  CHECK(shown.find("policy.toml:3\n") != std::string::npos);
  CHECK(shown.find("note = \"n\"") != std::string::npos);
  CHECK(shown.starts_with("# The world of replica 11 of 'policy': seed 4, sampling \"plain\""));
  const Scenario drawn = load_scenario(path, {"run.seed=4"});
  const Scenario plain = load_scenario(folder.write("shown.toml", shown));
  WorldSpec world = drawn.world;
  std::vector<double> draws;
  draw_parameters(drawn, 4, 11, world, draws);
  CHECK(plain.world.demand.wait_value == world.demand.wait_value);
  CHECK(plain.world.policies[0].effective == world.policies[0].effective);
  CHECK(plain.world.licence_office.priority.lab == world.licence_office.priority.lab);
  CHECK(plain.world.chips[0].price_usd == world.chips[0].price_usd);
}

TEST_CASE("a draw at an end that does not belong to the range is still allowed as a plain value") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path = folder.write(
      "policy.toml",
      "format = 1\nextends = \"./world.toml\"\n"
      "chip.h200.price_usd = { distribution = \"normal\", mean = 4000, sd = 1 }\n"
      "chip.h200.unit_cost_usd = { distribution = \"normal\", mean = 1, sd = 2000 }\n");
  for (std::uint32_t replica = 0; replica < 8; ++replica) {
    CHECK_NOTHROW(load_scenario(folder.write("shown.toml", show_replica(path, {}, replica))));
  }
}

TEST_CASE("a replica outside of the design is refused") {
  CHECK_THROWS_WITH_AS(
      show_replica("h200-levy", {"run.sampling=lhs", "run.replicas=50"}, 50),
      doctest::Contains("--draw 50: error: there is no such replica; with run.sampling = \"lhs\" "
                        "allowed is 0 to 49"),
      ScenarioError);
  CHECK_NOTHROW(show_replica("h200-levy", {"run.replicas=50"}, 50));
}

TEST_CASE("frozen parameters are the central ones in every replica, and the noise goes on") {
  const Scenario scenario = load_scenario("h200-levy", kShort);
  const Outcome one = outcome(scenario, 1, Frozen::kParameters);
  const Outcome two = outcome(scenario, 2, Frozen::kParameters);
  REQUIRE(one.draws.size() == scenario.uncertain.size());
  CHECK(one.draws == two.draws);
  CHECK(one.values != two.values);
  for (std::size_t p = 0; p < one.draws.size(); ++p) {
    CHECK(one.draws[p] ==
          scenario.uncertain[p].fitted(central(scenario.uncertain[p].distribution)));
  }
}

TEST_CASE("frozen noise is that of replica 0, and the parameters go on") {
  const Scenario scenario = load_scenario("h200-levy", kShort);
  const Outcome frozen = outcome(scenario, 3, Frozen::kNoise);
  CHECK(frozen.draws == outcome(scenario, 3).draws);
  const Folder folder;
  const std::string shown = folder.write("three.toml", show_replica("h200-levy", kShort, 3));
  CHECK(frozen.values == outcome(load_scenario(shown), 0).values);
  CHECK(frozen.values != outcome(scenario, 3).values);
  CHECK(frozen.values != outcome(scenario, 0, Frozen::kNoise).values);
}

TEST_CASE("agents and instruments that do nothing leave the results of the others, bit for bit") {
  const Folder folder;
  // Ids before, between and after those that are there, so that every place in the tables moves.
  const std::string buyer = R"(
headquarters = "china"
site = "china"
customer_class = "cloud"
need_h100e = { training = 0, inference = 0 }
budget_usd_per_quarter = 0
)";
  const std::string vendor = R"(
headquarters = "us"
stack = "idle"
utilisation = { training = 0.5, inference = 0.5 }
)";
  // Rules that no sale meets: the buyer's site is elsewhere. (One on the idle buyers would touch
  // somebody, and be news at which all vendors price anew.)
  const std::string nowhere = "buyers = [\"baidu\"]\ndestinations = [\"asean\"]\n";
  const std::string idle = folder.write(
      "idle.toml",
      "format = 1\nextends = \"h200-levy\"\n[buyer.aaa_idle]" + buyer + "[buyer.nnn_idle]" + buyer +
          "[vendor.aaa_idle]" + vendor + "[vendor.zzz_idle]" + vendor +
          "[policy.aaa_idle]\ninstrument = \"levy\"\nrate = 0.3\n"
          "effective = 2026-03-01\n" +
          nowhere + "[policy.zzz_idle]\ninstrument = \"ban\"\neffective = 2026-05-01\n" + nowhere);
  for (const std::uint32_t replica : {0U, 5U}) {
    const Outcome without = outcome(load_scenario("h200-levy", kShort), replica);
    const Outcome with_idle = outcome(load_scenario(idle, kShort), replica);
    CHECK(with_idle.draws == without.draws);
    std::size_t differences = 0;
    for (const auto& [name, bits] : without.values) {
      const auto found = with_idle.values.find(name);
      REQUIRE(found != with_idle.values.end());
      if (found->second == bits) continue;
      if (++differences <= 5) {
        MESSAGE(name, ": ", std::bit_cast<double>(bits), " became ",
                std::bit_cast<double>(found->second), " (", bits, " ", found->second, ")");
      }
    }
    CHECK(differences == 0);
    CHECK(with_idle.values.size() > without.values.size());
  }
}

TEST_CASE("a run that ends earlier is the beginning of a longer one, bit for bit") {
  for (const char* name : {"h200-levy", "ban", "history-redesign"}) {
    CAPTURE(name);
    const bool is_of_2022 = std::string_view(name) == "history-redesign";
    const auto until = [&](const char* of_2025, const char* of_2022) {
      const std::string date = is_of_2022 ? of_2022 : of_2025;
      return outcome(load_scenario(name, {"run.until=" + date}), 3).values;
    };
    const Values early = until("2026-07-01", "2023-01-01");
    const Values late = until("2027-01-01", "2024-01-01");
    std::size_t different = 0;
    for (const auto& [cell, value] : early) {
      if (late.at(cell) != value && different++ == 0) MESSAGE("first difference: " << cell);
    }
    CHECK(different == 0);
    CHECK(early.size() > 1000);
  }
}

TEST_CASE("drawing allocates nothing once it has begun") {
  for (const char* design : {"plain", "lhs", "sobol"}) {
    CAPTURE(design);
    const Scenario scenario = load_scenario("h200-levy", {std::string("run.sampling=") + design});
    ParameterSampler sampler(scenario, 1);
    WorldSpec world = scenario.world;
    std::vector<double> draws;
    sampler.draw(0, world, draws);
    const std::size_t before = allocations();
    for (std::uint32_t i = 1; i < 50; ++i) sampler.draw(i, world, draws);
    CHECK(allocations() == before);
  }
}
