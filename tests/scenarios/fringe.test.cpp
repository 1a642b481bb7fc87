/// Fringes in scenario files.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/scenarios/fixture.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

const std::string kHead = "format = 1\nextends = \"./world.toml\"\n";  // lines 1 and 2
const std::string kFringe = R"([fringe.startups]
count = 4
headquarters = "china"
site = "china"
customer_class = "startup"
need_h100e = { training = 100, inference = 300 }
budget_usd_per_quarter = { distribution = "uniform", low = 1e6, high = 3e6 }
installed = { h200 = 10 }
)";                                                                    // lines 3 to 10

Scenario load(const std::string& body, const std::vector<std::string>& sets = {}) {
  const Folder folder;
  folder.write("world.toml", kTinyWorld);
  return load_scenario(folder.write("policy.toml", kHead + body), sets);
}

void check_error(const std::string& body, const std::string& expected) {
  const std::vector<std::string> errors = errors_of(kHead + body);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == expected);
}

}  // namespace

TEST_CASE("members of a fringe are buyers with their share of the totals") {
  const Scenario s = load(kFringe);
  REQUIRE(s.world.buyers.size() == 5);
  CHECK(s.world.buyers[0].id == "tencent");
  CHECK(s.world.buyers[4].id == "startups_004");
  CHECK(s.world.regions[s.world.buyers[4].site.index()].id == "china");
  double need = 0;
  double budget = 0;
  double units = 0;
  for (std::size_t b = 1; b < 5; ++b) {
    need += s.world.buyers[b].need_h100e.inference;
    budget += s.world.buyers[b].budget_usd_per_quarter;
    units += s.world.buyers[b].installed.at(0).units;
  }
  CHECK(need == doctest::Approx(300).epsilon(1e-12));
  CHECK(budget == doctest::Approx(2e6).epsilon(1e-12));  // the central value
  CHECK(units == 10);
}

TEST_CASE("uncertain totals and sizes are drawn in each replica and split anew") {
  const Scenario s =
      load(kFringe + "size_sigma = { distribution = \"uniform\", low = 0.5, high = 1.5 }\n");
  REQUIRE(s.uncertain.size() == 3);  // sorted: the price of the tiny world's chip comes first
  CHECK(s.uncertain[1].key == "fringe.startups.budget_usd_per_quarter");
  WorldSpec world = s.world;
  std::vector<double> draws;
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    draw_parameters(s, 1, replica, world, draws);
    double budget = 0;
    for (std::size_t b = 1; b < 5; ++b) budget += world.buyers[b].budget_usd_per_quarter;
    CHECK(budget == doctest::Approx(draws[1]).epsilon(1e-12));
    // Ratio of the two middle members: normal quantiles of 3/8 and 5/8 are -+0.3186393640.
    CHECK(world.buyers[3].need_h100e.training / world.buyers[2].need_h100e.training ==
          doctest::Approx(std::exp(draws[2] * 2 * 0.318639363964375)).epsilon(1e-9));
  }
}

TEST_CASE("a list of buyers names all members by the id of the fringe") {
  const Scenario s = load(kFringe +
                          "[fringe.banks]\ncount = 2\nheadquarters = \"china\"\nsite = \"china\"\n"
                          "customer_class = \"cloud\"\nneed_h100e = { training = 1, inference = 1 "
                          "}\nbudget_usd_per_quarter = 1e6\n"
                          "[policy.list]\ninstrument = \"approved_customers\"\n"
                          "effective = 2026-02-01\napproved = [\"startups\", \"tencent\"]\n");
  std::vector<std::string> named;
  for (const InstrumentSpec& rule : s.world.policies) {
    if (rule.id != "list") continue;
    for (const BuyerId buyer : rule.as<ApprovedCustomers>().approved)
      named.push_back(s.world.buyers[buyer.index()].id);
  }
  CHECK(named == std::vector<std::string>{"startups_001", "startups_002", "startups_003",
                                          "startups_004", "tencent"});
}

TEST_CASE("errors in a fringe say where and what") {
  check_error(
      "[fringe.startups]\nheadquarters = \"china\"\nsite = \"china\"\n"
      "customer_class = \"startup\"\nneed_h100e = { training = 1, inference = 1 }\n"
      "budget_usd_per_quarter = 1\n",
      "3:9: key 'fringe.startups.count' is missing: Number of members; 0 leaves the fringe "
      "out.");
  check_error(kFringe + "fringe.startups.count = 2.5\n",
              "11:1: key 'fringe.startups.fringe' is not known; allowed is 'name', 'count', "
              "'size_distribution', 'size_sigma', 'size_shape', 'headquarters', 'site', "
              "'customer_class', 'need_h100e', 'need_growth_multiplier', "
              "'budget_usd_per_quarter', 'budget_growth', 'installed' or 'grey_aversion'");
  check_error(kFringe + "size_shape = 2\n",
              "11:14: key 'fringe.startups.size_shape' does nothing with this "
              "'size_distribution'; it belongs to 'pareto'");
  check_error(kFringe + "size_distribution = \"pareto\"\nsize_sigma = 2\n",
              "12:14: key 'fringe.startups.size_sigma' does nothing with this "
              "'size_distribution'; it belongs to 'lognormal'");
  check_error(kFringe +
                  "[buyer.startups_002]\nheadquarters = \"china\"\nsite = \"china\"\n"
                  "customer_class = \"startup\"\nbudget_usd_per_quarter = 1\n"
                  "need_h100e = { training = 1, inference = 1 }\n",
              "3:9: fringe 'startups' makes a buyer 'startups_002', but there is a "
              "[buyer.startups_002] already");
  check_error(kFringe +
                  "[policy.stop]\ninstrument = \"ban\"\neffective = 2026-02-01\n"
                  "buyers = [\"startup\"]\n",
              "14:11: key 'policy.stop.buyers' names an unknown buyer, \"startup\"; the buyers are "
              "'tencent' or 'startups'; did you mean 'startups'?");
}

TEST_CASE("a fringe without members is no buyer, and no rule may name it") {
  CHECK(load(kFringe, {"fringe.startups.count=0"}).world.buyers.size() == 1);
  const std::vector<std::string> errors =
      errors_of(kHead + kFringe +
                    "[policy.stop]\ninstrument = \"ban\"\neffective = 2026-02-01\n"
                    "buyers = [\"startups\"]\n",
                {"fringe.startups.count=0"});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] ==
        "14:11: key 'policy.stop.buyers' names fringe \"startups\", which has no members");
  CHECK(errors_of(kHead + kFringe, {"fringe.startups.count=10001"}).size() == 1);
}
