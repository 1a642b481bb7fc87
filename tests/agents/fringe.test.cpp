/// Synthetic buyers drawn from a size distribution.
#include "agents/buyer/fringe.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

FringeSpec startups(std::int64_t count) {
  FringeSpec fringe;
  fringe.id = "startups";
  fringe.headquarters = kChina;
  fringe.site = kChina;
  fringe.customer_class = CustomerClass::kStartup;
  fringe.need_h100e = {7000, 9000};
  fringe.budget_usd_per_quarter = 3e8;
  fringe.budget_growth = 1.3;
  fringe.grey_aversion = 0.5;
  fringe.installed = {{kDomesticChip, 1237}, {kForeignChip, 3}};
  fringe.count = count;
  return fringe;
}

WorldSpec with_fringe(const FringeSpec& fringe) {
  WorldSpec world = small_world();
  world.fringes = {fringe};
  append_fringe(world);
  size_fringe(world);
  return world;
}

/// Least of the named buyers is buyer 2, the first member.
constexpr std::size_t kNamed = 2;

}  // namespace

TEST_CASE("members follow the named buyers, under numbers of equal width") {
  CHECK(with_fringe(startups(12)).buyers[kNamed].id == "startups_001");
  CHECK(with_fringe(startups(12)).buyers[kNamed + 11].id == "startups_012");
  CHECK(with_fringe(startups(1200)).buyers[kNamed].id == "startups_0001");
  WorldSpec world = small_world();
  world.fringes = {startups(3), startups(4), startups(0), startups(2)};
  append_fringe(world);
  CHECK(world.buyers.size() == kNamed + 9);
  CHECK(first_member(world, 0) == kNamed);
  CHECK(first_member(world, 1) == kNamed + 3);
  CHECK(first_member(world, 3) == kNamed + 7);
}

TEST_CASE("sizes follow the quantiles of the distribution") {
  FringeSpec fringe = startups(3);
  fringe.size_sigma = 0.7;
  WorldSpec world = with_fringe(fringe);
  // Normal quantiles of 1/6, 1/2, 5/6: -z, 0, z with z = 0.9674215661.
  const double ratio = std::exp(0.7 * 0.967421566101701);
  const auto need = [&](std::size_t k) { return world.buyers[kNamed + k].need_h100e.inference; };
  CHECK(need(1) / need(0) == doctest::Approx(ratio).epsilon(1e-9));
  CHECK(need(2) / need(1) == doctest::Approx(ratio).epsilon(1e-9));

  fringe.size_distribution = SizeDistribution::kPareto;
  fringe.size_shape = 1.5;
  world = with_fringe(fringe);  // (1 - u)^(-1/1.5) at u = 1/6, 1/2, 5/6
  CHECK(need(1) / need(0) == doctest::Approx(std::pow(5.0 / 3, 1 / 1.5)).epsilon(1e-9));
  CHECK(need(2) / need(1) == doctest::Approx(std::pow(3.0, 1 / 1.5)).epsilon(1e-9));
}

TEST_CASE("many members have the mean, the spread and the concentration of the distribution") {
  // The midpoint rule cuts the tail at 1 - 1/2n, so the moments come close from below.
  FringeSpec fringe = startups(10000);
  fringe.size_sigma = 0.8;
  WorldSpec world = with_fringe(fringe);
  double logs = 0;
  double squares = 0;
  for (std::size_t k = kNamed; k < world.buyers.size(); ++k) {
    const double size = std::log(world.buyers[k].need_h100e.training);
    logs += size;
    squares += size * size;
  }
  const double mean = logs / 10000;
  // Of a lognormal, log of the mean over the median is sigma^2 / 2.
  CHECK(std::log(7000.0 / 10000) - mean == doctest::Approx(0.32).epsilon(0.005));
  CHECK(std::sqrt(squares / 10000 - mean * mean) == doctest::Approx(0.8).epsilon(0.002));

  fringe.size_distribution = SizeDistribution::kPareto;
  fringe.size_shape = 3;
  world = with_fringe(fringe);
  double largest_tenth = 0;
  for (std::size_t k = kNamed + 9000; k < world.buyers.size(); ++k) {
    largest_tenth += world.buyers[k].budget_usd_per_quarter;
  }
  // Lorenz curve of Pareto: the top tenth has 0.1^(1 - 1/shape).
  CHECK(largest_tenth / 3e8 == doctest::Approx(std::pow(0.1, 2.0 / 3)).epsilon(0.005));
}

TEST_CASE("members sum to the totals, chips exactly") {
  for (const SizeDistribution distribution :
       {SizeDistribution::kLognormal, SizeDistribution::kPareto}) {
    for (const std::int64_t count : {1, 2, 7, 500, 9999}) {
      CAPTURE(count);
      FringeSpec fringe = startups(count);
      fringe.size_distribution = distribution;
      fringe.size_sigma = 2;
      fringe.size_shape = 1.1;
      const WorldSpec world = with_fringe(fringe);
      PerWorkload<double> need{0, 0};
      double budget = 0;
      double domestic = 0;
      double foreign = 0;
      for (std::size_t k = kNamed; k < world.buyers.size(); ++k) {
        const BuyerSpec& member = world.buyers[k];
        need.training += member.need_h100e.training;
        need.inference += member.need_h100e.inference;
        budget += member.budget_usd_per_quarter;
        REQUIRE(member.installed.size() == 2);
        CHECK(member.installed[0].units == std::floor(member.installed[0].units));
        domestic += member.installed[0].units;
        foreign += member.installed[1].units;
      }
      CHECK(need.training == doctest::Approx(7000).epsilon(1e-12));
      CHECK(need.inference == doctest::Approx(9000).epsilon(1e-12));
      CHECK(budget == doctest::Approx(3e8).epsilon(1e-12));
      CHECK(domestic == 1237);
      CHECK(foreign == 3);
    }
  }
}

TEST_CASE("a fringe of one is the same buyer, bit for bit") {
  const WorldSpec fringe = with_fringe(startups(1));
  WorldSpec named = small_world();
  BuyerSpec buyer = startups(1);
  buyer.id = "startups_001";
  named.buyers.push_back(buyer);
  const WorldLayout layout(named);
  CHECK(same_bits(run_world(named, layout), run_world(fringe, layout)));
}

TEST_CASE("a fringe of none is no fringe, bit for bit") {
  const WorldSpec fringe = with_fringe(startups(0));
  const WorldSpec plain = small_world();
  const WorldLayout layout(plain);
  CHECK(fringe.buyers.size() == plain.buyers.size());
  CHECK(same_bits(run_world(plain, layout), run_world(fringe, layout)));
}

TEST_CASE("a fringe leaves the needs of others as they were, and has its own") {
  const WorldSpec plain = small_world();
  const WorldSpec fringe = with_fringe(startups(5));
  const WorldLayout plain_layout(plain);
  const WorldLayout layout(fringe);
  const Record a = run_world(plain, plain_layout);
  const Record b = run_world(fringe, layout);
  const SeriesId need_a = plain_layout.record().find("need");
  const SeriesId need_b = layout.record().find("need");
  for (std::size_t q = 0; q < plain_layout.record().quarters(); ++q) {
    for (std::size_t buyer = 0; buyer < kNamed; ++buyer) {
      for (std::size_t w = 0; w < kWorkloads; ++w) {
        CHECK(a.real(need_a, q, buyer, w) == b.real(need_b, q, buyer, w));
      }
    }
  }
  // Growth over the run differs between members, as their noise does.
  const auto growth = [&](std::size_t k) {
    return b.real(need_b, 7, kNamed + k, 0) / fringe.buyers[kNamed + k].need_h100e.training;
  };
  for (std::size_t k = 1; k < 5; ++k) CHECK(growth(k) != doctest::Approx(growth(0)).epsilon(1e-6));
}

TEST_CASE("totals that are drawn anew reach the members") {
  WorldSpec world = with_fringe(startups(4));
  const double before = world.buyers[kNamed + 3].budget_usd_per_quarter;
  world.fringes[0].budget_usd_per_quarter *= 2;
  world.fringes[0].grey_aversion = 3;
  size_fringe(world);
  CHECK(world.buyers[kNamed + 3].budget_usd_per_quarter == 2 * before);
  CHECK(world.buyers[kNamed + 3].grey_aversion == 3);
}
