/// Minimum-cost maximum flow by Boost.Graph's successive shortest paths: the yardstick of
/// SupplyNetwork.
#pragma once

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/successive_shortest_path_nonnegative_weights.hpp>
#include <boost/property_map/property_map.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/kernel/check.hpp"

namespace tollgate::test {

using FlowGraph = boost::compressed_sparse_row_graph<boost::directedS>;
using Arc = boost::graph_traits<FlowGraph>::edge_descriptor;

/// Costs along residual arcs are negative half of the time, yet unsigned: sums and differences are
/// right modulo 2^64, all that Boost compares (reduced costs) is non-negative, and the sentinel
/// "infinitely far", which Boost adds to the potential of a vertex it no longer reaches, wraps
/// without harm (nobody reads that potential again) where a signed sum would be undefined.
using Cost = std::uint64_t;

/// A minimum-cost maximum-flow problem, handed over arc by arc.
class MinCostMaxFlow {
 public:
  void add_arc(std::size_t from, std::size_t to, std::int64_t capacity, std::int64_t cost) {
    half_arcs_.push_back({from, to, capacity, static_cast<Cost>(cost)});
    half_arcs_.push_back({to, from, 0, Cost{0} - static_cast<Cost>(cost)});
  }

  void solve(std::size_t vertices, std::size_t source, std::size_t sink);

  /// Flow on the i-th arc that was added.
  [[nodiscard]] std::int64_t flow(std::size_t i) const {
    return residual_[place_[2 * i + 1]];  // what the way back could return
  }

 private:
  struct HalfArc {
    std::size_t from, to;
    std::int64_t capacity;
    Cost cost;
  };

  std::vector<HalfArc> half_arcs_;  // the arc and its reverse, one after the other
  std::vector<std::size_t> place_;  // of a half arc in the graph, where arcs go by source
  std::vector<std::int64_t> residual_;
};

inline void MinCostMaxFlow::solve(std::size_t vertices, std::size_t source, std::size_t sink) {
  // Boost tells "no way to the sink" by a default arc, which for this graph type equals arc 0.
  // Arc 0 leaves vertex 0; it must not lead to the sink.
  TOLLGATE_CHECK(source == 0, "the source comes first");

  const std::size_t arcs = half_arcs_.size();
  std::vector<std::size_t> order(arcs);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return half_arcs_[i].from; });
  place_.resize(arcs);
  for (std::size_t at = 0; at < arcs; ++at) place_[order[at]] = at;

  std::vector<std::pair<std::size_t, std::size_t>> ends(arcs);
  std::vector<std::int64_t> capacity(arcs);
  std::vector<Cost> cost(arcs);
  std::vector<Arc> reverse(arcs);
  for (std::size_t at = 0; at < arcs; ++at) {
    const HalfArc& half = half_arcs_[order[at]];
    ends[at] = {half.from, half.to};
    capacity[at] = half.capacity;
    cost[at] = half.cost;
    reverse[at] = Arc(half.to, place_[order[at] ^ 1]);
  }
  const FlowGraph graph(boost::edges_are_sorted, ends.begin(), ends.end(), vertices);

  residual_.resize(arcs);
  std::vector<Arc> last_arc(vertices);
  std::vector<Cost> distance(vertices);
  std::vector<Cost> potential(vertices);
  const auto vertex = boost::get(boost::vertex_index, graph);
  const auto arc = boost::get(boost::edge_index, graph);
  const auto over = [](auto& values, auto index) {
    return boost::make_iterator_property_map(values.begin(), index);
  };
  boost::successive_shortest_path_nonnegative_weights(
      graph, source, sink, over(capacity, arc), over(residual_, arc), over(cost, arc),
      over(reverse, arc), vertex, over(last_arc, vertex), over(distance, vertex),
      over(potential, vertex));
}

}  // namespace tollgate::test
