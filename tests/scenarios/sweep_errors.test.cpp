// What is wrong with a sweep file, said where it is.
#include <doctest/doctest.h>

#include "scenarios/sweep.hpp"
#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// "line:column: message" of each error, in the order reported.
std::vector<std::string> errors_of_sweep(const Folder& folder, const std::string& text) {
  folder.write("world.toml", kTinyWorld);
  std::vector<std::string> result;
  try {
    load_sweep(folder.write("sweep.toml", text));
  } catch (const ScenarioError& error) {
    for (const Diagnostic& d : error.diagnostics()) {
      result.push_back(std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + ": " +
                       d.message);
    }
  }
  return result;
}

const std::string kHead = "format = 1\nbase = \"./world.toml\"\n";  // lines 1 and 2

void check_error(const std::string& body, const std::string& expected) {
  const Folder folder;
  const std::vector<std::string> errors = errors_of_sweep(folder, kHead + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

const std::string kRate = "[factor.rate]\nkey = \"policy.levy.rate\"\n";

}  // namespace

TEST_CASE("misspelt keys of a sweep name the nearest") {
  check_error("[swep]\nseed = 1\n" + kRate + "values = [0.1]\n",
              "3:2: key 'swep' is not known; did you mean 'sweep'?");
  check_error("[sweep]\nreplcas = 5\n" + kRate + "values = [0.1]\n",
              "4:1: key 'sweep.replcas' is not known; did you mean 'replicas'?");
  check_error(kRate + "lwo = 0.1\nvalues = [0.1]\n",
              "5:1: key 'factor.rate.lwo' is not known; did you mean 'low'?");
  check_error("[sweep]\ndesign = \"sobl\"\n" + kRate + "values = [0.1]\n",
              "4:10: key 'sweep.design' is the text \"sobl\"; allowed is 'grid', 'lhs', 'sobol', "
              "'saltelli', 'morris', 'one_at_a_time' or 'table'; did you mean 'sobol'?");
}

TEST_CASE("misspelt keys of the base are found, and so are misspelt entities") {
  check_error("[factor.rate]\nkey = \"policy.levy.rat\"\nvalues = [0.1]\n",
              "4:7: key 'policy.levy.rat' is not known; did you mean 'rate'?");
  check_error("[factor.rate]\nkey = \"policy.levvy.rate\"\nvalues = [0.1]\n",
              "4:7: key 'policy.levvy.rate' is of no policy of scenario 'world'; did you "
              "mean 'levy'?");
  check_error("[factor.rate]\nkey = \"polcy.levy.rate\"\nvalues = [0.1]\n",
              "4:7: key 'polcy' is not known; did you mean 'policy'?");
  check_error("[factor.rate]\nkey = \"policy.levy.units\"\nvalues = [5]\n",
              "4:7: key 'policy.levy.units' does nothing in a levy; it belongs to 'volume_cap' or "
              "'import_approval'");
}

TEST_CASE("values have the range and the kind that the key asks for, each at its place") {
  check_error(kRate + "values = [0.1, 1.5]\n",
              "5:16: key 'policy.levy.rate' is 1.5; allowed is a number from 0 below 1");
  check_error(kRate + "values = [0.1, \"high\"]\n",
              "5:16: key 'policy.levy.rate' is the text \"high\"; allowed is a number");
  check_error(kRate + "low = 0\nhigh = 2\nsteps = 3\n",
              "6:8: key 'policy.levy.rate.high' is 2; allowed is a number from 0 below 1");
  check_error("[factor.start]\nkey = \"policy.levy.effective\"\nvalues = [2026-02-01, 5]\n",
              "5:23: key 'policy.levy.effective' is the number 5; allowed is a date such as "
              "2025-12-08 (no quotes)");
  check_error("[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, 3]\n",
              "5:17: key 'run.noise' is the number 3; allowed is true or false (with noisy = '3')");
  check_error("[factor.base]\nkey = \"policy.levy.base\"\nvalues = [\"proceeds\", \"customs\"]\n",
              "5:23: key 'policy.levy.base' is the text \"customs\"; allowed is 'proceeds' or "
              "'customs_value' (with base = 'customs')");
}

TEST_CASE("a range goes up, and a distribution is one") {
  check_error(kRate + "low = 0.5\nhigh = 0.1\nsteps = 3\n",
              "3:1: key 'policy.levy.rate': 'low' is above 'high'");
  check_error(kRate + "distribution = \"triangular\"\nlow = 0\nhigh = 0.1\nsteps = 2\n",
              "3:1: key 'policy.levy.rate.mode' is missing: a triangular distribution needs 'low', "
              "'mode' and 'high'");
  check_error(kRate + "distribution = \"posterior\"\nfile = \"x.csv\"\nsteps = 2\n",
              "5:16: key 'factor.rate.distribution' is \"posterior\": its rows are drawn jointly, "
              "while factors vary on their own; allowed is another distribution, such as 'sample' "
              "of the same column");
  check_error(kRate + "distribution = \"own\"\nsteps = 2\n",
              "4:7: key 'policy.levy.rate' has no distribution of its own in the scenario; give "
              "one, or 'low' and 'high', or 'values'");
  check_error(kRate + "low = 0.0\nhigh = 0.1\nsteps = 2\nscale = \"log\"\n",
              "5:7: factor 'rate' has a logarithmic scale, but an end at 0.0; allowed is a number "
              "above 0");
}

TEST_CASE("a factor has one kind of values") {
  check_error(kRate,
              "3:9: factor 'rate' needs either 'values', or 'low' and 'high', or "
              "'distribution', or 'scenarios'");
  check_error(kRate + "values = [0.1]\nlow = 0.1\n",
              "3:9: factor 'rate' needs either 'values', or 'low' and 'high', or 'distribution', "
              "or 'scenarios'");
  check_error(kRate + "low = 0.1\nsteps = 2\n",
              "3:9: key 'factor.rate.high' is missing: a range needs 'low' and 'high'");
  check_error(kRate + "values = []\n",
              "5:10: key 'factor.rate.values' is the array []; allowed is an array of values");
  check_error(kRate + "values = [0.1, 0.2, 0.1]\n", "5:21: key 'factor.rate.values' has 0.1 twice");
  check_error("[factor.rate]\nvalues = [1]\n",
              "3:9: key 'factor.rate.key' is missing: a factor needs the key that it varies, or "
              "'scenarios'");
  check_error(kRate + "scenarios = [\"ban\"]\n",
              "4:1: key 'factor.rate.key' does nothing beside 'scenarios'");
}

TEST_CASE("keys of one design are errors in another, and are asked for where they are needed") {
  check_error("[sweep]\npoints = 5\n" + kRate + "values = [0.1]\n",
              "4:1: key 'sweep.points' does nothing in design 'grid'; it belongs to 'lhs', 'sobol' "
              "or 'saltelli'");
  check_error("[sweep]\ndesign = \"lhs\"\n" + kRate + "values = [0.1]\n",
              "4:10: key 'sweep.points' is missing: design 'lhs' needs it");
  check_error("[sweep]\ndesign = \"morris\"\ntrajectories = 3\nlevels = 5\n" + kRate +
                  "low = 0\nhigh = 0.1\n",
              "6:10: key 'sweep.levels' is 5; allowed is an even number, so that every step stays "
              "on levels and all are as likely");
  check_error(kRate + "low = 0\nhigh = 0.1\n",
              "3:9: key 'factor.rate.steps' is missing: design 'grid' needs the number of values "
              "between 'low' and 'high' or, of a distribution, of strata");
  check_error(
      "[sweep]\ndesign = \"sobol\"\npoints = 4\n" + kRate + "low = 0\nhigh = 0.1\nsteps = 4\n",
      "10:1: key 'factor.rate.steps' does nothing in design 'sobol'; it belongs to 'grid' "
      "or 'one_at_a_time'");
  check_error("[sweep]\nreplicas = 0\n" + kRate + "values = [0.1]\n",
              "4:12: key 'sweep.replicas' is the number 0; allowed is a whole number from 1 to "
              "10000000");
  check_error("[sweep]\ncommon_noise = \"yes\"\n" + kRate + "values = [0.1]\n",
              "4:16: key 'sweep.common_noise' is the text \"yes\"; allowed is true or false");
}

TEST_CASE("a key is varied once and not set besides") {
  check_error(
      kRate + "values = [0.1]\n[factor.other]\nkey = \"policy.levy.rate\"\nvalues = [0.2]\n",
      "7:7: factor 'other' varies key 'policy.levy.rate', but so does 'rate'");
  check_error("[set]\npolicy.levy.rate = 0.5\n" + kRate + "values = [0.1]\n",
              "4:20: key 'policy.levy.rate' is set here, but factor 'rate' varies it");
  check_error("[factor.a]\nscenarios = [\"ban\"]\n[factor.b]\nscenarios = [\"open\"]\n",
              "5:9: factor 'b' has 'scenarios', but 'a' has them, too; one factor may");
}

TEST_CASE("what all points have alike is set elsewhere") {
  check_error("[factor.s]\nkey = \"run.seed\"\nvalues = [1, 2]\n",
              "4:7: key 'run.seed' is the same at every point; 'seed' in [sweep] sets it");
  check_error("[factor.n]\nkey = \"run.replicas\"\nvalues = [1, 2]\n",
              "4:7: key 'run.replicas' is the same at every point; 'replicas' in [sweep] sets it");
  check_error("[factor.u]\nkey = \"run.until\"\nvalues = [2026-05-01]\n",
              "4:7: key 'run.until' is the same at every point, as they share the axis of time; "
              "'run.until' in [set] sets it");
  check_error("[factor.u]\nkey = \"run.sampling\"\nvalues = [\"lhs\"]\n",
              "4:7: key 'run.sampling' is the same at every point; it is of the replicas of a "
              "point and can be set in [set], while 'design' in [sweep] is of the points");
  check_error("[factor.b]\nkey = \"run.noise\"\nlow = 0\nhigh = 1\nsteps = 2\n",
              "4:7: key 'run.noise' is no number; allowed is 'values', a list");
  check_error("[factor.t]\nkey = \"policy.levy\"\nvalues = [1]\n",
              "5:11: key 'policy.levy' is the number 1; allowed is a table");
}

TEST_CASE("the shape of a world is varied by a list only") {
  check_error(
      "[set.fringe.firms]\nheadquarters = \"us\"\nsite = \"us\"\ncustomer_class = \"cloud\"\n"
      "need_h100e = { training = 1, inference = 1 }\nbudget_usd_per_quarter = 1e6\n"
      "[factor.n]\nkey = \"fringe.firms.count\"\nlow = 1\nhigh = 5\nsteps = 5\n",
      "10:7: key 'fringe.firms.count' is of the shape of a world, which is loaded for each "
      "value; allowed is 'values', a list");
}

TEST_CASE("what contradicts itself at the ends of a factor is found before anything runs") {
  check_error("[set.policy.second]\ninstrument = \"levy\"\neffective = 2026-01-15\nrate = 0.5\n" +
                  kRate + "values = [0.1, 0.6]\n",
              "6:8: the levies on proceeds 'levy' and 'second' together take 1.1 of a sale of "
              "'h200' to 'tencent' from 2026-01-15; allowed is below 1");
  check_error("[factor.until]\nkey = \"policy.levy.until\"\nvalues = [2026-06-01, 2026-01-01]\n",
              "5:23: key 'policy.levy.until' (2026-01-01) is not after 'effective' (2026-01-15)");
}

TEST_CASE("what two factors contradict at their ends together is found, where points go there") {
  const std::string set = "[set.policy.second]\ninstrument = \"levy\"\neffective = 2026-01-15\n";
  const auto levies = [&](const std::string& design, const std::string& of_each) {
    const Folder folder;
    return errors_of_sweep(folder, kHead + set + "[sweep]\n" + design + kRate + of_each +
                                       "[factor.second]\nkey = " + "\"policy.second.rate\"\n" +
                                       of_each);
  };
  const std::string range = "low = 0.0\nhigh = 0.6\n";
  const std::string expected =
      ": the levies on proceeds 'levy' and 'second' together take 1.2 of a sale of 'h200' to "
      "'tencent' from 2026-01-15; allowed is below 1";
  CHECK(levies("", range + "steps = 3\n") == std::vector<std::string>{"15:8" + expected});
  CHECK(levies("", "values = [0.3, 0.6, 0.1]\n") == std::vector<std::string>{"12:16" + expected});
  CHECK(levies("design = \"sobol\"\npoints = 4\n", range) ==
        std::vector<std::string>{"16:8" + expected});
  CHECK(levies("design = \"morris\"\ntrajectories = 4\n", range).size() == 1);
  CHECK(levies("design = \"one_at_a_time\"\n", range).empty());
  CHECK(levies("", "low = 0.0\nhigh = 0.49\nsteps = 3\n").empty());
  // Of a distribution what the design takes: in two strata up to 0.41, in eight up to 0.52.
  const std::string uniform = "distribution = \"uniform\"\nlow = 0.0\nhigh = 0.55\n";
  CHECK(levies("", uniform + "steps = 2\n").empty());
  CHECK(levies("", uniform + "steps = 8\n").size() == 1);
  CHECK(levies("design = \"lhs\"\npoints = 4\n", uniform).size() == 1);
}

TEST_CASE("what contradicts the base at a value says at which") {
  const Folder folder;
  const auto errors = errors_of_sweep(
      folder, kHead +
                  "[factor.h200_price]\nkey = \"chip.h200.price_usd\"\nlow = 5000\nhigh = "
                  "30000\nsteps = 3\n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].ends_with(
      "key 'chip.h200.unit_cost_usd' is above 'price_usd' (at h200_price = 5000)"));
  const auto variant = errors_of_sweep(
      folder, kHead +
                  "[factor.cost]\nkey = \"chip.h200.unit_cost_usd\"\nvalues = [5000, 25000]\n"
                  "[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, false]\n");
  CHECK(variant.empty());
}

TEST_CASE("whole numbers are whole, and rounding makes no twins") {
  const Folder folder;
  const auto twins = errors_of_sweep(
      folder, kHead +
                  "[factor.start]\nkey = \"policy.levy.effective\"\nlow = 2026-01-01\nhigh = "
                  "2026-01-03\nsteps = 9\n");
  REQUIRE(twins.size() == 1);
  CHECK(twins[0] ==
        "3:9: factor 'start' has 2026-01-01 twice among its 9 values; fewer 'steps' or a list of "
        "'values' would not");
}

TEST_CASE("points beyond any use are refused") {
  check_error(kRate +
                  "low = 0\nhigh = 0.5\nsteps = 10000\n[factor.price]\nkey = "
                  "\"chip.h200.price_usd\"\nlow = 20000\nhigh = 30000\nsteps = 10000\n",
              "1:1: the design has 100000000 points; allowed are up to 10000000");
}

TEST_CASE("scenarios that a sweep names have to be there and run over the same time") {
  const Folder folder;
  const auto missing =
      errors_of_sweep(folder, "format = 1\n[factor.policy]\nscenarios = [\"bann\", \"open\"]\n");
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].starts_with("3:14: no scenario is called 'bann'; shipped are "));
  CHECK(missing[0].ends_with("did you mean 'ban'?"));
  const auto times =
      errors_of_sweep(folder, "format = 1\n[factor.policy]\nscenarios = [\"ban\", \"history\"]\n");
  REQUIRE(times.size() == 1);
  CHECK(times[0].starts_with("3:21: scenario \"history\" runs from 2022-07-01 to "));
  CHECK(times[0].ends_with(
      "points share the axis of time: set 'run.start' and 'run.until' in [set]"));
  const auto key = errors_of_sweep(
      folder,
      "format = 1\nbase = \"h200-levy\"\n[factor.policy]\nscenarios = [\"h200-levy\", "
      "\"ban\"]\n" +
          kRate + "values = [0.1]\n");
  CHECK(key ==
        std::vector<std::string>{"6:7: key 'policy.levy.rate' is of no policy of scenario 'ban'"});
  CHECK(errors_of_sweep(folder, "format = 1\n" + kRate + "values = [0.1]\n") ==
        std::vector<std::string>{"1:1: key 'base' is missing: a sweep needs a scenario, or a "
                                 "factor with 'scenarios'"});
  CHECK(errors_of_sweep(folder, kHead) ==
        std::vector<std::string>{
            "1:1: the sweep has no factors; it needs at least one [factor.<id>]"});
}

TEST_CASE("a table of points has a column for each factor and cells that it can have") {
  const auto errors = [](const std::string& points, const std::string& factors) {
    const Folder folder;
    folder.write("points.csv", points);
    return errors_of_sweep(
        folder, kHead + "[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n" + factors);
  };
  const auto one = [&](const std::string& points, const std::string& factors) {
    const auto found = errors(points, factors);
    REQUIRE(found.size() == 1);
    return found[0];
  };
  CHECK(one("rate\n0.1\n1.5\n", kRate) ==
        "3:1: key 'policy.levy.rate' is 1.5; allowed is a number from 0 below 1");
  CHECK(one("rate\n0.1\nhigh\n", kRate) ==
        "3:1: key 'policy.levy.rate' is the text \"high\"; allowed is a number");
  CHECK(one("rate,rats\n0.1,1\n", kRate) ==
        "1:1: column 'rats' is no factor; factors are 'rate'; did you mean 'rate'?");
  CHECK(one("rat\n0.1\n", kRate + "[factor.rat]\nkey = \"demand.wait_value\"\n")
            .starts_with("6:9: factor 'rate' has no column in "));
  CHECK(one("rate\n0.1\n0.2\n2026-01-01\n", kRate) ==
        "4:1: key 'policy.levy.rate' is the date 2026-01-01; allowed is a number");
  const auto ends = errors("rate\n0.1\n1.5\n-2\n1.2\n-1\nx\nx\ny\n", kRate);
  CHECK(ends == std::vector<std::string>{
                    "3:1: key 'policy.levy.rate' is 1.5; allowed is a number from 0 below 1",
                    "4:1: key 'policy.levy.rate' is -2; allowed is a number from 0 below 1",
                    "7:1: key 'policy.levy.rate' is the text \"x\"; allowed is a number",
                    "9:1: key 'policy.levy.rate' is the text \"y\"; allowed is a number"});
  const std::string start = "[factor.start]\nkey = \"policy.levy.effective\"\n";
  CHECK(one("start,rate\n2026-02-01,0\n2026-03-01,0\n7,0\n2026-02-01,0\n", start + kRate) ==
        "4:1: key 'policy.levy.effective' is the number 7; allowed is a date such as 2025-12-08 "
        "(no quotes)");
  CHECK(errors("cloud,rate\n1,0.1\n4,0.1\n2.5,0.1\n\n3.5,0.1\n2.5,0.1\n5,0.1\n",
               "[factor.cloud]\nkey = \"licence_office.priority.cloud\"\n" + kRate) ==
        std::vector<std::string>{
            "4:1: key 'licence_office.priority.cloud' is 2.5; allowed is a whole number",
            "6:1: key 'licence_office.priority.cloud' is 3.5; allowed is a whole number"});
  const std::string noisy = "[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, false]\n";
  CHECK(one("noisy\ntrue\nfalsch\n", noisy) ==
        "3:1: column 'noisy' has 'falsch'; allowed is 'true' or 'false'; did you mean 'false'?");
  CHECK(one("noisy\ntrue\n", "[factor.noisy]\nkey = \"run.noise\"\n") ==
        "7:7: key 'run.noise' is no number; allowed is 'values', a list");
  CHECK(one("rate\n0.1\n", kRate + "values = [0.1]\n") ==
        "6:9: factor 'rate' takes its values from the table of points; it needs its 'key' only");
  const Folder folder;
  const auto none = errors_of_sweep(
      folder, kHead + "[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n" + kRate);
  REQUIRE(none.size() == 1);
  CHECK(none[0].starts_with("5:8: key 'sweep.file' names \"points.csv\", but there is no file "));
}

TEST_CASE("ids of factors are names that the output has not got yet") {
  check_error(
      "[factor.\"my rate\"]\nkey = \"policy.levy.rate\"\nvalues = [0.1]\n",
      "3:9: 'my rate' cannot be the id of a factor; ids are of letters, digits, '_' and '-'");
  check_error("[factor.vendor]\nkey = \"policy.levy.rate\"\nvalues = [0.1]\n",
              "3:9: factor 'vendor' has the name of something else in the output; choose another");
  check_error("[factor.replica]\nkey = \"policy.levy.rate\"\nvalues = [0.1]\n",
              "3:9: factor 'replica' has the name of something else in the output; choose another");
}

TEST_CASE("errors of the sweep and of several factors come in one pass") {
  const Folder folder;
  const auto errors =
      errors_of_sweep(folder, kHead + "[sweep]\nkeep = \"som\"\n" + kRate +
                                  "values = [2.0]\n[factor.price]\nkey = " +
                                  "\"chip.h200.price_usd\"\nvalues = [-1]\n[factor.x]\nkey = 3\n");
  CHECK(errors.size() == 4);  // in settings, in words of a factor, and in values of two others
  const auto values =
      errors_of_sweep(folder, kHead + kRate + "values = [2.0, 3.0]\n[factor.price]\nkey = " +
                                  "\"chip.h200.price_usd\"\nvalues = [-1]\n");
  CHECK(values.size() == 3);
}

TEST_CASE("a sweep that is not there is looked for among the shipped ones") {
  CHECK_THROWS_WITH_AS(load_sweep("levy-rate"), doctest::Contains("did you mean 'levy-rates'?"),
                       ScenarioError);
  CHECK_THROWS_WITH_AS(load_sweep("./levy-rates.toml"),
                       doctest::Contains("a sweep called 'levy-rates' is shipped"), ScenarioError);
}
