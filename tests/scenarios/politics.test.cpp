#include <doctest/doctest.h>

#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// Lines 1 to 20.
const std::string kTwoGovernments = R"(format = 1
extends = "./world.toml"
[politics.washington]
initial = "controls"
[politics.beijing]
initial = "tolerant"
[regime.controls]
politics = "washington"
[regime.deal]
politics = "washington"
[regime.tolerant]
politics = "beijing"
[transition.sign]
from = "controls"
to = "deal"
rate_per_year = 0.5
[policy.toll]
instrument = "levy"
rate = 0.15
regimes = ["deal"]
)";

void check_error(const std::string& body, const std::string& expected) {
  const std::vector<std::string> errors = errors_of(kTwoGovernments + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

}  // namespace

TEST_CASE("politics is read into chains, calendars and bound instruments") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const Scenario s = load_scenario(folder.write("politics.toml", kTwoGovernments + R"(
[politics.washington.elections]
"2028-11-07" = 1
"2026-11-03" = { value = 0.5, source = "a" }
[politics.beijing.summits]
"2026-05-14" = 1
[transition.break]
from = "deal"
to = "controls"
rate_per_year = { distribution = "lognormal", median = 0.4, sigma = 0.7, source = "b" }
capability_gap = { distribution = "normal", mean = 0, sd = 0.5, source = "c" }
receipts = -0.1
election = 0.3
)"));
  const WorldSpec& world = s.world;
  REQUIRE(world.politics.size() == 2);
  const PoliticsSpec& washington = world.politics[1];
  CHECK(washington.id == "washington");
  CHECK(world.regimes[washington.initial.index()].id == "controls");
  CHECK_FALSE(washington.begins.has_value());
  REQUIRE(washington.elections.size() == 2);
  CHECK(iso_date(washington.elections[0].date) == "2026-11-03");
  CHECK(washington.elections[0].weight == 0.5);
  REQUIRE(world.transitions.size() == 2);
  const TransitionSpec& break_off = world.transitions[0];
  CHECK(world.regimes[break_off.from.index()].id == "deal");
  CHECK(break_off.rate_per_year == doctest::Approx(0.4));
  CHECK(break_off.receipts == -0.1);
  CHECK(break_off.election == 0.3);
  CHECK(break_off.summit == 0);
  const InstrumentSpec& toll = world.policies[1];
  REQUIRE(toll.regimes.size() == 1);
  CHECK(world.regimes[toll.regimes[0].index()].id == "deal");
  CHECK(toll.effective == SimTime{});  // whenever the regime lasts

  std::vector<std::string> uncertain;
  for (const UncertainParameter& p : s.uncertain) uncertain.push_back(p.key);
  CHECK(uncertain == std::vector<std::string>{"chip.h200.price_usd",
                                              "transition.break.capability_gap",
                                              "transition.break.rate_per_year"});
}

TEST_CASE("a world without politics has no chains") {
  const Folder folder;
  const Scenario s = load_scenario(folder.write("world.toml", kTinyWorld));
  CHECK(s.world.politics.empty());
  CHECK(s.world.regimes.empty());
  CHECK(s.world.transitions.empty());
}

TEST_CASE("a government starts in a regime of its own") {
  check_error("[politics.third]\ninitial = \"deal\"\n",
              "22:11: key 'politics.third.initial' names 'deal', a regime of 'washington'; allowed "
              "is one of 'third' itself");
}

TEST_CASE("a transition joins two regimes of one government") {
  check_error("[transition.odd]\nfrom = \"deal\"\nto = \"tolerant\"\nrate_per_year = 1\n",
              "23:6: key 'transition.odd.to' names 'tolerant', a regime of 'beijing'; allowed is "
              "one of 'washington', whose regime 'from' is");
  check_error("[transition.odd]\nfrom = \"deal\"\nto = \"deal\"\nrate_per_year = 1\n",
              "23:6: key 'transition.odd.to' is the regime that it leaves, 'deal'");
}

TEST_CASE("unknown regimes and governments are named with those that there are") {
  check_error("[transition.odd]\nfrom = \"deel\"\nto = \"controls\"\nrate_per_year = 1\n",
              "22:8: key 'transition.odd.from' names an unknown regime, \"deel\"; the regimes are "
              "'controls', 'deal' or 'tolerant'; did you mean 'deal'?");
  check_error("[regime.odd]\npolitics = \"bejing\"\n",
              "22:12: key 'regime.odd.politics' names an unknown government, \"bejing\"; the "
              "governments are 'beijing' or 'washington'; did you mean 'beijing'?");
}

TEST_CASE("what a chain cannot do without is missed") {
  check_error("[transition.odd]\nfrom = \"deal\"\nto = \"controls\"\n",
              "21:13: key 'transition.odd.rate_per_year' is missing: Hazard while every covariate "
              "is 0.");
  check_error(
      "[policy.other]\ninstrument = \"levy\"\nrate = 0.1\n",
      "21:9: key 'policy.other.effective' is missing: only a policy that is bound to 'regimes' and "
      "not announced does without it");
  check_error("announced = 2026-02-01\n",
              "17:9: key 'policy.toll.effective' is missing: only a policy that is bound to "
              "'regimes' and not announced does without it");
}

TEST_CASE("an effect of a calendar without dates is an error, and so are hazards out of range") {
  check_error(
      "[transition.break]\nfrom = \"deal\"\nto = \"controls\"\nrate_per_year = 1\n"
      "election = 0.5\n",
      "25:12: key 'transition.break.election' does nothing: 'politics.washington.elections' "
      "has no dates");
  check_error("[transition.break]\nfrom = \"deal\"\nto = \"controls\"\nrate_per_year = -1\n",
              "24:17: key 'transition.break.rate_per_year' is -1; allowed is a number from 0 to "
              "1000 (1/year)");
}

TEST_CASE("the blind history knows no date after 2024: what history dates later, regimes decide") {
  const SimTime known = parse_iso_date("2025-01-01").value();
  const Scenario history = load_scenario("history");
  const Scenario blind = load_scenario("history-blind");
  const std::vector<InstrumentSpec>& dated = history.world.policies;
  REQUIRE(dated.size() == blind.world.policies.size());
  int bound = 0;
  for (std::size_t i = 0; i < dated.size(); ++i) {
    const InstrumentSpec& rule = blind.world.policies[i];
    CAPTURE(rule.id);
    REQUIRE(rule.id == dated[i].id);
    const bool comes_later = dated[i].announced.value_or(dated[i].effective) >= known;
    const bool ends_later = dated[i].until && *dated[i].until >= known;
    CHECK(!rule.regimes.empty() == (comes_later || ends_later));
    bound += rule.regimes.empty() ? 0 : 1;
    CHECK(rule.announced.value_or(rule.effective) <= known);
    CHECK(rule.effective <= known);
    if (rule.until) CHECK((*rule.until < known || *rule.until >= blind.world.until));
  }
  CHECK(bound > 10);
  for (const PoliticsSpec& government : blind.world.politics) CHECK(government.begins == known);
}
