#include "engine/market/trade_routes.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/visitors.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace tollgate {
namespace {

/// No enforcement detects everything: a leg with certain detection would have infinite cost.
constexpr double kHighestDetection = 0.999;

double detection_of(const Leg& leg, double enforcement) {
  return std::clamp(leg.detection * enforcement, 0.0, kHighestDetection);
}

}  // namespace

using LegGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, Leg>;

struct TradeRoutes::Graph {
  explicit Graph(std::size_t regions) : legs(regions) {}
  LegGraph legs;
};

TradeRoutes::TradeRoutes(std::size_t regions) : graph_(std::make_unique<Graph>(regions)) {}
TradeRoutes::TradeRoutes(TradeRoutes&&) noexcept = default;
TradeRoutes& TradeRoutes::operator=(TradeRoutes&&) noexcept = default;
TradeRoutes::~TradeRoutes() = default;

void TradeRoutes::add_leg(RegionId from, RegionId to, const Leg& leg) {
  boost::add_edge(from.index(), to.index(), leg, graph_->legs);
}

std::optional<Passage> TradeRoutes::least_expected_cost(RegionId from, RegionId to,
                                                        double value_usd,
                                                        double enforcement) const {
  using Edge = LegGraph::edge_descriptor;
  const LegGraph& graph = graph_->legs;
  const auto expected_cost = [&](const Edge& e) {
    const Leg& leg = graph[e];
    return leg.cost_usd - value_usd * std::log1p(-detection_of(leg, enforcement));
  };
  const std::size_t regions = boost::num_vertices(graph);
  std::vector<double> distance(regions);
  std::vector<Edge> last_leg(regions);
  boost::dijkstra_shortest_paths(
      graph, from.index(),
      boost::weight_map(boost::make_function_property_map<Edge>(expected_cost))
          .distance_map(distance.data())
          .visitor(boost::make_dijkstra_visitor(
              boost::record_edge_predecessors(last_leg.data(), boost::on_edge_relaxed{}))));
  if (distance[to.index()] == std::numeric_limits<double>::max()) return std::nullopt;

  Passage passage;
  for (std::size_t at = to.index(); at != from.index();) {
    const Edge& edge = last_leg[at];
    passage.cost_usd += graph[edge].cost_usd;
    passage.delay_days += graph[edge].delay_days;
    passage.survival *= 1 - detection_of(graph[edge], enforcement);
    at = boost::source(edge, graph);
  }
  return passage;
}

}  // namespace tollgate
