#include "engine/market/supply_network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

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
  is_sorted_ = false;
  is_allocated_ = false;
}

std::size_t SupplyNetwork::add_supplier(std::int64_t capacity) {
  TOLLGATE_CHECK(capacity >= 0, "a supplier's capacity is not negative");
  suppliers_.push_back({.capacity = capacity});
  is_allocated_ = false;
  return suppliers_.size() - 1;
}

std::size_t SupplyNetwork::add_product(std::int64_t wanted, double priority) {
  TOLLGATE_CHECK(wanted >= 0, "a product does not want less than nothing");
  TOLLGATE_CHECK(priority >= 0, "a priority is not negative");
  const double weight = std::clamp(priority, 1 / kMaxPriority, kMaxPriority);
  const std::int64_t step = std::llround(static_cast<double>(kStep) / weight);
  products_.push_back({.wanted = wanted, .step = step});
  is_allocated_ = false;
  return products_.size() - 1;
}

std::size_t SupplyNetwork::add_edge(std::size_t supplier, std::size_t product,
                                    std::int64_t unit_cost, std::int64_t capacity) {
  TOLLGATE_CHECK(supplier < suppliers_.size(), "an edge leaves a known supplier");
  TOLLGATE_CHECK(product < products_.size(), "an edge leads to a known product");
  TOLLGATE_CHECK(unit_cost >= 0, "a unit cost is not negative");
  TOLLGATE_CHECK(unit_cost <= kMaxUnitCost, "a unit cost is not above kMaxUnitCost");
  TOLLGATE_CHECK(capacity >= 0, "an edge's capacity is not negative");
  edges_.push_back({.supplier = static_cast<std::uint32_t>(supplier),
                    .product = static_cast<std::uint32_t>(product),
                    .unit_cost = unit_cost,
                    .capacity = capacity});
  is_sorted_ = false;
  is_allocated_ = false;
  return edges_.size() - 1;
}

void SupplyNetwork::set_wanted(std::size_t product, std::int64_t units) {
  TOLLGATE_CHECK(product < products_.size(), "a product of this network");
  TOLLGATE_CHECK(units >= 0, "a product does not want less than nothing");
  products_[product].wanted = units;
}

void SupplyNetwork::set_capacity(std::size_t supplier, std::int64_t units) {
  TOLLGATE_CHECK(supplier < suppliers_.size(), "a supplier of this network");
  TOLLGATE_CHECK(units >= 0, "a supplier's capacity is not negative");
  is_allocated_ = is_allocated_ && suppliers_[supplier].capacity == units;
  suppliers_[supplier].capacity = units;
}

void SupplyNetwork::limit_claims(double multiple) {
  TOLLGATE_CHECK(multiple >= 1, "claims cannot be limited to less than their proportional part");
  claimed_.assign(suppliers_.size(), 0);
  for (const Edge& edge : edges_) {
    claimed_[edge.supplier] += static_cast<double>(products_[edge.product].wanted);
  }
  part_.assign(products_.size(), 0);  // of all suppliers, per unit wanted
  for (const Edge& edge : edges_) {
    if (claimed_[edge.supplier] <= 0) continue;
    part_[edge.product] +=
        static_cast<double>(suppliers_[edge.supplier].capacity) / claimed_[edge.supplier];
  }
  for (std::size_t p = 0; p < products_.size(); ++p) {
    const auto wanted = static_cast<double>(products_[p].wanted);
    const double limit = std::ceil(multiple * part_[p] * wanted);
    if (limit < wanted) products_[p].wanted = static_cast<std::int64_t>(limit);
  }
}

void SupplyNetwork::allocate() {
  for (Product& product : products_) {
    is_allocated_ = is_allocated_ && product.wanted == product.wanted_before;
    product.wanted_before = product.wanted;
  }
  if (is_allocated_) return;
  if (!is_sorted_) sort_edges();
  if (!allocate_without_rivalry()) allocate_by_shortest_ways();
  is_allocated_ = true;
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

void SupplyNetwork::sort_edges() {
  by_preference_.resize(edges_.size());
  std::iota(by_preference_.begin(), by_preference_.end(), std::uint32_t{0});
  std::ranges::sort(by_preference_, {},
                    [&](std::uint32_t e) { return std::tuple(edges_[e].unit_cost, e); });
  is_sorted_ = true;
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
  for (const std::uint32_t e : by_preference_) {
    Edge& edge = edges_[e];
    Supplier& supplier = suppliers_[edge.supplier];
    Product& product = products_[edge.product];
    // Alone, a product could not take more than the whole supplier.
    const std::int64_t most = std::min(edge.capacity, supplier.capacity);
    edge.flow = std::min(most, product.wanted - product.granted);
    if (edge.flow > supplier.capacity - supplier.used) return false;
    supplier.used += edge.flow;
    product.granted += edge.flow;
  }
  return true;
}

void SupplyNetwork::allocate_by_shortest_ways() {
  reset_flows();
  for (Product& product : products_) {
    product.segment = 0;
    product.segment_end = units_of_first(1, product.wanted);
  }
  find_ways();
  while (true) {
    std::uint32_t cheapest = kNone;
    std::int64_t least = kNoWay;
    for (std::uint32_t j = 0; j < products_.size(); ++j) {
      Product& product = products_[j];
      if (product.cost == kNoWay || product.granted == product.wanted) continue;
      while (product.granted == product.segment_end) {  // some are empty when little is wanted
        ++product.segment;
        product.segment_end = units_of_first(product.segment + 1, product.wanted);
      }
      const std::int64_t cost = product.cost + (2 * product.segment + 1) * product.step;
      if (cost >= least) continue;
      least = cost;
      cheapest = j;
    }
    if (cheapest == kNone) return;
    const Product& product = products_[cheapest];
    if (send(cheapest, product.segment_end - product.granted)) find_ways();
  }
}

/// The cheapest way to bring one more unit to each product: from a supplier that has one, or by
/// taking one back from another product, which gets it in turn elsewhere.
void SupplyNetwork::find_ways() {
  for (Supplier& supplier : suppliers_) {
    supplier.cost = supplier.used < supplier.capacity ? 0 : kNoWay;
    supplier.freed = kNone;
  }
  for (Product& product : products_) product.cost = kNoWay;
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (std::uint32_t e = 0; e < edges_.size(); ++e) {
      const Edge& edge = edges_[e];
      Supplier& supplier = suppliers_[edge.supplier];
      Product& product = products_[edge.product];
      if (edge.flow < edge.capacity && supplier.cost != kNoWay &&
          (product.cost == kNoWay || supplier.cost + edge.unit_cost < product.cost)) {
        product.cost = supplier.cost + edge.unit_cost;
        product.way = e;
        has_changed = true;
      }
      if (edge.flow > 0 && product.cost != kNoWay &&
          (supplier.cost == kNoWay || product.cost - edge.unit_cost < supplier.cost)) {
        supplier.cost = product.cost - edge.unit_cost;
        supplier.freed = e;
        has_changed = true;
      }
    }
  }
}

/// Sends up to `most` units along the way to the product; true when that fills the way, so that
/// others have to be found.
bool SupplyNetwork::send(std::uint32_t product, std::int64_t most) {
  std::int64_t room = kUnlimited;
  std::uint32_t first = kNone;  // supplier where the units come from
  for (std::uint32_t at = product; first == kNone;) {
    const Edge& edge = edges_[products_[at].way];
    const Supplier& supplier = suppliers_[edge.supplier];
    room = std::min(room, edge.capacity - edge.flow);
    if (supplier.freed == kNone) {
      room = std::min(room, supplier.capacity - supplier.used);
      first = edge.supplier;
    } else {
      room = std::min(room, edges_[supplier.freed].flow);
      at = edges_[supplier.freed].product;
    }
  }
  const std::int64_t units = std::min(room, most);
  for (std::uint32_t at = product;;) {
    Edge& edge = edges_[products_[at].way];
    edge.flow += units;
    if (edge.supplier == first) break;
    Edge& freed = edges_[suppliers_[edge.supplier].freed];
    freed.flow -= units;
    at = freed.product;
  }
  suppliers_[first].used += units;
  products_[product].granted += units;
  return units == room;
}

}  // namespace tollgate
