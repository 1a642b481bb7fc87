/// Answers held ready: when they come, how long they last, and that nobody knows before.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/agents/regulators_alone.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

using Times = std::vector<SimTime>;

constexpr std::size_t kFirst = 0;
constexpr std::size_t kSecond = 1;
constexpr std::size_t kAnswer = 2;
constexpr std::size_t kRetaliation = 3;

/// Two rules of Washington in the run, a customs rule held ready, and the retaliation: 10 days
/// after, for 60 days.
WorldSpec retaliating_world() {
  WorldSpec spec = small_world();
  spec.noise = false;
  InstrumentSpec first = instrument(Ban{});
  first.id = "first";
  first.effective = date("2026-03-01");
  InstrumentSpec second = first;
  second.id = "second";
  second.effective = date("2026-04-01");
  InstrumentSpec answer = instrument(Customs{});
  answer.id = "answer";
  answer.as<Customs>().probability = 0.9;
  InstrumentSpec retaliation = instrument(Retaliation{});
  retaliation.as<Retaliation>().watched = {"first", "second"};
  retaliation.as<Retaliation>().answer = {"answer"};
  retaliation.as<Retaliation>().lag_days = 10;
  retaliation.as<Retaliation>().lasting_days = 60;
  spec.policies = {first, second, answer, retaliation};
  return spec;
}

Retaliation& retaliation_of(WorldSpec& spec) {
  return spec.policies[kRetaliation].as<Retaliation>();
}

}  // namespace

TEST_CASE("an answer comes its lag after the rule, to the minute, and a second one prolongs it") {
  WorldSpec spec = retaliating_world();
  retaliation_of(spec).lag_days = 10.5;
  RegulatorsAlone world(spec);
  CHECK(world.turns(kAnswer) ==
        Times{date("2026-03-11") + Duration{720}, date("2026-06-10") + Duration{720}});
}

TEST_CASE("an answer that is over comes again with the next rule") {
  WorldSpec spec = retaliating_world();
  retaliation_of(spec).lasting_days = 20;
  RegulatorsAlone world(spec);
  CHECK(world.turns(kAnswer) ==
        Times{date("2026-03-11"), date("2026-03-31"), date("2026-04-11"), date("2026-05-01")});
}

TEST_CASE("a retaliation that is disabled or over never fires, and its answer is not in force") {
  WorldSpec disabled = retaliating_world();
  disabled.policies[kRetaliation].enabled = false;
  CHECK(RegulatorsAlone(disabled).turns(kAnswer).empty());
  WorldSpec over = retaliating_world();
  over.policies[kRetaliation].until = date("2026-03-15");
  CHECK(RegulatorsAlone(over).turns(kAnswer) == Times{date("2026-03-11"), date("2026-05-10")});
  WorldSpec unlikely = retaliating_world();
  retaliation_of(unlikely).probability = 0.49;  // without noise: less likely than not
  CHECK(RegulatorsAlone(unlikely).turns(kAnswer).empty());
}

TEST_CASE("what is in force at the start was answered before it") {
  WorldSpec spec = retaliating_world();
  spec.policies[kFirst].effective = spec.policies[kSecond].effective = date("2025-01-01");
  CHECK(RegulatorsAlone(spec).turns(kAnswer).empty());
}

TEST_CASE("an answer is in force within its own dates only") {
  WorldSpec spec = retaliating_world();
  spec.policies[kAnswer].effective = date("2026-05-01");
  CHECK(RegulatorsAlone(spec).turns(kAnswer) == Times{date("2026-05-01"), date("2026-06-10")});
}

TEST_CASE("nobody knows of an answer before it is given") {
  WorldSpec spec = retaliating_world();
  spec.policies[kAnswer].announced = date("2026-01-15");
  spec.policies[kAnswer].effective = date("2026-05-01");
  RegulatorsAlone world(spec);
  const auto known = [&] {
    return world.context().law.is_known(InstrumentId{kAnswer}, world.context().now());
  };
  const auto pending = [&] {
    return world.context().law.is_pending(InstrumentId{kAnswer}, world.context().now());
  };
  std::size_t looks = 0;
  while (world.step()) {
    const SimTime now = world.context().now();
    CHECK(known() == (now >= date("2026-03-11") && now < date("2026-06-10")));
    CHECK(pending() == (now >= date("2026-03-11") && now < date("2026-05-01")));
    ++looks;
  }
  CHECK(looks >= 6);
}

TEST_CASE("orders placed before an answer is given are older than it") {
  WorldSpec spec = retaliating_world();
  spec.policies[kAnswer].effect = ProcurementBan{};
  spec.policies[kAnswer].grandfathers = Grandfathering::kOrdered;
  spec.policies[kFirst].effect = spec.policies[kSecond].effect = Testing{};
  RegulatorsAlone world(spec);
  while (world.step() && world.context().now() < date("2026-03-11")) {
  }
  const Conditions& conditions = world.context().law.conditions(kForeignChip, CustomerId{0ul});
  CHECK(conditions.bars(date("2026-03-11")));
  CHECK_FALSE(conditions.bars(date("2026-03-10")));
}

TEST_CASE("answers come with their probability, rule by rule independently") {
  WorldSpec spec = retaliating_world();
  spec.noise = true;
  retaliation_of(spec).probability = 0.3;
  retaliation_of(spec).lasting_days = 5;
  constexpr std::uint32_t kReplicas = 2000;
  int first = 0;
  int second = 0;
  int both = 0;
  for (std::uint32_t replica = 0; replica < kReplicas; ++replica) {
    const Times times = RegulatorsAlone(spec, replica).turns(kAnswer);
    const bool to_first = std::ranges::find(times, date("2026-03-11")) != times.end();
    const bool to_second = std::ranges::find(times, date("2026-04-11")) != times.end();
    first += static_cast<int>(to_first);
    second += static_cast<int>(to_second);
    both += static_cast<int>(to_first && to_second);
  }
  const auto is_near = [](int count, double p) {  // four standard errors
    return std::abs(count - p * kReplicas) < 4 * std::sqrt(kReplicas * p * (1 - p));
  };
  CHECK(is_near(first, 0.3));
  CHECK(is_near(second, 0.3));
  CHECK(is_near(both, 0.09));
}

TEST_CASE("a retaliation that never fires changes nothing, bit for bit") {
  WorldSpec with = retaliating_world();
  with.noise = true;
  retaliation_of(with).watched = {};
  WorldSpec without = with;
  without.policies.resize(kAnswer);
  const WorldLayout layout(with);
  CHECK(same_bits(run_world(with, layout), run_world(without, layout)));
}
