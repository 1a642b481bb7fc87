/// Blocks of policy: forms of the table, windows, uncertain dates, contradictions, idle rules.
#include <doctest/doctest.h>

#include <algorithm>

#include "scenarios/contradictions.hpp"
#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

const std::string kHead = "format = 1\nextends = \"./world.toml\"\n";  // lines 1 and 2

Scenario load(const std::string& body) {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  return load_scenario(folder.write("policy.toml", kHead + body), {});
}

void check_error(const std::string& body, const std::string& expected) {
  const std::vector<std::string> errors = errors_of(kHead + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

std::string levy(const std::string& id, double rate) {
  return "[policy." + id +
         "]\ninstrument = \"levy\"\neffective = 2026-03-01\nrate = " + std::to_string(rate) + "\n";
}

const InstrumentSpec& rule_of(const Scenario& scenario, const std::string& id) {
  return *std::ranges::find(scenario.world.policies, id, &InstrumentSpec::id);
}

}  // namespace

TEST_CASE("windows are sets of bounds with names, any of which catches a chip") {
  const Scenario s = load(
      "[policy.x]\ninstrument = \"threshold\"\neffective = 2026-03-01\nsource = \"here\"\n"
      "windows.performance.tpp.low = 4800\n"
      "windows.density = { tpp = { low = 1600 }, performance_density = { low = 5.92 } }\n");
  const InstrumentSpec& rule = rule_of(s, "x");
  REQUIRE(rule.windows.size() == 2);
  CHECK(rule.windows[0].id == "density");
  CHECK(rule.windows[0].bounds.performance_density.low == 5.92);
  CHECK(rule.windows[1].bounds.tpp.low == 4800);
  CHECK(rule.as<Threshold>().review == ReviewPolicy::kPresumptionOfDenial);
  CHECK(rule.source == "here");
}

TEST_CASE("a date may be uncertain: drawn by replica, whole days, central in the world") {
  const Scenario s = load(
      "[policy.x]\ninstrument = \"ban\"\nuntil = 2026-12-01\n"
      "effective = { distribution = \"uniform\", low = 2026-03-01, high = 2026-05-01, source = "
      "\"assumption: spring\" }\n");
  REQUIRE(std::ranges::count(s.uncertain, "policy.x.effective", &UncertainParameter::key) == 1);
  CHECK(iso_date(rule_of(s, "x").effective) == "2026-04-01");  // 61 days: 30.5 rounded up
  WorldSpec world = s.world;
  std::vector<double> draws;
  bool has_moved = false;
  for (std::uint32_t replica = 0; replica < 50; ++replica) {
    draw_parameters(s, 1, replica, world, draws);
    const SimTime day = std::ranges::find(world.policies, "x", &InstrumentSpec::id)->effective;
    CHECK(day >= parse_iso_date("2026-03-01").value());
    CHECK(day <= parse_iso_date("2026-05-01").value());
    CHECK(day.minutes % kMinutesPerDay == 0);
    has_moved = has_moved || day != rule_of(s, "x").effective;
  }
  CHECK(has_moved);
}

TEST_CASE("a wrong date in a distribution, or one of a key that is certain, says what is allowed") {
  check_error(
      "policy.levy.effective = { distribution = \"uniform\", low = 3, high = 2026-05-01 }\n",
      "3:59: key 'policy.levy.effective.low' is the number 3; allowed is a date such as "
      "2025-12-08 (no quotes)");
  check_error("run.until = { distribution = \"uniform\", low = 2027-01-01, high = 2027-05-01 }\n",
              "3:13: key 'run.until' is a distribution; allowed is a date only");
}

TEST_CASE("keys of a form are known in it only, and what is required is required of it only") {
  check_error("policy.levy.raet = 0.1\n",
              "3:13: key 'policy.levy.raet' is not known; did you mean 'rate'?");
  check_error(
      "[policy.x]\ninstrument = \"retaliation\"\neffective = 2026-03-01\n"
      "watched = [\"levy\"]\n",
      "3:9: key 'policy.x.answer' is missing: a retaliation needs it. Rules that are "
      "switched on.");
  check_error(
      "[policy.x]\ninstrument = \"volume_cap\"\neffective = 2026-03-01\nunits = 5\n"
      "share_of_home_sales = 0.5\nhome = \"us\"\n",
      "7:23: policy 'policy.x' needs either 'units' or 'share_of_home_sales'");
  check_error(
      "[policy.x]\ninstrument = \"volume_cap\"\neffective = 2026-03-01\n"
      "share_of_home_sales = 0.5\n",
      "6:23: key 'policy.x.home' is missing: 'share_of_home_sales' needs it. Region whose "
      "sales count for that.");
}

TEST_CASE("what gives no notice cannot be announced, a threshold looks at performance only") {
  check_error(
      "[policy.x]\ninstrument = \"stop_order\"\nannounced = 2026-02-01\n"
      "effective = 2026-03-01\n",
      "5:13: key 'policy.x.announced' contradicts a stop_order, which gives no notice");
  check_error("[policy.x]\ninstrument = \"threshold\"\neffective = 2026-03-01\n",
              "4:14: policy 'policy.x' is a threshold without bounds; it needs 'tpp', "
              "'performance_density', 'dram_bandwidth_gbs', 'io_bandwidth_gbs', "
              "'bandwidth_sum_gbs' or 'windows'");
  check_error(
      "[policy.x]\ninstrument = \"threshold\"\neffective = 2026-03-01\ntpp.low = 1\n"
      "chips = [\"h200\"]\n",
      "7:9: key 'policy.x.chips' does nothing in a threshold, which looks at performance "
      "only; a 'licence' can name chips");
}

TEST_CASE("rules that supersede each other in a circle are an error") {
  const auto ban = [](const std::string& id, const std::string& older) {
    return "[policy." + id + "]\ninstrument = \"ban\"\neffective = 2026-03-01\nsupersedes = [\"" +
           older + "\"]\n";
  };
  check_error(ban("a", "a"), "6:14: key 'policy.a.supersedes' names the rule itself");
  const std::vector<std::string> errors =
      errors_of(kHead + ban("a", "b") + ban("b", "c") + ban("c", "a"));
  REQUIRE(errors.size() == 3);
  CHECK(errors[0] ==
        "6:14: policy 'a' supersedes a rule that supersedes it, so that neither would hold");
}

TEST_CASE("levies on proceeds that take a whole sale are an error, with their names") {
  check_error(levy("more", 0.5) + levy("most", 0.3),
              "10:8: the levies on proceeds 'levy', 'more' and 'most' together take 1.05 of a sale "
              "of 'h200' to 'tencent' from 2026-03-01; allowed is below 1");
  CHECK(errors_of(kHead + levy("more", 0.5) + levy("most", 0.2)).empty());
}

TEST_CASE("a headquarters rule carries rules about customers only") {
  check_error(
      "[policy.cut]\ninstrument = \"component_cut\"\neffective = 2026-03-01\n"
      "suppliers = [\"fab\"]\n"
      "[policy.x]\ninstrument = \"headquarters_rule\"\neffective = 2026-03-01\n"
      "rules = [\"cut\"]\nparents = [\"china\"]\n",
      "10:9: key 'policy.x.rules' names 'cut', a component_cut, which is not about "
      "customers");
}

TEST_CASE(
    "a ban and an assurance on one day: the ban holds, and check says that nothing is lifted") {
  const std::string ban =
      "[policy.ban]\ninstrument = \"ban\"\neffective = 2026-03-01\nchips = [\"h200\"]\n";
  const std::string assurance =
      "[policy.assurance]\ninstrument = \"licence\"\nreview = \"presumption_of_approval\"\n"
      "effective = 2026-03-01\nchips = [\"h200\"]\n";
  const std::string levy_too =
      "policy.levy.effective = 2026-02-01\npolicy.levy.until = 2026-03-01\n";
  const Scenario both = load(levy_too + ban + assurance);
  const std::vector<std::string> notes = idle_rules(both.world);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] == "policy 'assurance' (licence) changes nothing: where it applies, 'ban' decide");
  const Scenario lifted = load(levy_too + ban + assurance + "supersedes = [\"ban\"]\n");
  const std::vector<std::string> none = idle_rules(lifted.world);
  REQUIRE(none.size() == 1);
  CHECK(none[0].starts_with("policy 'ban' (ban) changes nothing: where it applies, 'assurance'"));
}

TEST_CASE("what regimes and answers hold back is no contradiction and no idle rule") {
  const std::string regimes =
      "[politics.washington]\ninitial = \"levied\"\n[regime.levied]\npolitics = \"washington\"\n"
      "[regime.other]\npolitics = \"washington\"\n";
  const auto bound = [](const std::string& id, const std::string& regime) {
    return "[policy." + id + "]\ninstrument = \"levy\"\neffective = 2026-03-01\nrate = 0.6\n" +
           "regimes = [\"" + regime + "\"]\n";
  };
  const Scenario apart = load(regimes + bound("a", "levied") + bound("b", "other"));
  CHECK(idle_rules(apart.world).empty());
  CHECK(errors_of(kHead + regimes + bound("a", "levied") + bound("b", "levied")).size() == 1);
}

TEST_CASE("goods are turned back by bars, not by the need of a licence") {
  check_error(
      "[policy.x]\ninstrument = \"licence\"\nreview = \"case_by_case\"\n"
      "effective = 2026-03-01\ngrandfathers = \"nothing\"\n",
      "7:16: key 'policy.x.grandfathers' is 'nothing', but a licence turns no goods back; "
      "allowed is 'shipped' or 'ordered'");
  check_error(
      "[policy.x]\ninstrument = \"testing\"\ndelay_days = 1\n"
      "effective = 2026-03-01\ngrandfathers = \"ordered\"\n",
      "7:1: key 'policy.x.grandfathers' does nothing in a testing; it belongs to 'ban', "
      "'threshold', 'licence', 'approved_customers', 'entity_list', 'levy', 'tariff', "
      "'stop_order', 'procurement_ban' or 'purchase_subsidy'");
}

TEST_CASE("of two caps both count, and a rule that touches nothing is noted") {
  const auto cap = [](const std::string& id, int units) {
    return "[policy." + id + "]\ninstrument = \"volume_cap\"\neffective = 2026-03-01\nunits = " +
           std::to_string(units) + "\n";
  };
  CHECK(idle_rules(load(cap("a", 5) + cap("b", 7)).world).empty());
  const std::vector<std::string> notes = idle_rules(load(cap("a", 5) + "tpp.low = 1e9\n").world);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] ==
        "policy 'a' (volume_cap) changes nothing: no chip and customer of this world meet its "
        "targets and bounds");
}
