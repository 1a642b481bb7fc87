#include <doctest/doctest.h>

#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

const std::string kHead = "format = 1\nextends = \"./world.toml\"\n";  // lines 1 and 2

void check_error(const std::string& body, const std::string& expected) {
  const std::vector<std::string> errors = errors_of(kHead + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

}  // namespace

TEST_CASE("a misspelt key names the nearest") {
  check_error("[vendor.nvidia]\nprefernce = 1\n",
              "4:1: key 'vendor.nvidia.prefernce' is not known; did you mean 'preference'?");
  check_error("[vendr.nvidia]\nx = 1\n", "3:2: key 'vendr' is not known; did you mean 'vendor'?");
}

TEST_CASE("a wrong type says what was found and what is allowed") {
  check_error(
      "policy.levy.rate = \"high\"\n",
      "3:20: key 'policy.levy.rate' is the text \"high\"; allowed is a number from 0 below 1");
  check_error("[chip.h200]\nlaunch = \"2024\"\n",
              "4:10: key 'chip.h200.launch' is the text \"2024\"; allowed is a date such as "
              "2025-12-08 (no quotes)");
  check_error("run.noise = 1\n", "3:13: key 'run.noise' is the number 1; allowed is true or false");
  check_error("run.replicas = 2.5\n",
              "3:16: key 'run.replicas' is the number 2.5; allowed is a whole number from 1 to "
              "10000000");
  check_error("chip.h200.markets = \"china\"\n",
              "3:21: key 'chip.h200.markets' is the text \"china\"; allowed is an array of ids of "
              "regions");
  check_error("demand = 3\n", "3:10: key 'demand' is the number 3; allowed is a table");
}

TEST_CASE("a number out of its range says the range and the unit") {
  check_error(
      "chip.h200.price_usd = -5\n",
      "3:23: key 'chip.h200.price_usd' is -5; allowed is a number above 0 to 1000000 (USD)");
  check_error("policy.levy.rate = 1.0\n",
              "3:20: key 'policy.levy.rate' is 1.0; allowed is a number from 0 below 1");
  check_error("demand.price_sensitivity = nan\n",
              "3:28: key 'demand.price_sensitivity' is nan; allowed is a number from 0 to 100 "
              "(utils)");
}

TEST_CASE("an unknown entity names the ones that are there") {
  check_error("policy.levy.vendors = [\"nvdia\"]\n",
              "3:24: key 'policy.levy.vendors' names an unknown vendor, \"nvdia\"; the vendors are "
              "'nvidia'; did you mean 'nvidia'?");
}

TEST_CASE("an unknown choice names the choices") {
  check_error("policy.levy.base = \"procceds\"\n",
              "3:20: key 'policy.levy.base' is the text \"procceds\"; allowed is 'proceeds' or "
              "'customs_value'; did you mean 'proceeds'?");
}

TEST_CASE("a missing key is reported at its table") {
  check_error("[vendor.amd]\nheadquarters = \"us\"\nstack = \"rocm\"\n",
              "3:9: key 'vendor.amd.utilisation' is missing: Utilisation of the stack relative to "
              "CUDA.");
}

TEST_CASE("keys of one instrument are errors in another") {
  check_error("policy.levy.units = 5\n",
              "3:13: key 'policy.levy.units' does nothing in a levy; it belongs to 'volume_cap' or "
              "'import_approval'");
  check_error("[policy.x]\ninstrument = \"testing\"\neffective = 2026-01-01\n",
              "3:9: key 'policy.x.delay_days' is missing: a testing needs it. Delay in transit.");
}

TEST_CASE("dates out of order are errors, each with both dates") {
  check_error("policy.levy.until = 2025-01-01\n",
              "3:21: key 'policy.levy.until' (2025-01-01) is not after 'effective' (2026-01-15)");
  check_error("policy.levy.announced = 2026-02-01\n",
              "3:25: key 'policy.levy.announced' (2026-02-01) is after 'effective' (2026-01-15)");
  check_error("run.until = 2025-01-01\n",
              "3:13: key 'run.until' (2025-01-01) is not after 'start' (2026-01-01)");
  check_error("chip.h200.withdrawn = 2020-01-01\n",
              "3:23: key 'chip.h200.withdrawn' (2020-01-01) is not after 'launch' (2024-04-01)");
  check_error("run.start = 1900-01-01\n",
              "3:13: key 'run.start' is the date 1900-01-01; allowed is a date from 2000-01-01 to "
              "2100-01-01");
}

TEST_CASE("a chip comes after a chip of its own vendor, a redesign after an original") {
  const std::string amd =
      "[vendor.amd]\nheadquarters = \"us\"\nstack = \"rocm\"\n"
      "utilisation = { training = 1, inference = 1 }\n";
  const auto chip = [](const std::string& id, const std::string& vendor, const std::string& key) {
    return "[chip." + id + "]\nvendor = \"" + vendor + "\"\n" + key +
           "\nlaunch = 2027-01-01\nmarkets = [\"china\"]\nfp16_tflops = 1\n"
           "dram_bandwidth_tbs = 1\ntpp = 1\nprice_usd = 2\nunit_cost_usd = 1\n"
           "foundries = [\"fab\"]\nchips_per_wafer = 29\nlead_time_days = 120\n";
  };
  check_error(amd + chip("mi", "amd", "successor_of = \"h200\""),
              "9:16: key 'chip.mi.successor_of' names 'h200', a chip of another vendor");
  check_error(chip("x", "nvidia", "redesign_of = \"x\""),
              "5:15: key 'chip.x.redesign_of' names the chip itself");
  check_error(chip("x", "nvidia", "node_delay_years = 1"),
              "5:20: key 'chip.x.node_delay_years' is given without 'successor_of'");
  check_error(
      chip("x", "nvidia", "redesign_of = \"h200\"") + chip("y", "nvidia", "redesign_of = \"x\""),
      "18:15: key 'chip.y.redesign_of' names 'x', itself a redesign; allowed is the chip "
      "that it was scaled from");
}

TEST_CASE("bounds and distributions out of order are errors") {
  check_error("policy.levy.tpp = { low = 5, high = 4 }\n",
              "3:27: key 'policy.levy.tpp.low' is above 'policy.levy.tpp.high'");
  check_error(
      "demand.wait_value = { distribution = \"triangular\", low = 1, mode = 5, high = 2 }\n",
      "3:21: key 'demand.wait_value': 'mode' is not between 'low' and 'high'");
  check_error(
      "demand.wait_value = { distribution = \"gauss\", mean = 1 }\n",
      "3:38: key 'demand.wait_value.distribution' is the text \"gauss\"; allowed is "
      "'uniform', 'triangular', 'pert', 'normal', 'lognormal', 'beta', 'discrete', 'sample' "
      "or 'posterior'");
  check_error("demand.wait_value = { distribution = \"normal\", mean = 1 }\n",
              "3:21: key 'demand.wait_value.sd' is missing: a normal distribution needs 'mean' "
              "and 'sd'");
}

TEST_CASE("the settings of a run and the shape of a world are certain") {
  check_error("run.seed = { distribution = \"uniform\", low = 0, high = 9 }\n",
              "3:12: key 'run.seed' is a distribution; allowed is a whole number from 0 to 9.2e+18 "
              "only");
  check_error("run.until = { distribution = \"uniform\", low = 2027-01-01, high = 2028-01-01 }\n",
              "3:13: key 'run.until' is a distribution; allowed is a date only");
}

TEST_CASE("an id that TOML or the key table could take for something else is refused") {
  const std::string rule =
      " cannot be the id of a vendor; ids are of letters, digits, '_' and '-', and not the words "
      "'value', 'distribution', 'source', 'basis', 'confidence' or 'note'";
  const std::string rest =
      "\nheadquarters = \"us\"\nstack = \"s\"\nutilisation = { training = 1, "
      "inference = 1 }\n";
  check_error("[vendor.value]" + rest, "3:9: 'value'" + rule);
  check_error("[vendor.\"a b\"]" + rest, "3:9: 'a b'" + rule);
}

TEST_CASE("a volume cap has one ceiling, in units or as a share") {
  const std::string cap =
      "[policy.cap]\ninstrument = \"volume_cap\"\neffective = 2026-01-01\nhome = \"us\"\n";
  CHECK(errors_of(kHead + cap + "units = 5\n").empty());
  CHECK(errors_of(kHead + cap + "share_of_home_sales = 0.5\n").empty());
  CHECK(errors_of(kHead + cap).size() == 1);
  CHECK(errors_of(kHead + cap + "units = 5\nshare_of_home_sales = 0.5\n").size() == 1);
}

TEST_CASE("a world without regions says what it needs") {
  const Folder folder;
  try {
    load_scenario(folder.write("empty.toml", "format = 1\n"));
    FAIL("no error");
  } catch (const ScenarioError& error) {
    CHECK(std::string(error.what()).find("it needs at least one [region.<id>]") !=
          std::string::npos);
  }
}

TEST_CASE("installed chips have to exist") {
  check_error("buyer.tencent.installed.h100 = 5\n",
              "3:25: key 'buyer.tencent.installed.h100' names no chip; there is no [chip.h100]; "
              "did you mean 'h200'?");
}

TEST_CASE("a missing file that sounds like a shipped scenario names it") {
  try {
    load_scenario("h200-levi.toml");
    FAIL("no error");
  } catch (const ScenarioError& error) {
    CHECK(std::string(error.what()).find("a scenario called 'h200-levy' is shipped") !=
          std::string::npos);
  }
}

TEST_CASE("a chip with stacks needs their supplier") {
  check_error("chip.h200.memory_stacks = 6\n",
              "3:27: key 'chip.h200.memory_stacks' is given without 'memory', the suppliers");
}

TEST_CASE("a chip with packaging units needs their supplier") {
  check_error("chip.h200.packaging_units = 0.03\n",
              "3:29: key 'chip.h200.packaging_units' is given without 'packaging', the suppliers");
}

TEST_CASE("numbers by date stand at dates, in their range") {
  check_error("supplier.fab.capacity_path.2027-13-01 = 5\n",
              "3:28: key 'supplier.fab.capacity_path.2027-13-01' is no date such as 2025-12-08");
  check_error("supplier.fab.capacity_path.2027-01-01 = -5\n",
              "3:41: key 'supplier.fab.capacity_path.2027-01-01' is -5; allowed is a number from 0 "
              "to 1000000000000000 (units per month)");
  check_error("supplier.fab.capacity_path = 5\n",
              "3:30: key 'supplier.fab.capacity_path' is the number 5; allowed is a table of dates "
              "and numbers");
}

TEST_CASE("an unknown format is refused") {
  const std::vector<std::string> errors = errors_of("format = 2\nextends = \"./world.toml\"\n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == "1:10: key 'format' is the number 2; this program reads format = 1");
}

TEST_CASE("all errors come in one pass, in the order of the lines") {
  const std::vector<std::string> errors =
      errors_of(kHead +
                "[vendor.nvidia]\nprefernce = 1\nwafer_opportunity_weight = 1.5\n"
                "[policy.x]\ninstrument = \"ban\"\neffective = 2026-01-01\nuntil = 2025-01-01\n"
                "vendors = [\"nvdia\"]\n");
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].starts_with("4:1:"));
  CHECK(errors[1].starts_with("5:28:"));
  CHECK(errors[2].starts_with("9:9:"));
  CHECK(errors[3].starts_with("10:12:"));
}

TEST_CASE("what is no TOML says where") {
  const std::vector<std::string> errors = errors_of("format = 1\nx = = 3\n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("2:5: not TOML: "));
}

TEST_CASE("a cyclic include shows the cycle") {
  const Folder folder;
  folder.write("a.toml", "format = 1\nextends = \"./b.toml\"\n");
  folder.write("b.toml", "format = 1\n\nextends = [\"./c.toml\"]\n");
  folder.write("c.toml", "extends = \"./a.toml\"\n");
  try {
    load_scenario((folder.path() / "a.toml").string());
    FAIL("no error");
  } catch (const ScenarioError& error) {
    REQUIRE(error.diagnostics().size() == 1);
    const std::string& message = error.diagnostics()[0].message;
    CHECK(message.starts_with("the scenario extends itself; a.toml ("));
    CHECK(message.find("b.toml:3) extends c.toml") != std::string::npos);
    CHECK(message.ends_with("c.toml:1) extends a.toml"));
  }
}

TEST_CASE("a scenario that is not there names the nearest, a file that is not there its path") {
  const std::vector<std::string> errors = errors_of("format = 1\nextends = \"h20-levy\"\n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("2:11: no scenario is called 'h20-levy'; shipped are 'ban', "));
  CHECK(errors[0].ends_with("did you mean 'h200-levy'?"));
  CHECK_THROWS_AS(load_scenario("nowhere/x.toml"), ScenarioError);
}

TEST_CASE("an override is checked like a file, and named in the error") {
  const std::vector<std::string> errors = errors_of(kHead, {"policy.levy.rte=0.1"});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == "0:0: key 'policy.levy.rte' is not known; did you mean 'rate'?");
  CHECK(errors_of(kHead, {"policy.levy.rate"})[0] ==
        "0:0: expected key=value, for example --set policy.levy.rate=0.15");
}

TEST_CASE("the text of an error has file, line, column, the line and a caret") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path = folder.write("p.toml", kHead + "policy.levy.rate = 2\n");
  try {
    load_scenario(path);
    FAIL("no error");
  } catch (const ScenarioError& error) {
    CHECK(std::string(error.what()) ==
          path +
              ":3:20: error: key 'policy.levy.rate' is 2; allowed is a number from 0 below 1\n"
              "    3 | policy.levy.rate = 2\n"
              "      |                    ^\n"
              "1 error\n");
  }
}
