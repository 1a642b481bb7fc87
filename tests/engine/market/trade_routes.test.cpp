#include "engine/market/trade_routes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "engine/kernel/draws.hpp"

using namespace tollgate;

namespace {

RegionId region(std::size_t i) { return RegionId{i}; }

struct Edge {
  std::size_t from, to;
  Leg leg;
};

/// Least expected cost by trying every way without a cycle.
double by_enumeration(const std::vector<Edge>& edges, std::size_t at, std::size_t to, double value,
                      std::vector<bool> seen) {
  if (at == to) return 0;
  seen[at] = true;
  double best = std::numeric_limits<double>::infinity();
  for (const Edge& e : edges) {
    if (e.from != at || seen[e.to]) continue;
    const double cost = e.leg.cost_usd - value * std::log1p(-e.leg.detection);
    best = std::min(best, cost + by_enumeration(edges, e.to, to, value, seen));
  }
  return best;
}

}  // namespace

TEST_CASE("the least-cost passage equals enumeration on random graphs") {
  Stream random(21, 0, 0, 0);
  for (int trial = 0; trial < 200; ++trial) {
    constexpr std::size_t kRegions = 6;
    TradeRoutes routes(kRegions);
    std::vector<Edge> edges;
    for (int e = 0; e < 14; ++e) {
      const Edge edge{random() % kRegions,
                      random() % kRegions,
                      {1000 * draw_uniform(random), 10, 0.5 * draw_uniform(random)}};
      edges.push_back(edge);
      routes.add_leg(region(edge.from), region(edge.to), edge.leg);
    }
    const double value = 30000;
    const double expected = by_enumeration(edges, 0, 5, value, std::vector<bool>(kRegions));
    const auto passage = routes.least_expected_cost(region(0), region(5), value, 1);
    CHECK(passage.has_value() == std::isfinite(expected));
    if (!passage) continue;
    CHECK(passage->cost_usd - value * std::log(passage->survival) == doctest::Approx(expected));
  }
}

TEST_CASE("stricter enforcement never makes a passage safer or cheaper in expectation") {
  TradeRoutes routes(3);
  routes.add_leg(region(0), region(2), {100, 5, 0.2});
  routes.add_leg(region(0), region(1), {300, 5, 0.01});
  routes.add_leg(region(1), region(2), {300, 5, 0.01});
  double last = 0;
  for (const double enforcement : {0.0, 0.5, 1.0, 2.0, 4.0, 100.0}) {
    const auto passage = routes.least_expected_cost(region(0), region(2), 20000, enforcement);
    REQUIRE(passage);
    const double cost = passage->cost_usd - 20000 * std::log(passage->survival);
    CHECK(cost >= last);
    last = cost;
  }
  CHECK_FALSE(routes.least_expected_cost(region(2), region(0), 1, 1));
}
