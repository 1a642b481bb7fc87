// Sweeps: points, variants, and items that are replicas of scenarios.
#include "scenarios/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "scenarios/scenario_worker.hpp"
#include "scenarios/sweep_worker.hpp"
#include "tests/allocations.hpp"
#include "tests/scenarios/fixture.hpp"
#include "tests/scenarios/record_values.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

Sweep load(const Folder& folder, const std::string& text, const SweepOverrides& overrides = {}) {
  folder.write("world.toml", kTinyWorld);
  return load_sweep(folder.write("sweep.toml", "format = 1\n" + text), overrides);
}

std::vector<double> coordinates(const Sweep& sweep, std::uint64_t point) {
  std::vector<double> result(sweep.factors.size());
  sweep.fill(point, result);
  return result;
}

std::vector<double> column(const Sweep& sweep, std::size_t factor) {
  std::vector<double> result;
  for (std::uint64_t p = 0; p < sweep.points(); ++p) {
    result.push_back(coordinates(sweep, p)[factor]);
  }
  return result;
}

struct Outcome {
  Values values;
  std::map<std::string, double> draws;
  std::uint64_t events = 0;
};

Outcome of_run(const std::string& scenario, std::vector<std::string> sets, const Sweep& sweep,
               std::uint32_t replica) {
  sets.push_back("run.seed=" + std::to_string(sweep.seed));
  sets.push_back("run.replicas=" + std::to_string(sweep.replicas));
  const Scenario loaded = load_scenario(scenario, sets);
  const WorldLayout layout(loaded.world);
  ScenarioWorker worker(loaded, layout, loaded.world.seed);
  const Record& record = worker.run(replica);
  Outcome outcome{values_of(record), {}, record.events};
  for (std::size_t p = 0; p < loaded.uncertain.size(); ++p) {
    outcome.draws[loaded.uncertain[p].key] = record.draws[p];
  }
  return outcome;
}

/// What an item of the sweep has of the labels of a run; the rest must be 0 or no number.
void check_item(SweepWorker& worker, const Sweep& sweep, std::uint64_t item, const Outcome& run) {
  CAPTURE(item);
  const Record& record = worker.run(item);
  CHECK(record.events == run.events);
  std::size_t found = 0;
  std::size_t wrong = 0;
  for (const auto& [name, bits] : values_of(record)) {
    const auto expected = run.values.find(name);
    if (expected != run.values.end()) {
      ++found;
      wrong += expected->second != bits ? 1 : 0;
    } else {
      wrong += bits != 0 && !std::isnan(std::bit_cast<double>(bits)) ? 1 : 0;
    }
  }
  CHECK(found == run.values.size());
  CHECK(wrong == 0);
  REQUIRE(record.draws.size() == sweep.uncertain.size());
  for (std::size_t p = 0; p < sweep.uncertain.size(); ++p) {
    const auto drawn = run.draws.find(sweep.uncertain[p].key);
    if (drawn == run.draws.end()) {
      CHECK(std::isnan(record.draws[p]));
    } else {
      CHECK(record.draws[p] == drawn->second);
    }
  }
}

const std::string kBase = "base = \"./world.toml\"\n";
const std::string kRate = "[factor.rate]\nkey = \"policy.levy.rate\"\n";

}  // namespace

TEST_CASE("a grid over a range has its ends and the decimal numbers between") {
  const Folder folder;
  const Sweep sweep = load(folder, kBase + kRate + "low = 0.0\nhigh = 0.5\nsteps = 11\n");
  REQUIRE(sweep.points() == 11);
  CHECK(sweep.items() == 11 * 100);
  const std::vector<double> rates = column(sweep, 0);
  const std::vector<double> expected = {0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5};
  CHECK(rates == expected);
  CHECK(sweep.factors[0].id == "rate");
  CHECK(sweep.factors[0].unit == "1");
  CHECK_FALSE(sweep.factors[0].sentence.empty());
  CHECK(sweep.variants.size() == 1);
  CHECK(sweep.name == "sweep");
}

TEST_CASE("values can be numbers, whole numbers, dates, and even steps of a logarithm") {
  const Folder folder;
  const Sweep sweep =
      load(folder, kBase +
                       "[factor.capacity]\nkey = \"supplier.fab.capacity_per_month\"\nlow = 10\n"
                       "high = 1000\nsteps = 3\nscale = \"log\"\n"
                       "[factor.start]\nkey = \"policy.levy.effective\"\n"
                       "values = [2026-02-01, 2026-03-01]\n");
  REQUIRE(sweep.points() == 6);
  // In the order of the file, the last fastest.
  CHECK(sweep.factors[0].id == "capacity");
  CHECK(coordinates(sweep, 0)[0] == 10);
  CHECK(coordinates(sweep, 2)[0] == doctest::Approx(100).epsilon(1e-14));
  CHECK(coordinates(sweep, 4)[0] == 1000);
  CHECK(sweep.factors[1].shown(coordinates(sweep, 4)[1]) == "2026-02-01");
  CHECK(sweep.factors[1].shown(coordinates(sweep, 5)[1]) == "2026-03-01");
  CHECK(sweep.factors[1].unit == "days since 1970-01-01");
}

TEST_CASE("strata of a distribution are taken at their middles, ranges of whole numbers rounded") {
  const Folder folder;
  const Sweep sweep =
      load(folder, kBase +
                       "[factor.taste]\nkey = \"demand.wait_value\"\ndistribution = \"uniform\"\n"
                       "low = 0\nhigh = 1\nsteps = 4\n");
  CHECK(column(sweep, 0) == std::vector<double>{0.125, 0.375, 0.625, 0.875});
}

TEST_CASE("one at a time begins at the centre and changes one factor after the other") {
  const Folder folder;
  const Sweep sweep = load(
      folder, kBase + "[sweep]\ndesign = \"one_at_a_time\"\n" + kRate +
                  "low = 0.0\nhigh = 0.5\n"
                  "[factor.h200_price]\nkey = \"chip.h200.price_usd\"\ndistribution = \"own\"\n"
                  "[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, false]\n");
  REQUIRE(sweep.points() == 6);
  CHECK(column(sweep, 0) == std::vector<double>{0.25, 0, 0.5, 0.25, 0.25, 0.25});
  const std::vector<double> prices = column(sweep, 1);
  CHECK(prices[0] == 27000);
  CHECK(prices[2] == 27000);
  CHECK(prices[3] < 24000);  // the 5% and 95% quantiles
  CHECK(prices[3] > 20000);
  CHECK(prices[4] > 27000);
  CHECK(prices[5] == 27000);
  CHECK(column(sweep, 2) == std::vector<double>{0, 0, 0, 0, 0, 1});
  CHECK(sweep.variant_of(std::uint64_t{5}) == 1);
}

TEST_CASE("trajectories stay on levels, of a distribution on the middles of its strata") {
  const Folder folder;
  const Sweep sweep = load(
      folder, kBase + "[sweep]\ndesign = \"morris\"\ntrajectories = 30\n" + kRate +
                  "low = 0.0\nhigh = 0.6\n"
                  "[factor.h200_price]\nkey = \"chip.h200.price_usd\"\ndistribution = \"uniform\"\n"
                  "low = 10000\nhigh = 50000\n");
  REQUIRE(sweep.points() == 90);
  std::set<double> rates;
  std::set<double> prices;
  for (std::uint64_t p = 0; p < sweep.points(); ++p) {
    rates.insert(std::round(coordinates(sweep, p)[0] * 1e9) / 1e9);
    prices.insert(std::round(coordinates(sweep, p)[1] * 1e6) / 1e6);
  }
  CHECK(rates == std::set<double>{0, 0.2, 0.4, 0.6});
  CHECK(prices == std::set<double>{15000, 25000, 35000, 45000});
}

TEST_CASE("a hypercube of points follows the distribution that the base has") {
  const Folder folder;
  const Sweep sweep = load(
      folder, kBase + "[sweep]\ndesign = \"lhs\"\npoints = 50\n" +
                  "[factor.h200_price]\nkey = \"chip.h200.price_usd\"\ndistribution = \"own\"\n");
  REQUIRE(sweep.points() == 50);
  const std::vector<double> prices = column(sweep, 0);
  const Scenario base = load_scenario(folder.file("world.toml"));
  std::vector<double> sorted = prices;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(sorted[i] >=
          quantile(base.uncertain[0].distribution, (0.0 + static_cast<double>(i)) / 50 + 1e-9));
    CHECK(sorted[i] <=
          quantile(base.uncertain[0].distribution, (1.0 + static_cast<double>(i)) / 50 - 1e-9));
  }
  CHECK(sweep.factors[0].source == "a");
  CHECK(sweep.uncertain.empty());  // the point says it, it is not drawn
}

TEST_CASE("a table gives points row by row, with labels for what is no number") {
  const Folder folder;
  folder.write("points.csv", "rate,noise,start\n0.1,true,2026-02-01\n0.3,false,2026-03-01\n");
  const Sweep sweep =
      load(folder, kBase + "[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n" +
                       "[factor.noise]\nkey = \"run.noise\"\nvalues = [false, true]\n" + kRate +
                       "[factor.start]\nkey = \"policy.levy.effective\"\n");
  REQUIRE(sweep.points() == 2);
  CHECK(column(sweep, 0) == std::vector<double>{1, 0});
  CHECK(column(sweep, 1) == std::vector<double>{0.1, 0.3});
  CHECK(sweep.factors[2].shown(coordinates(sweep, 1)[2]) == "2026-03-01");
  CHECK(sweep.variant_of(std::uint64_t{0}) == 1);
}

TEST_CASE("settings come from the command line, then from [sweep], then from the base") {
  const Folder folder;
  const std::string factor = kRate + "values = [0.1]\n";
  CHECK(load(folder, kBase + factor).replicas == 100);
  CHECK(load(folder, kBase + "set.run.replicas = 7\nset.run.seed = 9\n" + factor).replicas == 7);
  CHECK(load(folder, kBase + "set.run.replicas = 7\nset.run.seed = 9\n" + factor).seed == 9);
  const std::string own =
      kBase + "[set]\nrun.replicas = 7\n[sweep]\nreplicas = 8\nseed = 3\n" + factor;
  CHECK(load(folder, own).replicas == 8);
  CHECK(load(folder, own).seed == 3);
  SweepOverrides overrides;
  overrides.replicas = 5;
  overrides.seed = 11;
  overrides.sets = {"run.until=2026-10-01"};
  const Sweep sweep = load(folder, own, overrides);
  CHECK(sweep.replicas == 5);
  CHECK(sweep.seed == 11);
  CHECK(sweep.layout().quarters() == 3);
  CHECK(sweep.variants[0].scenario.world.replicas == 5);
  CHECK(sweep.keep == Keep::kAll);
  CHECK(sweep.common_noise);
}

TEST_CASE("a table of many points is read without memory of its own for any of its cells") {
  const Folder folder;
  const auto allocations_with = [&](int rows) {
    std::string points = "rate,wait,start,noise\n";
    for (int i = 0; i < rows; ++i) {
      const std::string digits = std::to_string(10000 + i);
      points += "0." + digits + ",-" + digits + "e-3,2026-02-01,false\n";
    }
    folder.write("points.csv", points);
    const std::size_t before = allocations();
    const Sweep sweep =
        load(folder, kBase + "[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n" + kRate +
                         "[factor.wait]\nkey = \"demand.wait_value\"\n" +
                         "[factor.start]\nkey = \"policy.levy.effective\"\n" +
                         "[factor.noise]\nkey = \"run.noise\"\nvalues = [true, false]\n");
    CHECK(sweep.points() == static_cast<std::uint64_t>(rows));
    CHECK(coordinates(sweep, 17) == std::vector<double>{0.10017, -10.017, 20485, 1});
    CHECK(sweep.factors[1].levels.size() == static_cast<std::size_t>(rows));
    return allocations() - before;
  };
  CHECK(allocations_with(4000) < allocations_with(100) + 1000);
}

TEST_CASE("what two sweeps have in common is in their text, and what they have not, too") {
  const Folder folder;
  const auto text = [&](const std::string& more, const std::string& factor) {
    return load(folder, kBase + more + factor).resolved;
  };
  const std::string one = text("", kRate + "values = [0.1]\n");
  CHECK(one == text("", kRate + "values = [0.1]\n"));
  CHECK(one != text("", kRate + "values = [0.2]\n"));
  CHECK(one != text("[sweep]\nreplicas = 3\n", kRate + "values = [0.1]\n"));
  CHECK(one != text("set.chip.h200.lead_time_days = 99\n", kRate + "values = [0.1]\n"));
  CHECK(one.find("price_usd") != std::string::npos);  // of the scenario
  folder.write("points.csv", "rate\n0.1\n0.2\n");
  const std::string table = "[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n";
  const std::string before = text(table, kRate);
  folder.write("points.csv", "rate\n0.1\n0.25\n");
  CHECK(text(table, kRate) != before);
  // Of a data file, which a factor or the scenario may name.
  const std::string sample = "distribution = \"sample\", file = \"points.csv\", column = \"rate\"";
  const std::string factor =
      kRate + "steps = 2\ndistribution = \"sample\"\nfile = \"points.csv\"\ncolumn = \"rate\"\n";
  const std::string of_factor = text("", factor);
  folder.write("points.csv", "rate\n0.1\n0.27\n");
  CHECK(text("", factor) != of_factor);
  folder.write("own.toml",
               "format = 1\nextends = \"./world.toml\"\ndemand.wait_value = { " + sample + " }\n");
  const std::string own = "base = \"./own.toml\"\n" + kRate + "values = [0.1]\n";
  const std::string of_base = load(folder, own).resolved;
  folder.write("points.csv", "rate\n0.1\n0.29\n");
  CHECK(load(folder, own).resolved != of_base);
}

TEST_CASE("replica i of a point is replica i of the scenario with the values set, bit for bit") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string own = folder.write(
      "own.toml",
      "format = 1\nextends = \"./world.toml\"\n"
      "demand.wait_value = { distribution = \"normal\", mean = 0, sd = 0.5 }\n"
      "demand.price_sensitivity = { distribution = \"normal\", mean = 5, sd = 0.5 }\n"
      "buyer.tencent.installed.h200 = { distribution = \"uniform\", low = 100, high = 900 }\n"
      "[correlation.tastes]\nparameters = [\"demand.wait_value\", \"demand.price_sensitivity\", "
      "\"buyer.tencent.installed.h200\"]\n"
      "matrix = [[1, 0.6, 0.8], [0.6, 1, 0.5], [0.8, 0.5, 1]]\n");
  for (const char* sampling : {"plain", "lhs", "sobol"}) {
    CAPTURE(sampling);
    // A plain number, one that is drawn with others in the base, a date, and a switch.
    const Sweep sweep = load(
        folder, std::string("base = \"./own.toml\"\nset.run.sampling = \"") + sampling +
                    "\"\n[sweep]\nreplicas = 4\nseed = 12\n" + kRate + "values = [0.0, 0.3]\n" +
                    "[factor.wait]\nkey = \"demand.wait_value\"\nvalues = [-0.5, 0.25]\n" +
                    "[factor.begin]\nkey = \"policy.levy.effective\"\nvalues = [2026-03-01]\n" +
                    "[factor.noise]\nkey = \"run.noise\"\nvalues = [true, false]\n");
    REQUIRE(sweep.items() == 32);
    CHECK(sweep.uncertain.size() == 3);  // without the wait
    SweepWorker worker(sweep);
    for (const std::uint64_t item : {0U, 31U, 5U, 6U, 9U, 18U, 0U, 27U}) {
      const std::vector<double> x = coordinates(sweep, item / 4);
      const Outcome run =
          of_run(own,
                 {std::string("run.sampling=") + sampling,
                  "policy.levy.rate=" + sweep.factors[0].shown(x[0]),
                  "demand.wait_value=" + sweep.factors[1].shown(x[1]),
                  "policy.levy.effective=2026-03-01", "run.noise=" + sweep.factors[3].shown(x[3])},
                 sweep, static_cast<std::uint32_t>(item % 4));
      check_item(worker, sweep, item, run);
    }
  }
}

TEST_CASE("policies of one world are compared replica by replica, each with its own instruments") {
  const Folder folder;
  const std::string rest =
      "set.run.until = 2026-10-01\n[sweep]\nreplicas = 2\nseed = 5\n"
      "[factor.policy]\nscenarios = [\"ban\", \"h200-levy\"]\n"
      "[factor.preference]\nkey = \"vendor.nvidia.preference\"\nvalues = [0.5, 1.0]\n";
  const Sweep sweep = load(folder, rest);
  REQUIRE(sweep.points() == 4);
  REQUIRE(sweep.variants.size() == 2);
  const auto& labels = sweep.layout().axes()[sweep.layout().axis("instrument")].labels;
  CHECK(std::ranges::find(labels, "levy") != labels.end());
  CHECK(labels.size() > sweep.variants[0].scenario.world.policies.size());
  SweepWorker worker(sweep);
  for (const std::uint64_t item : {7U, 1U, 4U}) {
    const std::vector<double> x = coordinates(sweep, item / 2);
    check_item(
        worker, sweep, item,
        of_run(sweep.factors[0].shown(x[0]),
               {"run.until=2026-10-01", "vendor.nvidia.preference=" + sweep.factors[1].shown(x[1])},
               sweep, static_cast<std::uint32_t>(item % 2)));
  }
}

TEST_CASE("totals and sizes of a fringe can be factors, one in the world, one as variants") {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  const std::string own = folder.write(
      "own.toml",
      "format = 1\nextends = \"./world.toml\"\n[fringe.firms]\ncount = 3\nheadquarters = \"us\"\n"
      "site = \"us\"\ncustomer_class = \"cloud\"\nneed_h100e = { training = 500, inference = 500 "
      "}\n"
      "budget_usd_per_quarter = 1e7\n");
  const Sweep sweep = load(
      folder,
      "base = \"./own.toml\"\n[sweep]\nreplicas = 2\n"
      "[factor.firms]\nkey = \"fringe.firms.count\"\nvalues = [2, 5]\n"
      "[factor.fringe_need]\nkey = \"fringe.firms.need_h100e.training\"\nvalues = [100, 900]\n");
  REQUIRE(sweep.variants.size() == 2);
  SweepWorker worker(sweep);
  for (const std::uint64_t item : {0U, 3U, 5U, 6U}) {
    const std::vector<double> x = coordinates(sweep, item / 2);
    check_item(worker, sweep, item,
               of_run(own,
                      {"fringe.firms.count=" + sweep.factors[0].shown(x[0]),
                       "fringe.firms.need_h100e.training=" + sweep.factors[1].shown(x[1])},
                      sweep, static_cast<std::uint32_t>(item % 2)));
  }
}

TEST_CASE("without common noise every point has noise and draws of its own") {
  const Folder folder;
  const auto of = [&](const char* noise) {
    return load(folder, kBase + "[sweep]\nreplicas = 2\ncommon_noise = " + noise + "\n" + kRate +
                            "values = [0.1, 0.2]\n");
  };
  const Sweep common = of("true");
  const Sweep apart = of("false");
  SweepWorker common_worker(common);
  SweepWorker worker(apart);
  const auto draw = [](SweepWorker& of_sweep, std::uint64_t item) {
    return of_sweep.run(item).draws.at(0);
  };
  CHECK(draw(common_worker, 0) == draw(common_worker, 2));
  CHECK(draw(worker, 0) != draw(worker, 2));
  CHECK(draw(worker, 0) != draw(worker, 1));
  CHECK(draw(worker, 1) != draw(worker, 3));
  // Each is one that a run can have.
  for (std::uint64_t point = 0; point < 1000; ++point) {
    CHECK(SweepWorker::seed_of(apart, point) <= 9'200'000'000'000'000'000U);
  }
  // The same item again, after others.
  CHECK(draw(worker, 3) == draw(worker, 3));
  const double first = draw(worker, 0);
  CHECK(draw(worker, 3) != first);
  CHECK(draw(worker, 0) == first);
}

TEST_CASE("more variants than a worker keeps are run alike in any order") {
  const Folder folder;
  std::string values = "[";
  for (int i = 1; i <= 20; ++i) values += "\"name " + std::to_string(i) + "\", ";
  const Sweep sweep = load(folder, kBase +
                                       "[sweep]\nreplicas = 1\n[factor.text]\nkey = "
                                       "\"buyer.tencent.name\"\nvalues = " +
                                       values + "]\n" + kRate + "values = [0.1, 0.4]\n");
  REQUIRE(sweep.variants.size() == 20);
  SweepWorker worker(sweep);
  const Values first = values_of(worker.run(1));
  for (std::uint64_t item = 0; item < 40; ++item) worker.run(item);
  CHECK(values_of(worker.run(39)) == first);  // the name changes nothing
  CHECK(values_of(worker.run(1)) == first);
  CHECK(values_of(worker.run(0)) != first);
}

TEST_CASE("every shipped sweep can be read, and says what it is about") {
  const std::vector<ShippedScenario> shipped = list_shipped_sweeps();
  CHECK(shipped.size() >= 3);
  for (const ShippedScenario& file : shipped) {
    CAPTURE(file.name);
    CHECK_FALSE(file.title.empty());
    const Sweep sweep = load_sweep(file.name);
    CHECK(sweep.name == file.name);
    CHECK(sweep.points() > 1);
    for (const SweepFactor& factor : sweep.factors) CHECK_FALSE(factor.sentence.empty());
  }
}

TEST_CASE(
    "a variant says what runs its scenario, shipped or not, with what is set for all points") {
  const Folder folder;
  const Sweep own = load(folder,
                         "base = \"world.toml\"\n[sweep]\nreplicas = 1\n"
                         "[factor.rate]\nkey = \"policy.levy.rate\"\nvalues = [0.1, 0.2]\n"
                         "[set]\nrun.until = 2026-07-01\nrun.sampling = \"lhs\"\n"
                         "demand.price_sensitivity = 1.5\n");
  CHECK(own.variants.at(0).command == "tollgate run " + folder.file("world.toml") +
                                          " --set demand.price_sensitivity=1.5"
                                          " --set 'run.sampling=\"lhs\"'"
                                          " --set run.until=2026-07-01");
  const Sweep shipped = load(folder,
                             "[sweep]\nreplicas = 1\n"
                             "[factor.policy]\nscenarios = [\"ban\", \"h200-levy\"]\n");
  CHECK(shipped.variants.at(0).command == "tollgate run ban");
  CHECK(shipped.variants.at(1).command == "tollgate run h200-levy");
}
