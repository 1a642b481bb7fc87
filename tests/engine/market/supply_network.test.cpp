#include "engine/market/supply_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <ostream>
#include <utility>
#include <vector>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"
#include "tests/engine/market/min_cost_max_flow.hpp"

using namespace tollgate;

namespace {

constexpr std::int64_t kUnlimited = SupplyNetwork::kUnlimited;

struct Product {
  std::int64_t wanted;
  double priority = 1;
};

struct Edge {
  std::size_t supplier, product;
  std::int64_t unit_cost = 0;
  std::int64_t capacity = kUnlimited;
};

struct Case {
  std::vector<std::int64_t> capacities;
  std::vector<Product> products;
  std::vector<Edge> edges;

  [[nodiscard]] SupplyNetwork network() const {
    SupplyNetwork network;
    for (const std::int64_t capacity : capacities) network.add_supplier(capacity);
    for (const Product& p : products) network.add_product(p.wanted, p.priority);
    for (const Edge& e : edges) network.add_edge(e.supplier, e.product, e.unit_cost, e.capacity);
    return network;
  }
};

/// Total delivered and its cost; more is better, then cheaper.
struct Outcome {
  std::int64_t total = 0;
  std::int64_t cost = 0;

  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << o.total << " units at " << o.cost;
}

/// Cost of granting `units` to a product, one unit after the other: unit u (from 0) lies in the
/// eighth k with round(k w / 8) <= u < round((k + 1) w / 8).
std::int64_t cost_of_segments(const Product& product, std::int64_t units) {
  const std::int64_t step = std::llround(1e12 / std::clamp(product.priority, 1e-3, 1e3));
  std::int64_t cost = 0;
  for (std::int64_t u = 0; u < units; ++u) {
    std::int64_t k = 0;
    while (std::llround(static_cast<double>((k + 1) * product.wanted) / 8) <= u) ++k;
    cost += (2 * k + 1) * step;
  }
  return cost;
}

Outcome outcome_of(const Case& c, const std::vector<std::int64_t>& flows) {
  Outcome outcome;
  std::vector<std::int64_t> granted(c.products.size());
  for (std::size_t e = 0; e < c.edges.size(); ++e) {
    outcome.total += flows[e];
    outcome.cost += flows[e] * c.edges[e].unit_cost;
    granted[c.edges[e].product] += flows[e];
  }
  for (std::size_t j = 0; j < c.products.size(); ++j) {
    outcome.cost += cost_of_segments(c.products[j], granted[j]);
  }
  return outcome;
}

/// The best outcome over every integer flow, edge by edge.
class Enumeration {
 public:
  explicit Enumeration(const Case& c) : case_(c), flows_(c.edges.size()) {
    for (const Product& p : c.products) open_.push_back(p.wanted);
    visit(0, c.capacities);
  }
  [[nodiscard]] Outcome best() const { return best_; }

 private:
  void visit(std::size_t e, std::vector<std::int64_t> left) {
    if (e == case_.edges.size()) {
      const Outcome outcome = outcome_of(case_, flows_);
      if (outcome.total > best_.total ||
          (outcome.total == best_.total && outcome.cost < best_.cost)) {
        best_ = outcome;
      }
      return;
    }
    const Edge& edge = case_.edges[e];
    const std::int64_t most = std::min({edge.capacity, left[edge.supplier], open_[edge.product]});
    left[edge.supplier] -= most;
    open_[edge.product] -= most;
    for (flows_[e] = most; flows_[e] >= 0; --flows_[e]) {
      visit(e + 1, left);
      ++left[edge.supplier];
      ++open_[edge.product];
    }
    --open_[edge.product];  // the step past flow 0
  }

  const Case& case_;
  std::vector<std::int64_t> flows_;
  std::vector<std::int64_t> open_;  // units each product still wants
  Outcome best_{.total = -1};
};

/// The capacity of the least of all cuts between suppliers and products, none left out.
std::int64_t min_cut(const Case& c) {
  const std::size_t suppliers = c.capacities.size();
  const std::size_t products = c.products.size();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t side = 0; side < (1U << (suppliers + products)); ++side) {
    // A set bit: the vertex is on the side of the source.
    const auto with_source = [&](std::size_t vertex) { return ((side >> vertex) & 1U) != 0; };
    std::int64_t cut = 0;
    for (std::size_t i = 0; i < suppliers; ++i) {
      if (!with_source(i)) cut += c.capacities[i];
    }
    for (std::size_t j = 0; j < products; ++j) {
      if (with_source(suppliers + j)) cut += c.products[j].wanted;
    }
    for (const Edge& e : c.edges) {
      constexpr std::int64_t kMoreThanAnyCut = 1'000'000;  // in place of kUnlimited: no overflow
      if (with_source(e.supplier) && !with_source(suppliers + e.product)) {
        cut += std::min(e.capacity, kMoreThanAnyCut);
      }
    }
    least = std::min(least, cut);
  }
  return least;
}

std::vector<std::int64_t> flows_of(const Case& c, const SupplyNetwork& network) {
  std::vector<std::int64_t> flows;
  for (std::size_t e = 0; e < c.edges.size(); ++e) flows.push_back(network.flow(e));
  return flows;
}

std::vector<std::int64_t> grants_of(const Case& c, const SupplyNetwork& network) {
  std::vector<std::int64_t> grants;
  for (std::size_t j = 0; j < c.products.size(); ++j) grants.push_back(network.granted(j));
  return grants;
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

/// Flows keep every capacity, and grants and uses are their sums.
void check_conservation(const Case& c, const SupplyNetwork& network) {
  std::vector<std::int64_t> used(c.capacities.size());
  std::vector<std::int64_t> granted(c.products.size());
  for (std::size_t e = 0; e < c.edges.size(); ++e) {
    CHECK(network.flow(e) >= 0);
    CHECK(network.flow(e) <= c.edges[e].capacity);
    used[c.edges[e].supplier] += network.flow(e);
    granted[c.edges[e].product] += network.flow(e);
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    CHECK(network.used(i) == used[i]);
    CHECK(used[i] <= c.capacities[i]);
  }
  for (std::size_t j = 0; j < granted.size(); ++j) {
    CHECK(network.granted(j) == granted[j]);
    CHECK(granted[j] <= c.products[j].wanted);
  }
}

std::int64_t up_to(Stream& random, std::int64_t most) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most + 1));
}

Case random_case(Stream& random, std::size_t suppliers, std::size_t products, std::int64_t most) {
  Case c;
  constexpr double kPriorities[] = {0, 0.5, 1, 1, 1, 3};
  for (std::size_t i = 0; i < suppliers; ++i) c.capacities.push_back(up_to(random, most));
  for (std::size_t j = 0; j < products; ++j) {
    c.products.push_back({up_to(random, most), kPriorities[random() % std::size(kPriorities)]});
  }
  for (std::size_t i = 0; i < suppliers; ++i) {
    for (std::size_t j = 0; j < products; ++j) {
      if (up_to(random, 3) == 0) continue;
      const std::int64_t capacity = up_to(random, 2) == 0 ? up_to(random, most) : kUnlimited;
      c.edges.push_back({i, j, up_to(random, 5), capacity});
    }
  }
  return c;
}

/// The same case with a pair of products elsewhere who fight over one unit: no fast path.
Case with_a_quarrel_elsewhere(Case c) {
  const std::size_t supplier = c.capacities.size();
  const std::size_t product = c.products.size();
  c.capacities.push_back(1);
  c.products.push_back({1});
  c.products.push_back({1});
  c.edges.push_back({supplier, product});
  c.edges.push_back({supplier, product + 1});
  return c;
}

/// One supplier for all products, at no cost.
Case one_supplier(std::int64_t capacity, std::vector<Product> products) {
  Case c{.capacities = {capacity}, .products = std::move(products), .edges = {}};
  for (std::size_t j = 0; j < c.products.size(); ++j) c.edges.push_back({0, j});
  return c;
}

/// The flows that Boost.Graph finds.
std::vector<std::int64_t> flows_by_boost(const Case& c) {
  const std::size_t first_product = 1 + c.capacities.size();
  const std::size_t sink = first_product + c.products.size();
  test::MinCostMaxFlow graph;
  for (const Edge& e : c.edges) {
    const std::int64_t most =
        std::min({e.capacity, c.capacities[e.supplier], c.products[e.product].wanted});
    graph.add_arc(1 + e.supplier, first_product + e.product, most, e.unit_cost);
  }
  for (std::size_t i = 0; i < c.capacities.size(); ++i) graph.add_arc(0, 1 + i, c.capacities[i], 0);
  for (std::size_t j = 0; j < c.products.size(); ++j) {
    const std::int64_t wanted = c.products[j].wanted;
    const double priority = c.products[j].priority;
    const std::int64_t step = std::llround(1e12 / std::clamp(priority, 1e-3, 1e3));
    const auto cut = [&](std::int64_t k) { return (k * wanted + 4) / 8; };
    for (std::int64_t k = 0; k < 8; ++k) {
      if (cut(k + 1) == cut(k)) continue;
      graph.add_arc(first_product + j, sink, cut(k + 1) - cut(k), (2 * k + 1) * step);
    }
  }
  graph.solve(sink + 1, 0, sink);
  std::vector<std::int64_t> flows;
  for (std::size_t e = 0; e < c.edges.size(); ++e) flows.push_back(graph.flow(e));
  return flows;
}

std::vector<std::int64_t> allocated(const Case& c) {
  SupplyNetwork network = c.network();
  network.allocate();
  check_conservation(c, network);
  return grants_of(c, network);
}

}  // namespace

TEST_CASE("as much is delivered as the least cut lets through, in cases by hand") {
  const auto delivered_is = [](const Case& c, std::int64_t expected) {
    CHECK(min_cut(c) == expected);
    CHECK(sum(allocated(c)) == expected);
  };
  // The suppliers are the cut.
  delivered_is({{3, 4}, {{10}, {10}}, {{0, 0}, {0, 1}, {1, 1}}}, 7);
  // The products are the cut.
  delivered_is({{30, 40}, {{5}, {6}}, {{0, 0}, {0, 1}, {1, 1}}}, 11);
  // An edge is the cut.
  delivered_is({{30}, {{5}, {6}}, {{0, 0}, {0, 1, 0, 2}}}, 7);
  // The cheap edges would strand supplier 1: only the way back over them finds the last 5.
  delivered_is({{5, 5}, {{5}, {5}}, {{0, 0, 0}, {0, 1, 9}, {1, 0, 9}}}, 10);
  // A chain of such exchanges.
  delivered_is(
      {{4, 4, 4}, {{4}, {4}, {4}}, {{0, 0, 9}, {0, 1, 0}, {1, 1, 9}, {1, 2, 0}, {2, 2, 9}}}, 12);
}

TEST_CASE("as much is delivered as the least cut lets through, on random graphs") {
  Stream random(31, 0, 0, 0);
  for (int trial = 0; trial < 500; ++trial) {
    const std::size_t suppliers = 1 + random() % 4;
    const std::size_t products = 1 + random() % 4;
    const Case c = random_case(random, suppliers, products, 40);
    CAPTURE(trial);
    CHECK(sum(allocated(c)) == min_cut(c));
  }
}

TEST_CASE("total and cost equal the best of all integer flows") {
  Stream random(32, 0, 0, 0);
  int short_of = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const std::size_t suppliers = 2 + random() % 2;
    const std::size_t products = 2 + random() % 2;
    const Case c = random_case(random, suppliers, products, 3);
    SupplyNetwork network = c.network();
    network.allocate();
    CAPTURE(trial);
    check_conservation(c, network);
    const Outcome best = Enumeration(c).best();
    CHECK(outcome_of(c, flows_of(c, network)) == best);
    std::int64_t wanted = 0;
    for (const Product& p : c.products) wanted += p.wanted;
    if (best.total < wanted) ++short_of;
  }
  CHECK(short_of > 100);  // the cases are not all easy
  CHECK(short_of < 500);
}

TEST_CASE("total and cost equal those of Boost.Graph's flow, on graphs as large as the world's") {
  Stream random(35, 0, 0, 0);
  int short_of = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const Case c = random_case(random, 2 + random() % 9, 2 + random() % 19, 300);
    SupplyNetwork network = c.network();
    network.allocate();
    CAPTURE(trial);
    check_conservation(c, network);
    const Outcome by_boost = outcome_of(c, flows_by_boost(c));
    CHECK(outcome_of(c, flows_of(c, network)) == by_boost);
    std::int64_t wanted = 0;
    for (const Product& p : c.products) wanted += p.wanted;
    if (by_boost.total < wanted) ++short_of;
  }
  CHECK(short_of > 50);  // graphs in which products meet
}

TEST_CASE("a network changed in place is allocated like one made anew") {
  Stream random(36, 0, 0, 0);
  Case c = random_case(random, 4, 6, 300);
  SupplyNetwork network = c.network();
  network.allocate();
  for (int trial = 0; trial < 200; ++trial) {
    CAPTURE(trial);
    if (trial % 3 != 0) {
      const std::size_t product = random() % c.products.size();
      c.products[product].wanted = up_to(random, 300);
      network.set_wanted(product, c.products[product].wanted);
    }
    if (trial % 4 == 0) {
      const std::size_t supplier = random() % c.capacities.size();
      c.capacities[supplier] = up_to(random, 300);
      network.set_capacity(supplier, c.capacities[supplier]);
    }
    SupplyNetwork anew = c.network();
    network.allocate();
    anew.allocate();
    CHECK(flows_of(c, network) == flows_of(c, anew));
    CHECK(grants_of(c, network) == grants_of(c, anew));
  }
}

TEST_CASE("more than eight units a product are still of least cost") {
  Stream random(33, 0, 0, 0);
  for (int trial = 0; trial < 100; ++trial) {
    Case c{.capacities = {up_to(random, 12), up_to(random, 12)},
           .products = {{9 + up_to(random, 9), 0.3}, {9 + up_to(random, 9), 1}},
           .edges = {}};
    for (const std::size_t i : {0U, 1U}) {
      for (const std::size_t j : {0U, 1U}) c.edges.push_back({i, j, up_to(random, 9), 8});
    }
    SupplyNetwork network = c.network();
    network.allocate();
    CHECK(outcome_of(c, flows_of(c, network)) == Enumeration(c).best());
  }
}

TEST_CASE("equal products share a short supply to within one segment") {
  for (std::int64_t capacity = 0; capacity <= 4000; capacity += 250) {
    const auto grants = allocated(one_supplier(capacity, {{800}, {800}, {800}, {800}, {800}}));
    CHECK(sum(grants) == capacity);
    for (const std::int64_t granted : grants) CHECK(std::abs(granted - capacity / 5) <= 100);
  }
}

TEST_CASE("large and small products are cut in proportion to what they want") {
  const std::vector<Product> products = {{80}, {800}, {4000}, {16000}};
  for (const double level : {0.1, 0.35, 0.5, 0.8, 0.95}) {
    const auto grants =
        allocated(one_supplier(std::llround(level * (80 + 800 + 4000 + 16000)), products));
    for (std::size_t j = 0; j < products.size(); ++j) {
      const double share = static_cast<double>(grants[j]) / static_cast<double>(products[j].wanted);
      CHECK(std::abs(share - level) <= 1.0 / 8);
    }
  }
}

TEST_CASE("a higher priority gets more, about in proportion") {
  const auto grants = allocated(one_supplier(1600, {{1600, 1}, {1600, 3}}));
  CHECK(std::abs(grants[0] - 400) <= 200);
  CHECK(std::abs(grants[1] - 1200) <= 200);
  SUBCASE("also when supply is less than one segment") {
    CHECK(allocated(one_supplier(100, {{1600, 1}, {1600, 3}})) ==
          std::vector<std::int64_t>{0, 100});
  }
  SUBCASE("not when there is enough") {
    CHECK(allocated(one_supplier(3200, {{1600, 1}, {1600, 3}})) ==
          std::vector<std::int64_t>{1600, 1600});
  }
  SUBCASE("priority zero comes last, and takes what is left") {
    CHECK(allocated(one_supplier(2000, {{1600, 0}, {1600, 1}})) ==
          std::vector<std::int64_t>{400, 1600});
  }
  SUBCASE("infinity is a priority") {
    const double first = std::numeric_limits<double>::infinity();
    CHECK(allocated(one_supplier(2000, {{1600, 1}, {1600, first}})) ==
          std::vector<std::int64_t>{400, 1600});
  }
}

TEST_CASE("fairness comes before the cheapest edges") {
  Case c = one_supplier(800, {{800}, {800}});
  c.edges[0].unit_cost = 1'000'000;
  CHECK(allocated(c) == std::vector<std::int64_t>{400, 400});
}

TEST_CASE("the cheapest suppliers serve, and who has another way leaves them to who has none") {
  const Case c{{10, 10}, {{10}, {10}}, {{0, 0, 1}, {1, 0, 5}, {0, 1, 3}}};
  SupplyNetwork network = c.network();
  network.allocate();
  CHECK(flows_of(c, network) == std::vector<std::int64_t>{0, 10, 10});
}

TEST_CASE("a cut edge carries nothing, and what it carried goes another way") {
  Case c{{10, 10}, {{8}, {8}}, {{0, 0}, {1, 1}, {1, 0, 7}}};
  CHECK(allocated(c) == std::vector<std::int64_t>{8, 8});
  c.edges.erase(c.edges.begin());
  CHECK(allocated(c) == std::vector<std::int64_t>{5, 5});
  SUBCASE("an edge of capacity zero is as good as cut") {
    c.edges.push_back({0, 0, 0, 0});
    CHECK(allocated(c) == std::vector<std::int64_t>{5, 5});
  }
  SUBCASE("a product without edges gets nothing and disturbs nobody") {
    c.products.push_back({100, 5});
    CHECK(allocated(c) == std::vector<std::int64_t>{5, 5, 0});
  }
}

TEST_CASE("nothing to give, nothing wanted, nobody there") {
  CHECK(allocated(one_supplier(0, {{5}, {6}})) == std::vector<std::int64_t>{0, 0});
  CHECK(allocated(one_supplier(5, {{0}, {0}})) == std::vector<std::int64_t>{0, 0});
  CHECK(allocated(one_supplier(5, {{0}, {9}})) == std::vector<std::int64_t>{0, 5});
  CHECK(allocated(one_supplier(5, {})).empty());
  CHECK(allocated({{}, {{5}}, {}}) == std::vector<std::int64_t>{0});
  CHECK(allocated({}).empty());
}

TEST_CASE("large numbers of units cost no more than small ones") {
  constexpr std::int64_t kMany = 10'000'000;
  const auto grants = allocated(one_supplier(2 * kMany, {{kMany}, {kMany}, {kMany}, {kMany}}));
  CHECK(sum(grants) == 2 * kMany);
  for (const std::int64_t granted : grants) CHECK(granted == kMany / 2);
  SUBCASE("not even where sums of unlimited numbers would overflow") {
    const auto all = allocated(one_supplier(kUnlimited, {{kUnlimited}, {kUnlimited}}));
    CHECK(all[0] > 0);
    CHECK(all[1] > 0);
    CHECK(all[0] == kUnlimited - all[1]);
  }
}

TEST_CASE("without rivalry the direct way gives what the graph gives") {
  Stream random(34, 0, 0, 0);
  for (int trial = 0; trial < 300; ++trial) {
    const Case direct = random_case(random, 3, 3, 40);
    const Case graph = with_a_quarrel_elsewhere(direct);
    SupplyNetwork one = direct.network();
    SupplyNetwork other = graph.network();
    one.allocate();
    other.allocate();
    Outcome expected = outcome_of(direct, flows_of(direct, one));
    ++expected.total;
    expected.cost += cost_of_segments({1}, 1);
    CAPTURE(trial);
    CHECK(outcome_of(graph, flows_of(graph, other)) == expected);
  }
}

TEST_CASE("one unit of capacity across the threshold is one unit of grants") {
  const auto with_capacity = [](std::int64_t capacity) {
    return Case{{capacity, 50}, {{80}, {90}}, {{0, 0, 1}, {0, 1, 1}, {1, 1, 4, 0}}};
  };
  const Case enough = with_capacity(170);
  const Case short_by_one = with_capacity(169);
  CHECK(allocated(enough) == std::vector<std::int64_t>{80, 90});
  CHECK(sum(allocated(short_by_one)) == 169);
  CHECK(allocated(with_a_quarrel_elsewhere(enough))[0] == 80);
  CHECK(allocated(with_a_quarrel_elsewhere(enough))[1] == 90);
}

TEST_CASE("a network can be cleared, filled and allocated again") {
  const Case first = one_supplier(10, {{8}, {8}});
  SupplyNetwork network = first.network();
  CHECK(network.granted(0) == 0);
  network.allocate();
  const auto grants = grants_of(first, network);
  network.allocate();
  CHECK(grants_of(first, network) == grants);

  network.add_edge(network.add_supplier(6), 1);
  network.allocate();
  CHECK(grants_of(first, network) == std::vector<std::int64_t>{8, 8});

  network.clear();
  CHECK(network.add_supplier(3) == 0);
  CHECK(network.add_product(9) == 0);
  CHECK(network.add_edge(0, 0) == 0);
  SupplyNetwork moved = std::move(network);
  moved.allocate();
  CHECK(moved.granted(0) == 3);
  CHECK(moved.used(0) == 3);
  CHECK(moved.flow(0) == 3);
}

TEST_CASE("negative numbers and unknown indices fail a check") {
  SupplyNetwork network = one_supplier(1, {{1}}).network();
  CHECK_THROWS_AS(network.add_supplier(-1), InvariantError);
  CHECK_THROWS_AS(network.add_product(-1), InvariantError);
  CHECK_THROWS_AS(network.add_product(1, -0.5), InvariantError);
  CHECK_THROWS_AS(network.add_product(1, std::nan("")), InvariantError);
  CHECK_THROWS_AS(network.add_edge(0, 0, -1), InvariantError);
  CHECK_THROWS_AS(network.add_edge(0, 0, SupplyNetwork::kMaxUnitCost + 1), InvariantError);
  CHECK_THROWS_AS(network.add_edge(0, 0, 0, -1), InvariantError);
  CHECK_THROWS_AS(network.add_edge(1, 0), InvariantError);
  CHECK_THROWS_AS(network.add_edge(0, 1), InvariantError);
  CHECK_THROWS_AS((void)network.granted(1), InvariantError);
  CHECK_THROWS_AS((void)network.used(1), InvariantError);
  CHECK_THROWS_AS((void)network.flow(1), InvariantError);
}

TEST_CASE("in a deep shortage limited claims are served in proportion, and nothing is left") {
  SupplyNetwork network;
  const std::size_t fab = network.add_supplier(1000);
  const std::size_t small = network.add_product(1'000'000);
  const std::size_t large = network.add_product(3'000'000);
  network.add_edge(fab, small);
  network.add_edge(fab, large);
  network.limit_claims(2);
  network.allocate();
  CHECK(network.granted(small) + network.granted(large) == 1000);
  // The claims are 500 and 1500: grants are within a segment, an eighth of the claim, of 250 and
  // 750.
  CHECK(std::abs(network.granted(small) - 250) <= 63);
  CHECK(std::abs(network.granted(large) - 750) <= 188);
}

TEST_CASE("claims that can be met are not limited") {
  SupplyNetwork network;
  const std::size_t fab = network.add_supplier(1000);
  const std::size_t first = network.add_product(400);
  const std::size_t second = network.add_product(600);
  network.add_edge(fab, first);
  network.add_edge(fab, second);
  network.limit_claims(1);
  network.allocate();
  CHECK(network.granted(first) == 400);
  CHECK(network.granted(second) == 600);
}
