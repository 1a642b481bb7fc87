#include "scenarios/loader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "scenarios/describe.hpp"
#include "scenarios/schema.hpp"
#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

Scenario load(const std::string& policy, const std::vector<std::string>& sets = {}) {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  return load_scenario(folder.write("policy.toml", policy), sets);
}

const std::string kHead = "format = 1\nextends = \"./world.toml\"\n";

}  // namespace

TEST_CASE("a scenario is read into typed tables, references resolved") {
  const Scenario s = load(kHead);
  CHECK(s.name == "policy");
  CHECK(s.title == "tiny");
  REQUIRE(s.world.chips.size() == 1);
  const ChipSpec& chip = s.world.chips[0];
  CHECK(chip.id == "h200");
  CHECK(s.world.vendors[chip.vendor.index()].id == "nvidia");
  CHECK(s.world.regions[chip.markets[0].index()].id == "china");
  CHECK(iso_date(chip.launch) == "2024-04-01");
  CHECK(s.world.policies[0].is_a<Levy>());
  CHECK(s.world.policies[0].as<Levy>().rate == 0.25);
  CHECK(s.world.buyers[0].need_h100e.training == 1000);
  CHECK(s.world.demand.lot_units == DemandSpec{}.lot_units);  // a default
}

TEST_CASE("a tariff on imports of the maker's own country and one of its customers' can be said") {
  const Scenario s = load(kHead + R"(
[policy.levy]
collected = "transit"
remittance_days = 45
[policy.section_232]
instrument = "tariff"
effective = 2026-03-01
destinations = ["us"]
tpp = { low = 14000, high = 17500 }
rate = 0.25
[policy.counter_tariff]
instrument = "tariff"
effective = 2026-03-15
grandfathers = "ordered"
vendor_headquarters = ["us"]
destinations = ["china"]
rate = 0.34
value_ratio = 0.9
)");
  const auto rule = [&](const char* id) -> const InstrumentSpec& {
    return *std::ranges::find(s.world.policies, id, &InstrumentSpec::id);
  };
  CHECK(rule("levy").as<Levy>().is_due_in_transit());
  CHECK(rule("levy").as<Levy>().remittance_days == 45);
  CHECK(rule("section_232").as<Tariff>().rate_on_price() == 0.25);
  CHECK(rule("counter_tariff").as<Tariff>().rate_on_price() == doctest::Approx(0.306));
  CHECK(rule("counter_tariff").grandfathers == Grandfathering::kOrdered);
}

TEST_CASE("an overlay merges tables, replaces arrays and numbers, and --set comes last") {
  const Scenario s = load(kHead +
                              "[chip.h200]\nmarkets = [\"us\"]\nprice_usd = 26000\n"
                              "[policy.levy]\nrate = 0.1\n[policy.more]\ninstrument = \"ban\"\n"
                              "effective = 2026-06-01\n",
                          {"policy.levy.rate=0.15", "run.seed=7", "policy.more.enabled=false"});
  CHECK(s.world.chips[0].markets.size() == 1);
  CHECK(s.world.chips[0].price_usd == 26000);
  CHECK(s.world.chips[0].tpp == 15832);
  CHECK(s.uncertain.empty());  // the distribution was replaced by a number
  CHECK(s.world.policies.size() == 2);
  CHECK(s.world.policies[0].as<Levy>().rate == 0.15);
  CHECK_FALSE(s.world.policies[1].enabled);
  CHECK(s.world.seed == 7);
}

TEST_CASE("numbers by date come in order, merge by date and may be distributions") {
  const std::string path =
      "[supplier.fab.capacity_path]\n2028-06-01 = 3000\n2026-06-01 = 2000\n"
      "2027-06-01 = { distribution = \"uniform\", low = 2200, high = 2800, source = \"b\" }\n";
  const Scenario s = load(kHead + path, {"supplier.fab.capacity_path.2029-01-01=4000",
                                         "supplier.fab.capacity_path.2026-06-01=1500"});
  const std::vector<CapacityPoint>& points = s.world.suppliers[0].capacity_path;
  REQUIRE(points.size() == 4);
  CHECK(iso_date(points[0].date) == "2026-06-01");
  CHECK(points[0].per_month == 1500);
  CHECK(points[1].per_month == 2500);
  CHECK(points[2].per_month == 3000);
  CHECK(iso_date(points[3].date) == "2029-01-01");
  REQUIRE(s.uncertain.size() == 2);
  CHECK(s.uncertain[1].key == "supplier.fab.capacity_path.2027-06-01");
  WorldSpec world = s.world;
  std::vector<double> draws;
  draw_parameters(s, 1, 3, world, draws);
  CHECK(world.suppliers[0].capacity_path[1].per_month == draws[1]);
  CHECK(draws[1] != 2500);
}

TEST_CASE("show prints where each value comes from, and reads back as the same scenario") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path = folder.write("policy.toml", kHead + "[policy.levy]\nrate = 0.1\n");
  const std::string shown = show_scenario(path, {"run.seed=7"});
  CHECK(shown.find("policy.toml:4\n") != std::string::npos);
  const std::string_view world = kTinyWorld;
  const auto date = world.find("effective");
  const auto line = 1 + std::count(world.begin(), world.begin() + static_cast<long>(date), '\n');
  CHECK(shown.find("world.toml:" + std::to_string(line) + "\n") != std::string::npos);
  CHECK(shown.find("# --set run.seed=7\n") != std::string::npos);
  const std::string again = folder.write("again.toml", shown);
  CHECK(load_scenario(again).resolved_toml == load_scenario(path, {"run.seed=7"}).resolved_toml);
}

TEST_CASE("uncertain numbers have their central value in the world and their draws in replicas") {
  const Scenario s = load(kHead);
  REQUIRE(s.uncertain.size() == 1);
  CHECK(s.uncertain[0].key == "chip.h200.price_usd");
  CHECK(s.uncertain[0].unit == "USD");
  CHECK(s.uncertain[0].source == "a");
  CHECK(s.world.chips[0].price_usd == 27000);

  // Mean and variance of the triangular (20, 27, 30), at five standard errors; seed is fixed.
  WorldSpec world = s.world;
  std::vector<double> draws;
  constexpr int kReplicas = 20000;
  double sum = 0;
  for (std::uint32_t i = 0; i < kReplicas; ++i) {
    draw_parameters(s, 1, i, world, draws);
    REQUIRE(draws.size() == 1);
    CHECK(world.chips[0].price_usd == draws[0]);
    sum += draws[0];
  }
  const double mean = (20000 + 27000 + 30000) / 3.0;
  const double sd = 1000 * std::sqrt((400 + 729 + 900 - 540 - 600 - 810) / 18.0);
  CHECK(std::abs(sum / kReplicas - mean) < 5 * sd / std::sqrt(kReplicas));
}

TEST_CASE("uniform, normal and lognormal draws have their mean and variance") {
  struct Case {
    const char* toml;
    double mean;
    double variance;
    double fourth;  // central moment, for the standard error of the variance
  };
  // Moments of the textbook: uniform(1, 5), normal(2, 0.5), lognormal(median 2, sigma 0.25).
  const double w = std::exp(0.0625);
  const double lognormal_variance = 4 * w * (w - 1);
  const Case cases[] = {
      {"{ distribution = \"uniform\", low = 1, high = 5 }", 3, 16.0 / 12, 256.0 / 80},
      {"{ distribution = \"normal\", mean = 2, sd = 0.5 }", 2, 0.25, 3 * 0.0625},
      {"{ distribution = \"lognormal\", median = 2, sigma = 0.25 }", 2 * std::sqrt(w),
       lognormal_variance,
       lognormal_variance * lognormal_variance * (w * w * w * w + 2 * w * w * w + 3 * w * w - 3)}};
  for (const Case& c : cases) {
    CAPTURE(c.toml);
    const Scenario s = load(kHead + "[demand]\nprice_sensitivity = " + c.toml + "\n");
    WorldSpec world = s.world;
    std::vector<double> draws;
    constexpr int kReplicas = 20000;
    double sum = 0;
    double squares = 0;
    for (std::uint32_t i = 0; i < kReplicas; ++i) {
      draw_parameters(s, 1, i, world, draws);
      sum += world.demand.price_sensitivity;
      squares +=
          (world.demand.price_sensitivity - c.mean) * (world.demand.price_sensitivity - c.mean);
    }
    // Five standard errors of the mean and of the variance.
    CHECK(std::abs(sum / kReplicas - c.mean) < 5 * std::sqrt(c.variance / kReplicas));
    CHECK(std::abs(squares / kReplicas - c.variance) <
          5 * std::sqrt((c.fourth - c.variance * c.variance) / kReplicas));
  }
}

TEST_CASE("show keeps what TOML has to quote") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string path =
      folder.write("p.toml", kHead + "[vendor.nvidia]\nnote = \"a\\u0001b\\\\ \\\"c\\\" \\n\"\n");
  const std::string shown = show_scenario(path, {});
  CHECK(shown.find("note = \"a\\u0001b\\\\ \\\"c\\\" \\n\"") != std::string::npos);
  CHECK(show_scenario(folder.write("again.toml", shown), {}).size() > 0);
}

TEST_CASE("numbers without a source of their own file are found") {
  const Folder folder;
  folder.write("world.toml", "format = 1\n[vendor.a]\nsource = \"s\"\npreference = 1\n");
  const std::string path = folder.write(
      "p.toml",
      kHead +
          "[vendor.a]\npreference = 2\n[vendor.b]\npreference = { value = 3, source = \"t\" }\n");
  const std::vector<std::string> found = numbers_without_source(path);
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("vendor.a.preference ("));
  CHECK(found[0].ends_with("p.toml:4)"));
}

TEST_CASE("whole numbers may carry their source") {
  CHECK(load(kHead + "[run]\nreplicas = { value = 12, source = \"s\" }\n").world.replicas == 12);
}

TEST_CASE("a further uncertain number leaves the draws of the others as they were") {
  const Scenario one = load(kHead);
  const Scenario two =
      load(kHead +
           "[demand]\nwait_value = { distribution = \"normal\", mean = 0, sd = 1 }\n"
           "[buyer.tencent.installed]\nh200 = { distribution = \"uniform\", low = 1, high = 9 }\n");
  REQUIRE(two.uncertain.size() == 3);
  WorldSpec a = one.world;
  WorldSpec b = two.world;
  std::vector<double> draws;
  draw_parameters(one, 5, 3, a, draws);
  draw_parameters(two, 5, 3, b, draws);
  CHECK(a.chips[0].price_usd == b.chips[0].price_usd);
  CHECK(b.buyers[0].installed[0].units >= 1);
  CHECK(b.buyers[0].installed[0].units < 9);
  CHECK(b.demand.wait_value != 0);
}

TEST_CASE("draws outside the allowed range are moved to its end") {
  const Scenario s =
      load(kHead +
           "[vendor.nvidia]\nprice_ceiling = { distribution = \"normal\", mean = 5, sd = 90 }\n");
  WorldSpec world = s.world;
  std::vector<double> draws;
  for (std::uint32_t i = 0; i < 100; ++i) {
    draw_parameters(s, 1, i, world, draws);
    CHECK(world.vendors[0].price_ceiling >= 1);
    CHECK(world.vendors[0].price_ceiling <= 20);
  }
}

TEST_CASE("the JSON Schema is JSON and has every key, the reference page too") {
  const auto schema = nlohmann::json::parse(json_schema());
  const std::string page = reference_page();
  for (const EntityTable& entity : entity_tables()) {
    const auto& properties =
        schema["properties"][entity.keys.name]["additionalProperties"]["properties"];
    for (const KeySpec& key : entity.keys.keys) {
      CAPTURE(key.name);
      CHECK(properties.contains(key.name));
      CHECK_FALSE(key.sentence.empty());
      if (key.type == KeyType::kTable) {
        for (const KeySpec& inner : key.table->keys) {
          CAPTURE(inner.name);
          CHECK(properties[key.name]["properties"].contains(inner.name));
          CHECK(page.find("| `" + key.name + "." + inner.name + "` |") != std::string::npos);
        }
      } else if (key.type == KeyType::kNamedTables) {
        for (const KeySpec& inner : key.table->keys) {
          CHECK(page.find("| `" + key.name + ".<id>." + inner.name) != std::string::npos);
        }
      } else {
        CHECK(page.find("| `" + key.name + "` |") != std::string::npos);
      }
    }
    for (const Form& form : entity.keys.forms) {
      CAPTURE(form.keys.name);
      CHECK(page.find("### `" + entity.keys.form_key + " = \"" + form.keys.name + "\"`") !=
            std::string::npos);
      for (const KeySpec& key : form.keys.keys) {
        CHECK(properties.contains(key.name));
        CHECK_FALSE(key.sentence.empty());
      }
    }
  }
  for (const SingleTable& single : single_tables()) {
    for (const KeySpec& key : single.keys.keys) {
      CAPTURE(key.name);
      CHECK(schema["properties"][single.keys.name]["properties"].contains(key.name));
    }
  }
  const auto& units = schema["properties"]["buyer"]["additionalProperties"]["properties"]
                            ["installed"]["additionalProperties"]["anyOf"];
  CHECK(units.size() == 3);  // plain, with a source, uncertain
  // The range of a key is that of the form.
  for (const auto& branch : schema["properties"]["policy"]["additionalProperties"]["allOf"]) {
    if (branch["if"]["properties"]["instrument"]["const"] != "levy") continue;
    CHECK(branch["then"]["properties"]["rate"]["anyOf"][0]["exclusiveMaximum"] == 1);
  }
}

TEST_CASE("every shipped scenario is valid, and every number of the worlds has a source") {
  for (const ShippedScenario& shipped : list_shipped()) {
    CAPTURE(shipped.name);
    CHECK_FALSE(shipped.title.empty());
    CHECK_NOTHROW(load_scenario(shipped.name));
    CHECK(numbers_without_source(shipped.name) == std::vector<std::string>{});
  }
}

TEST_CASE("the docs page is the one that the program prints") {
  std::ifstream file(TOLLGATE_SOURCE_DIR "/docs/scenario-keys.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK_MESSAGE(text == reference_page(),
                "renew it: tollgate schema --markdown > docs/scenario-keys.md");
}
