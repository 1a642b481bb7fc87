/// `tollgate optimise` as its user sees it, on a small world of one vendor, one buyer and a levy.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/session.hpp"

using tollgate::tests::Result;
using tollgate::tests::Session;
namespace fs = std::filesystem;

namespace {

// A linear logit and one buyer of at most 64 lots for each workload: what the vendor sells is a
// whole number of lots, so that receipts are rough from near. The vendor's cost is high, so that
// they fall before the levy takes all.
const char* const kWorld = R"(format = 1
title = "A small levy"
[run]
start = 2026-01-01
until = 2027-01-01
replicas = 40
reference_region = "us"
focus_region = "china"
[region.china]
[region.us]
[vendor.nvidia]
headquarters = "us"
stack = "cuda"
utilisation = { training = 1, inference = 1 }
price_ceiling = 10
reprice_days = 30
[supplier.fab]
kind = "foundry"
headquarters = "us"
capacity_per_month = 100000
[chip.h200]
vendor = "nvidia"
launch = 2024-04-01
markets = ["china", "us"]
fp16_tflops = 989.4
dram_bandwidth_tbs = 4.8
tpp = 15832
price_usd = 27000
unit_cost_usd = 14000
foundries = ["fab"]
chips_per_wafer = 29
lead_time_days = 60
initial_stock = 1000000
[buyer.tencent]
headquarters = "china"
site = "china"
customer_class = "cloud"
need_h100e = { training = 40000, inference = 40000 }
budget_usd_per_quarter = 1e11
[demand]
growth = { training = 2, inference = 2 }
volatility_own = 0.2
price_sensitivity = { distribution = "uniform", low = 1.5, high = 2.5, source = "a" }
price_curvature = 1
[policy.levy]
instrument = "levy"
effective = 2025-01-15
vendors = ["nvidia"]
destinations = ["china"]
rate = 0.25
)";

struct Search : Session {
  Search() { std::ofstream(file("small.toml")) << kWorld; }
  [[nodiscard]] nlohmann::json json(const std::string& arguments) const {
    const Result result = run("optimise small.toml -q --json " + arguments);
    CAPTURE(result.text);
    REQUIRE(result.status == 0);
    return nlohmann::json::parse(result.text);
  }
  [[nodiscard]] std::string text(const char* name) const {
    std::ifstream in(file(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

const std::string kRate = " --over policy.levy.rate=0:0.8 --maximise receipts ";

}  // namespace

TEST_CASE("the optimum agrees with a fine grid within its interval, on the same replicas") {
  const Search search;
  const auto found = search.json(kRate + "--curve 41");
  const auto coarse = search.json(kRate + "--curve 9");
  double best = 0;
  double highest = -1;
  double step = 0.8 / 40;
  for (const auto& point : found["points"]) {
    if (point["stage"] == "grid" && point["objective_usd"]["mean"] > highest) {
      highest = point["objective_usd"]["mean"];
      best = point["point"][0];
    }
  }
  CHECK(highest > 0);
  CHECK(best > 0.1);
  CHECK(best < 0.7);
  for (const auto& result : {found, coarse}) {
    const auto& optimum = result["optimum"];
    const double low = optimum["interval"][0][0];
    const double high = optimum["interval"][0][1];
    CAPTURE(low);
    CAPTURE(high);
    CAPTURE(best);
    CHECK(low - step / 2 <= best);
    CHECK(best <= high + step / 2);
    CHECK(high - low < 0.4);
    // Not more than a hundredth of receipts are left on the table.
    CHECK(double(optimum["objective_usd"]["mean"]) > 0.99 * highest);
    CHECK(double(optimum["gain_usd"]["mean"]) ==
          doctest::Approx(double(optimum["objective_usd"]["mean"]) -
                          double(result["as_it_stands"]["objective_usd"]["mean"])));
  }
  CHECK(found["keys"][0]["as_it_stands"] == "0.25");
}

TEST_CASE("1 and 2 threads give the same search, bit for bit, and a point is what a run gives") {
  const Search search;
  const std::string few = kRate + "--curve 5 --replicas 6 -o ";
  CHECK(search.run("optimise small.toml -q --threads 1 " + few + "one.csv").status == 0);
  CHECK(search.run("optimise small.toml -q --threads 2 " + few + "two.csv").status == 0);
  CHECK(search.run("optimise small.toml -q --seed 2 " + few + "other.csv").status == 0);
  CHECK(search.text("one.csv") == search.text("two.csv"));
  CHECK(search.text("one.csv") != search.text("other.csv"));

  const auto found = search.json(kRate + "--curve 3 --replicas 1");
  const auto run = nlohmann::json::parse(
      search.run("run small.toml -q --json --replicas 1 --set policy.levy.rate=0.4").text);
  double receipts = 0;
  for (const auto& row : run["headline"]) {
    if (row["name"] == "levy_receipts") receipts = row["median"];
  }
  CHECK(double(found["points"][1]["objective_usd"]["mean"]) / 1e9 == doctest::Approx(receipts));
  CHECK(receipts > 0);
}

TEST_CASE("welfare adds up from its parts by the weights given") {
  const Search search;
  const auto found = search.json(
      "--over policy.levy.rate=0:0.4 --maximise welfare --curve 3 --replicas 4 --security-cost 700 "
      "--weight vendor_profit=0.5 --weight foreign_consumer_surplus=0.25");
  for (const auto& point : found["points"]) {
    const double expected =
        double(point["receipts_usd"]) + 0.5 * double(point["vendor_profit_usd"]) +
        0.25 * double(point["foreign_consumer_surplus_usd"]) - 700 * double(point["focus_h100e"]);
    CHECK(double(point["objective_usd"]["mean"]) == doctest::Approx(expected));
    CHECK(double(point["vendor_profit_usd"]) > 0);
    CHECK(double(point["foreign_consumer_surplus_usd"]) > 0);
    CHECK(double(point["focus_h100e"]) > 0);
    CHECK(double(point["consumer_surplus_usd"]) == 0);  // the only buyer is in China
  }
}

TEST_CASE(
    "two keys give a grid of pairs, one that changes nothing is named, tables fit 80 columns") {
  const Search search;
  const Result result = search.run(
      "optimise small.toml --over policy.levy.rate=0:0.8 --over "
      "licence_office.service_days=1:9 "
      "--maximise receipts --curve 4 --replicas 4 -o pairs.csv");
  CAPTURE(result.text);
  CHECK(result.status == 0);
  CHECK(result.text.find("b: makes no difference to any replica") != std::string::npos);
  CHECK(result.text.find("Written to pairs.csv") != std::string::npos);
  std::size_t start = 0;
  for (std::size_t end = 0; (end = result.text.find('\n', start)) != std::string::npos;
       start = end + 1) {
    CHECK(end - start <= 80);
  }
  const std::string csv = search.text("pairs.csv");
  CHECK(csv.starts_with("stage,policy.levy.rate,licence_office.service_days,objective_usd"));
  std::size_t grid = 0;
  for (std::size_t at = 0; (at = csv.find("\ngrid,", at)) != std::string::npos; ++at) ++grid;
  CHECK(grid == 16);
  CHECK(csv.find("\noptimum,") != std::string::npos);
}

TEST_CASE("a key that is a distribution is fixed in the search, and that is said") {
  const Search search;
  const Result result = search.run(
      "optimise small.toml --over demand.price_sensitivity=1:3 --maximise receipts --curve 3 "
      "--replicas 2");
  CHECK(result.status == 0);
  CHECK(result.text.find("uncertain (uniform); here fixed at each value") != std::string::npos);
}

TEST_CASE("mistakes in what to search over or to maximise end with status 2 and a hint") {
  const Search search;
  const struct {
    const char* arguments;
    const char* says;
  } cases[] = {
      {"--over policy.levy.rte=0:0.6 --maximise receipts", "did you mean 'rate'"},
      {"--over policy.levy.rate=0:2 --maximise receipts",
       "--over policy.levy.rate=0:2: error: key 'policy.levy.rate' is 2.0; allowed is a number"},
      {"--over policy.levy.rate=0.6:0.1 --maximise receipts", "is not below the upper end"},
      {"--over policy.levy.rate=0.3:0.3 --maximise receipts", "is not below the upper end"},
      {"--over policy.levy.rate=0.3 --maximise receipts", "expected KEY=LOW:HIGH"},
      {"--over policy.levy.rate=a:b --maximise receipts", "allowed are two numbers"},
      {"--over policy.levy.rate=0:nan --maximise receipts", "allowed are two numbers"},
      {"--over policy.levy.base=0:1 --maximise receipts", "allowed is 'proceeds'"},
      {"--over run.replicas=1:5 --maximise receipts", "allowed is a whole number"},
      {"--over policy.levy.effective=0:1 --maximise receipts", "allowed is a date"},
      {"--over policy.levy.rate=0:0.6 --over policy.levy.rate=0:0.5 --maximise receipts", "twice"},
      {"--over policy.levy.rate=0:0.6 --maximise votes", "votes"},
      {"--over policy.levy.rate=0:0.6", "--maximise is required"},
      {"--maximise receipts", "--over is required"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts --weight receipts=2",
       "belong to --maximise welfare"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts --security-cost 5",
       "belongs to --maximise welfare"},
      {"--over policy.levy.rate=0:0.6 --maximise welfare --weight reciepts=2",
       "did you mean 'receipts'"},
      {"--over policy.levy.rate=0:0.6 --maximise welfare --weight receipts=two",
       "expected NAME=NUMBER"},
      {"--over policy.levy.rate=0:0.6 --maximise welfare --weight receipts",
       "expected NAME=NUMBER"},
      {"--over policy.levy.rate=0:0.6 --maximise welfare --security-cost -1", "from 0"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts --curve 2", "--curve"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts -o no/out.csv", "there is no folder"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts -o small.toml", "--overwrite"},
      {"--over policy.levy.rate=0:0.6 --maximise receipts --set policy.levy.rate=x",
       "allowed is a number"},
  };
  for (const auto& mistake : cases) {
    CAPTURE(mistake.arguments);
    const Result result = search.run(std::string("optimise small.toml ") + mistake.arguments);
    CAPTURE(result.text);
    CHECK(result.status == 2);
    CHECK(result.text.find(mistake.says) != std::string::npos);
  }
  CHECK(std::distance(fs::directory_iterator(search.folder()), {}) == 1);
}

TEST_CASE("Ctrl-C leaves the points that were complete, and status 130") {
  const Search search;
  const int status = search.interrupted(
      {"optimise", "small.toml", "-q", "--over", "policy.levy.rate=0:0.8", "--maximise", "receipts",
       "--curve", "1000", "--replicas", "20", "-o", "out.csv"},
      {SIGINT}, 3000, [] { return true; });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  const std::string csv = search.text("out.csv");
  CHECK(csv.find("\nas_it_stands,") != std::string::npos);
  CHECK(csv.find("\ngrid,") != std::string::npos);
  CHECK(csv.find("\noptimum,") == std::string::npos);
  CHECK(std::distance(fs::directory_iterator(search.folder()), {}) == 2);
}
