#include "engine/market/supply_network.hpp"

#include <algorithm>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/successive_shortest_path_nonnegative_weights.hpp>
#include <boost/property_map/property_map.hpp>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

using FlowGraph = boost::compressed_sparse_row_graph<boost::directedS>;
using Arc = boost::graph_traits<FlowGraph>::edge_descriptor;

/// Costs along residual arcs are negative half of the time, yet unsigned: sums and differences are
/// right modulo 2^64, all that Boost compares (reduced costs) is non-negative, and the sentinel
/// "infinitely far", which Boost adds to the potential of a vertex it no longer reaches, wraps
/// without harm (nobody reads that potential again) where a signed sum would be undefined.
using Cost = std::uint64_t;

/// A minimum-cost maximum-flow problem, handed over arc by arc.
///
/// Successive shortest paths rather than push_relabel_max_flow and cycle_canceling: the graphs are
/// small and sparse and all costs non-negative, so costs come with the flow, one Dijkstra a path,
/// and there is no second pass that hunts for negative cycles in the residual graph. Every path
/// saturates an arc, so the number of paths does not grow with the units.
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

void MinCostMaxFlow::solve(std::size_t vertices, std::size_t source, std::size_t sink) {
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

/// The units of the first `segments` segments of `wanted`, rounded half up: neither small nor large
/// products come earlier by rounding.
std::int64_t units_of_first(int segments, std::int64_t wanted) {
  constexpr std::int64_t kAll = SupplyNetwork::kSegments;
  return wanted / kAll * segments + (wanted % kAll * segments + kAll / 2) / kAll;
}

}  // namespace

void SupplyNetwork::clear() {
  suppliers_.clear();
  products_.clear();
  edges_.clear();
}

std::size_t SupplyNetwork::add_supplier(std::int64_t capacity) {
  TOLLGATE_CHECK(capacity >= 0, "a supplier's capacity is not negative");
  suppliers_.push_back({.capacity = capacity});
  return suppliers_.size() - 1;
}

std::size_t SupplyNetwork::add_product(std::int64_t wanted, double priority) {
  TOLLGATE_CHECK(wanted >= 0, "a product does not want less than nothing");
  TOLLGATE_CHECK(priority >= 0, "a priority is not negative");
  const double weight = std::clamp(priority, 1 / kMaxPriority, kMaxPriority);
  const std::int64_t step = std::llround(static_cast<double>(kStep) / weight);
  products_.push_back({.wanted = wanted, .step = step});
  return products_.size() - 1;
}

std::size_t SupplyNetwork::add_edge(std::size_t supplier, std::size_t product,
                                    std::int64_t unit_cost, std::int64_t capacity) {
  TOLLGATE_CHECK(supplier < suppliers_.size(), "an edge leaves a known supplier");
  TOLLGATE_CHECK(product < products_.size(), "an edge leads to a known product");
  TOLLGATE_CHECK(unit_cost >= 0, "a unit cost is not negative");
  TOLLGATE_CHECK(unit_cost <= kMaxUnitCost, "a unit cost is not above kMaxUnitCost");
  TOLLGATE_CHECK(capacity >= 0, "an edge's capacity is not negative");
  edges_.push_back(
      {.supplier = supplier, .product = product, .unit_cost = unit_cost, .capacity = capacity});
  return edges_.size() - 1;
}

void SupplyNetwork::limit_claims(double multiple) {
  TOLLGATE_CHECK(multiple >= 1, "claims cannot be limited to less than their proportional part");
  std::vector<double> claimed(suppliers_.size(), 0);
  for (const Edge& edge : edges_) {
    claimed[edge.supplier] += static_cast<double>(products_[edge.product].wanted);
  }
  std::vector<double> part(products_.size(), 0);  // of all suppliers, per unit wanted
  for (const Edge& edge : edges_) {
    if (claimed[edge.supplier] <= 0) continue;
    part[edge.product] +=
        static_cast<double>(suppliers_[edge.supplier].capacity) / claimed[edge.supplier];
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const auto wanted = static_cast<double>(products_[p].wanted);
    const double limit = std::ceil(multiple * part[p] * wanted);
    if (limit < wanted) products_[p].wanted = static_cast<std::int64_t>(limit);
  }
}

void SupplyNetwork::allocate() {
  if (!allocate_without_rivalry()) allocate_by_flow();
}

std::int64_t SupplyNetwork::granted(std::size_t product) const {
  TOLLGATE_CHECK(product < products_.size(), "a product of this network");
  return products_[product].granted;
}

std::int64_t SupplyNetwork::used(std::size_t supplier) const {
  TOLLGATE_CHECK(supplier < suppliers_.size(), "a supplier of this network");
  return suppliers_[supplier].used;
}

std::int64_t SupplyNetwork::flow(std::size_t edge) const {
  TOLLGATE_CHECK(edge < edges_.size(), "an edge of this network");
  return edges_[edge].flow;
}

/// More than this no flow carries; never kUnlimited unless somebody wants that much.
std::int64_t SupplyNetwork::most_through(const Edge& edge) const {
  return std::min(
      {edge.capacity, suppliers_[edge.supplier].capacity, products_[edge.product].wanted});
}

void SupplyNetwork::reset_flows() {
  for (Supplier& supplier : suppliers_) supplier.used = 0;
  for (Product& product : products_) product.granted = 0;
  for (Edge& edge : edges_) edge.flow = 0;
}

/// Serves each product from its cheapest edges as if it were alone; false when that asks more of a
/// supplier than it has. Products meet only at suppliers, so when it does not, nothing could be
/// delivered beyond this, and nothing cheaper: an optimum of the whole. Products that no edge
/// reaches, or too few, do not matter here: in a ban they go short without rivals.
bool SupplyNetwork::allocate_without_rivalry() {
  reset_flows();
  by_preference_.resize(edges_.size());
  std::iota(by_preference_.begin(), by_preference_.end(), std::size_t{0});
  std::ranges::sort(by_preference_, {},
                    [&](std::size_t e) { return std::tuple(edges_[e].unit_cost, e); });
  for (const std::size_t e : by_preference_) {
    Edge& edge = edges_[e];
    Supplier& supplier = suppliers_[edge.supplier];
    Product& product = products_[edge.product];
    edge.flow = std::min(most_through(edge), product.wanted - product.granted);
    if (edge.flow > supplier.capacity - supplier.used) return false;
    supplier.used += edge.flow;
    product.granted += edge.flow;
  }
  return true;
}

void SupplyNetwork::allocate_by_flow() {
  reset_flows();
  // Vertices: the source, the suppliers, the products, the sink. Arcs: edges first, so that the
  // flow of edge e is that of arc e.
  const std::size_t source = 0;
  const std::size_t first_supplier = 1;
  const std::size_t first_product = first_supplier + suppliers_.size();
  const std::size_t sink = first_product + products_.size();

  MinCostMaxFlow network;
  for (const Edge& edge : edges_) {
    network.add_arc(first_supplier + edge.supplier, first_product + edge.product,
                    most_through(edge), edge.unit_cost);
  }
  for (std::size_t i = 0; i < suppliers_.size(); ++i) {
    network.add_arc(source, first_supplier + i, suppliers_[i].capacity, 0);
  }
  for (std::size_t j = 0; j < products_.size(); ++j) {
    const Product& product = products_[j];
    for (int k = 0; k < kSegments; ++k) {
      const std::int64_t units =
          units_of_first(k + 1, product.wanted) - units_of_first(k, product.wanted);
      if (units > 0) network.add_arc(first_product + j, sink, units, (2 * k + 1) * product.step);
    }
  }
  network.solve(sink + 1, source, sink);

  for (std::size_t e = 0; e < edges_.size(); ++e) {
    Edge& edge = edges_[e];
    edge.flow = network.flow(e);
    suppliers_[edge.supplier].used += edge.flow;
    products_[edge.product].granted += edge.flow;
  }
}

}  // namespace tollgate
