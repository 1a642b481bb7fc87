#include "engine/market/trade_routes.hpp"

#include <algorithm>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <cmath>
#include <limits>

namespace tollgate {
namespace {

/// No enforcement detects everything: a leg with certain detection would have infinite cost.
constexpr double kHighestDetection = 0.999;

double detection_of(const Leg& leg, double enforcement) {
  return std::clamp(leg.detection * enforcement, 0.0, kHighestDetection);
}

}  // namespace

void TradeRoutes::add_leg(RegionId from, RegionId to, const Leg& leg) {
  boost::add_edge(from.index(), to.index(), leg, graph_);
}

std::optional<Passage> TradeRoutes::least_expected_cost(RegionId from, RegionId to,
                                                        double value_usd,
                                                        double enforcement) const {
  using Edge = Graph::edge_descriptor;
  const auto expected_cost = [&](const Edge& e) {
    const Leg& leg = graph_[e];
    return leg.cost_usd - value_usd * std::log1p(-detection_of(leg, enforcement));
  };
  const std::size_t regions = boost::num_vertices(graph_);
  std::vector<double> distance(regions);
  std::vector<std::size_t> before(regions);
  boost::dijkstra_shortest_paths(
      graph_, from.index(),
      boost::weight_map(boost::make_function_property_map<Edge>(expected_cost))
          .distance_map(distance.data())
          .predecessor_map(before.data()));
  if (distance[to.index()] == std::numeric_limits<double>::max()) return std::nullopt;

  Passage passage;
  for (std::size_t at = to.index(); at != from.index(); at = before[at]) {
    const auto [first, last] = boost::edge_range(before[at], at, graph_);
    const Edge best = *std::min_element(first, last, [&](const Edge& a, const Edge& b) {
      return expected_cost(a) < expected_cost(b);
    });
    passage.cost_usd += graph_[best].cost_usd;
    passage.delay_days += graph_[best].delay_days;
    passage.survival *= 1 - detection_of(graph_[best], enforcement);
  }
  return passage;
}

}  // namespace tollgate
