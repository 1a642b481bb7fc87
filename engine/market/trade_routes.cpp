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

struct NumberedLeg {
  Leg leg;
  std::uint32_t number = 0;
};

using LegGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS,
                                       boost::no_property, NumberedLeg>;

struct TradeRoutes::Graph {
  explicit Graph(std::size_t regions) : legs(regions) {}
  LegGraph legs;
  std::vector<std::int64_t> capacity;  ///< by number of the leg
  std::vector<std::int64_t> free;
};

TradeRoutes::TradeRoutes(std::size_t regions) : graph_(std::make_unique<Graph>(regions)) {}
TradeRoutes::TradeRoutes(TradeRoutes&&) noexcept = default;
TradeRoutes& TradeRoutes::operator=(TradeRoutes&&) noexcept = default;
TradeRoutes::~TradeRoutes() = default;

void TradeRoutes::add_leg(RegionId from, RegionId to, const Leg& leg) {
  const auto number = static_cast<std::uint32_t>(graph_->free.size());
  boost::add_edge(from.index(), to.index(), NumberedLeg{leg, number}, graph_->legs);
  graph_->capacity.push_back(leg.capacity);
  graph_->free.push_back(leg.capacity);
}

std::int64_t TradeRoutes::free_units(const Passage& passage) const {
  std::int64_t units = std::numeric_limits<std::int64_t>::max();
  for (const std::uint32_t leg : passage.legs) units = std::min(units, graph_->free[leg]);
  return units;
}

void TradeRoutes::use(const Passage& passage, std::int64_t units) {
  for (const std::uint32_t leg : passage.legs) graph_->free[leg] -= units;
}

void TradeRoutes::reopen() { graph_->free = graph_->capacity; }

std::optional<Passage> TradeRoutes::least_expected_cost(RegionId from, RegionId to,
                                                        double value_usd,
                                                        double enforcement) const {
  using Edge = LegGraph::edge_descriptor;
  const LegGraph& graph = graph_->legs;
  const auto expected_cost = [&](const Edge& e) {
    const Leg& leg = graph[e].leg;
    if (graph_->free[graph[e].number] <= 0) return std::numeric_limits<double>::max();  // closed
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
    const Leg& leg = graph[edge].leg;
    passage.cost_usd += leg.cost_usd;
    passage.delay_days += leg.delay_days;
    passage.survival *= 1 - detection_of(leg, enforcement);
    passage.legs.push_back(graph[edge].number);
    at = boost::source(edge, graph);
  }
  return passage;
}

}  // namespace tollgate
