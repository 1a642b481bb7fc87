// Parameters that are drawn together: rows of a posterior file, correlated numbers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

#include "scenarios/parameter_sampler.hpp"
#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

const std::string kHead = "format = 1\nextends = \"./world.toml\"\n";

Scenario load(const Folder& folder, const std::string& policy,
              const std::vector<std::string>& sets = {}) {
  folder.write("world.toml", kTinyWorld);
  return load_scenario(folder.write("policy.toml", kHead + policy), sets);
}

/// Draws of all replicas, [parameter][replica].
std::vector<std::vector<double>> draws_of(const Scenario& scenario, std::uint32_t replicas) {
  ParameterSampler sampler(scenario, scenario.world.seed);
  WorldSpec world = scenario.world;
  std::vector<std::vector<double>> columns(scenario.uncertain.size());
  std::vector<double> draws;
  for (std::uint32_t i = 0; i < replicas; ++i) {
    sampler.draw(i, world, draws);
    for (std::size_t p = 0; p < draws.size(); ++p) columns[p].push_back(draws[p]);
  }
  return columns;
}

std::size_t place(const Scenario& scenario, const std::string& key) {
  const auto found = std::ranges::find(scenario.uncertain, key, &UncertainParameter::key);
  REQUIRE(found != scenario.uncertain.end());
  return static_cast<std::size_t>(found - scenario.uncertain.begin());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t k = 0; k < order.size(); ++k) result[order[k]] = static_cast<double>(k);
  return result;
}

const std::string kThree =
    "demand.wait_value = { distribution = \"normal\", mean = 0, sd = 0.5 }\n"
    "demand.price_sensitivity = { distribution = \"normal\", mean = 5, sd = 0.5 }\n"
    "buyer.tencent.budget_usd_per_quarter = { distribution = \"lognormal\", median = 1e8, sigma = "
    "1 }\n"
    "buyer.tencent.installed.h200 = { distribution = \"uniform\", low = 100, high = 900 }\n";
const std::string kBlock =
    "[correlation.tastes]\n"
    "parameters = [\"demand.wait_value\", \"demand.price_sensitivity\", "
    "\"buyer.tencent.budget_usd_per_quarter\", \"buyer.tencent.installed.h200\"]\n"
    "matrix = [[1, 0.6, -0.3, 0.8], [0.6, 1, 0, 0.5], [-0.3, 0, 1, -0.2], [0.8, 0.5, -0.2, 1]]\n"
    "source = \"a\"\n";

}  // namespace

TEST_CASE("correlated numbers have their marginals and their correlations") {
  const Folder folder;
  const Scenario s = load(folder, kThree + kBlock);
  constexpr std::uint32_t kReplicas = 20000;
  const auto draws = draws_of(s, kReplicas);
  const std::vector<std::size_t> p = {
      place(s, "demand.wait_value"), place(s, "demand.price_sensitivity"),
      place(s, "buyer.tencent.budget_usd_per_quarter"), place(s, "buyer.tencent.installed.h200")};
  const double matrix[4][4] = {
      {1, 0.6, -0.3, 0.8}, {0.6, 1, 0, 0.5}, {-0.3, 0, 1, -0.2}, {0.8, 0.5, -0.2, 1}};
  // The first three are normals, or logarithms of them: at five standard errors of Pearson's.
  std::vector<std::vector<double>> normals = {draws[p[0]], draws[p[1]], draws[p[2]]};
  for (double& x : normals[2]) x = std::log(x);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double r = matrix[i][j];
      CHECK(std::abs(correlation(normals[i], normals[j]) - r) <
            5 * (1 - r * r) / std::sqrt(kReplicas));
    }
  }
  // All four by ranks: 6/pi asin(r/2) (Kruskal 1958), at five standard errors, of at most
  // 1/sqrt(n).
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double expected = 6 / std::numbers::pi * std::asin(matrix[i][j] / 2);
      CHECK(std::abs(correlation(ranks(draws[p[i]]), ranks(draws[p[j]])) - expected) <
            5 / std::sqrt(kReplicas));
    }
  }
  // The marginals: Kolmogorov-Smirnov against the uniform, one false alarm in three million.
  std::vector<double> sorted = draws[p[3]];
  std::ranges::sort(sorted);
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    largest = std::max(
        largest, std::abs((sorted[i] - 100) / 800 - (static_cast<double>(i) + 0.5) / kReplicas));
  }
  CHECK(largest < 2.8 / std::sqrt(kReplicas));
  const auto out =
      std::ranges::count_if(draws[p[1]], [](double x) { return std::abs(x - 5) > 0.98; });
  CHECK(std::abs(static_cast<double>(out) / kReplicas - 0.05) <
        5 * std::sqrt(0.05 * 0.95 / kReplicas));
}

TEST_CASE("the first of a block is drawn as if alone, others are not touched by the block") {
  const Folder folder;
  const auto alone = draws_of(load(folder, kThree), 50);
  const Scenario s = load(folder, kThree + kBlock);
  const auto together = draws_of(s, 50);
  const std::size_t first = place(s, "demand.wait_value");
  const std::size_t outside = place(s, "chip.h200.price_usd");
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(together[first][i] == doctest::Approx(alone[first][i]));
    CHECK(together[outside][i] == alone[outside][i]);
  }
  CHECK(together[place(s, "demand.price_sensitivity")] !=
        alone[place(s, "demand.price_sensitivity")]);
}

TEST_CASE("a number that the command line fixes leaves its block") {
  const Folder folder;
  const Scenario s = load(folder, kThree + kBlock, {"demand.wait_value=0.2"});
  REQUIRE(s.correlations.size() == 1);
  CHECK(s.correlations[0].parameters.size() == 3);
  constexpr std::uint32_t kReplicas = 20000;
  const auto draws = draws_of(s, kReplicas);
  CHECK(std::abs(correlation(ranks(draws[place(s, "demand.price_sensitivity")]),
                             ranks(draws[place(s, "buyer.tencent.installed.h200")])) -
                 6 / std::numbers::pi * std::asin(0.25)) < 5 / std::sqrt(kReplicas));
}

TEST_CASE("parameters of one posterior file take the same row, each row as often") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "fit");
  folder.write(
      "fit/draws.csv",
      "demand.wait_value,\"elasticity, own\",other\r\n0.1,1.1,x\r\n0.2,1.2,y\r\n\r\n0.3,1.3,z\r\n");
  const std::string both =
      "run.sampling = \"lhs\"\nrun.replicas = 300\n"
      "demand.wait_value = { distribution = \"posterior\", file = \"fit/draws.csv\" }\n"
      "demand.price_sensitivity = { distribution = \"posterior\", file = \"./fit/draws.csv\", "
      "column "
      "= \"elasticity, own\" }\n";
  const Scenario s = load(folder, both);
  const auto draws = draws_of(s, 300);
  const auto& wait = draws[place(s, "demand.wait_value")];
  const auto& price = draws[place(s, "demand.price_sensitivity")];
  for (std::size_t i = 0; i < 300; ++i) CHECK(price[i] == doctest::Approx(wait[i] + 1));
  for (const double x : {0.1, 0.2, 0.3}) CHECK(std::ranges::count(wait, x) == 100);
  CHECK(s.world.demand.wait_value == 0.2);
  CHECK(inputs_of(s.uncertain).size() == 2);  // the file, and the price of the tiny world's chip
}

TEST_CASE("the resolved scenario has a hash of every data file, whatever its name") {
  const Folder folder;
  const auto text = [&](const std::string& rows) {
    folder.write("d.csv", "w\n" + rows);
    return load(folder,
                "demand.wait_value = { distribution = \"posterior\", file = \"d.csv\", column = "
                "\"w\" }\n"
                "demand.price_sensitivity = { distribution = \"sample\", file = \"./d.csv\", "
                "column = \"w\" }\n")
        .resolved_toml;
  };
  const std::string before = text("1.5\n2.5\n");
  CHECK(before.find("\n\n# Data file \"./d.csv\", hash ") != std::string::npos);
  CHECK(before.find("\n# Data file \"d.csv\", hash ") != std::string::npos);
  CHECK(text("1.5\n2.75\n") != before);
  CHECK(text("1.5\n2.5\n") == before);
}

TEST_CASE(
    "samples come from a column beside the file that names them, dates and whole numbers too") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "sub");
  folder.write("sub/dates.csv", "seen,units\n2026-03-01,5\n2026-05-01,7\n");
  folder.write(
      "sub/base.toml",
      "format = 1\nextends = \"../world.toml\"\n"
      "policy.levy.effective = { distribution = \"sample\", file = \"dates.csv\", column = "
      "\"seen\" }\n"
      "chip.h200.launch = { distribution = \"uniform\", low = 2024-04-01, high = 2024-06-01 }\n"
      "licence_office.priority.cloud = { distribution = \"discrete\", values = [1, 3], "
      "weights = [1, 1] }\n");
  folder.write("world.toml", kTinyWorld);
  const std::string path =
      folder.write("policy.toml", "format = 1\nextends = \"./sub/base.toml\"\n");
  const Scenario s = load_scenario(path);
  ParameterSampler sampler(s, 1);
  WorldSpec world = s.world;
  std::vector<double> draws;
  std::set<std::string> dates;
  std::set<int> priorities;
  std::set<double> launches;
  for (std::uint32_t i = 0; i < 100; ++i) {
    sampler.draw(i, world, draws);
    dates.insert(iso_date(world.policies[0].effective));
    priorities.insert(world.licence_office.priority.cloud);
    const double launch = draws[place(s, "chip.h200.launch")];
    CHECK(launch == std::round(launch));
    CHECK(in_days(world.chips[0].launch - SimTime{}) == launch);
    launches.insert(launch);
  }
  CHECK(dates == std::set<std::string>{"2026-03-01", "2026-05-01"});
  CHECK(priorities == std::set<int>{1, 3});
  CHECK(launches.size() > 20);
  // What is shown can be kept anywhere.
  const Folder elsewhere;
  CHECK_NOTHROW(load_scenario(elsewhere.write("shown.toml", show_scenario(path))));
}

namespace {

void check_error(const std::string& body, const std::string& expected) {
  const std::vector<std::string> errors = errors_of(kHead + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

std::string block(const std::string& parameters, const std::string& matrix) {
  return "[demand]\nwait_value = { distribution = \"uniform\", low = 0, high = 1 }\n"
         "[correlation.x]\nparameters = " +
         parameters + "\nmatrix = " + matrix + "\n";
}

const std::string kPair = R"(["demand.wait_value", "chip.h200.price_usd"])";

}  // namespace

TEST_CASE("wrong correlations are errors with their place") {
  check_error(block(R"(["demand.wait_valu", "chip.h200.price_usd"])", "[[1, 0.5], [0.5, 1]]"),
              "6:15: key 'correlation.x.parameters' names \"demand.wait_valu\"; there is no "
              "uncertain number of that key; did you mean 'demand.wait_value'?");
  const auto plain =
      errors_of(kHead + block(R"(["demand.wait_value", "chip.h200.tpp"])", "[[1, 0.5], [0.5, 1]]"));
  REQUIRE(plain.size() == 1);
  CHECK(
      plain[0].starts_with("6:36: key 'correlation.x.parameters' names \"chip.h200.tpp\", which is "
                           "no distribution ("));
  check_error(block(R"(["demand.wait_value", "demand.wait_value"])", "[[1, 0.5], [0.5, 1]]"),
              "6:36: key 'correlation.x.parameters' names \"demand.wait_value\", which is in "
              "'correlation.x' already");
  check_error(
      block(R"(["demand.wait_value"])", "[[1]]"),
      "6:14: key 'correlation.x.parameters' is the array [\"demand.wait_value\"]; allowed is "
      "an array of two or more keys");
  check_error(block(kPair, "[[1, 0.5]]"),
              "7:10: key 'correlation.x.matrix' is the array [[1, 0.5]]; allowed is 2 rows of 2 "
              "numbers, one for each of 'parameters'");
  check_error(
      block(kPair, "[[1, 0.5], [0.5]]"),
      "7:21: key 'correlation.x.matrix' is the array [0.5]; allowed is 2 rows of 2 numbers, "
      "one for each of 'parameters'");
  check_error(block(kPair, "[[1, 0.5], [0.4, 1]]"),
              "7:22: key 'correlation.x.matrix' is not symmetric: row 2, column 1 is 0.4, but row "
              "1, column 2 is 0.5");
  check_error(block(kPair, "[[1, 0.5], [0.5, 2]]"),
              "7:27: key 'correlation.x.matrix' has 2 in row 2, column 2; allowed is 1 on the "
              "diagonal");
  check_error(block(kPair, "[[1, 1.5], [0.5, 1]]"),
              "7:15: key 'correlation.x.matrix' has 1.5 in row 1, column 2; allowed is a number "
              "above -1, below 1");
  check_error(
      "[correlation.x]\nmatrix = [[1]]\n",
      "3:14: key 'correlation.x.parameters' is missing: a correlation needs 'parameters' and "
      "'matrix'");
  check_error("[correlation.x]\nparameters = " + kPair +
                  "\nmatrx = 1\nmatrix = [[1, 0], [0, 1]]\n" +
                  "[demand]\nwait_value = { distribution = \"uniform\", low = 0, high = 1 }\n",
              "5:1: key 'correlation.x.matrx' is not known; did you mean 'matrix'?");
}

TEST_CASE("a matrix that is not positive definite is refused") {
  const std::string three =
      "demand.wait_value = { distribution = \"uniform\", low = 0, high = 1 }\n"
      "demand.price_sensitivity = { distribution = \"uniform\", low = 1, high = 2 }\n"
      "[correlation.x]\nparameters = [\"demand.wait_value\", \"demand.price_sensitivity\", "
      "\"chip.h200.price_usd\"]\n";
  check_error(
      three + "matrix = [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]\n",
      "7:10: key 'correlation.x.matrix' is not positive definite: its smallest eigenvalue is "
      "-0.8; no random numbers have these correlations");
}

TEST_CASE("a number is in one correlation at most, and not with rows of a posterior") {
  const std::string other =
      "[correlation.y]\nparameters = " + kPair + "\nmatrix = [[1, 0], [0, 1]]\n";
  const auto errors = errors_of(kHead + block(kPair, "[[1, 0], [0, 1]]") + other);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0] ==
        "9:15: key 'correlation.y.parameters' names \"demand.wait_value\", which is in "
        "'correlation.x' already");
  const Folder folder;
  folder.write("f.csv", "w\n1\n");
  CHECK_THROWS_WITH_AS(
      load(folder,
           "demand.wait_value = { distribution = \"posterior\", file = \"f.csv\", column = "
           "\"w\" }\n[correlation.x]\nparameters = " +
               kPair + "\nmatrix = [[1, 0], [0, 1]]\n"),
      doctest::Contains("which is drawn from a posterior file; its rows hold its correlations"),
      ScenarioError);
}

TEST_CASE("what is wrong with a file of draws is said where it is") {
  const Folder folder;
  folder.write("f.csv", "wait,price\n0.5,1\n0.6,abc\n");
  folder.write("ragged.csv", "wait,price\n0.5\n");
  folder.write("empty.csv", "wait,price\n");
  const auto message = [&](const std::string& body) {
    try {
      load(folder, body);
    } catch (const ScenarioError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto of_file = [&](const std::string& rest) {
    return message("demand.price_sensitivity = { distribution = \"sample\", " + rest + " }\n");
  };
  const auto has = [](const std::string& text, const char* part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(of_file("file = \"g.csv\", column = \"wait\""), "but there is no file");
  has(of_file("file = \"f.csv\", column = \"wiat\""),
      "has no column 'wiat'; its columns are 'wait' or 'price'; did you mean 'wait'?");
  has(of_file("file = \"f.csv\", column = \"price\""),
      "f.csv:3:5: error: key 'demand.price_sensitivity' is the text \"abc\"; allowed is a number");
  has(of_file("file = \"ragged.csv\", column = \"wait\""),
      "ragged.csv:2:1: error: 1 cells; the first line names 2 columns");
  has(of_file("file = \"empty.csv\", column = \"wait\""), "has no rows under a line of names");
  has(of_file("file = \"f.csv\""), "'file' and 'column' belong together");
  has(of_file("file = \"f.csv\", values = [1]"), "needs either 'values' or 'file' and 'column'");
  has(of_file("values = [1, -5]"), "is -5; allowed is a number");
}

TEST_CASE("more uncertain inputs than Sobol dimensions are refused") {
  std::string body = "[run]\nsampling = \"sobol\"\n[supplier.fab.capacity_path]\n";
  for (int day = 0; day < 3700; ++day) {
    body += iso_date(parse_iso_date("2026-06-01").value() + days(day)) +
            " = { distribution = \"uniform\", low = 1, high = 2 }\n";
  }
  check_error(body,
              "4:12: key 'run.sampling' is 'sobol', which covers up to 3667 uncertain numbers, but "
              "there are 3701; allowed is 'plain' or 'lhs'");
}
