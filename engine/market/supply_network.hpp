/// Who gets what of one stage of a supplier graph in one month (Boost.Graph).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace tollgate {

/// The allocation of one stage (wafers, packaging or memory stacks): suppliers with capacities,
/// products that want units, and edges along which a supplier may serve a product. A rule cuts an
/// edge by not adding it.
///
/// `allocate` finds a maximum flow, and among the maximum flows one of least cost:
///
///     sum over edges of unit_cost * flow  +  sum over products and segments k of
///                                            (2 k + 1) * round(kStep / priority) * units in k
///
/// The units a product wants are cut into kSegments equal segments k = 0, 1, ... (cut points
/// rounded, so they sum exactly), filled in order. Costs that rise from segment to segment make a
/// short supply stop at about the same level everywhere: grants are about in proportion to
/// wanted * priority, to within a segment, rather than all or nothing. The odd numbers are
/// Sainte-Laguë's divisors: with k in their place the first segments of all products would be
/// free, and priority void when supply is very short.
///
/// Fairness comes before the preference of suppliers: kStep is a million times a unit cost of 10^6.
/// Edge costs decide who serves whom, and which of two equal claims comes first. All numbers are
/// integers and every order is one of indices, so the result repeats exactly.
class SupplyNetwork {
 public:
  static constexpr int kSegments = 8;
  static constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kStep = 1'000'000'000'000;
  static constexpr std::int64_t kMaxUnitCost = 1'000'000'000;
  /// Priorities are clamped to [1 / kMaxPriority, kMaxPriority], so that path costs fit 64 bits.
  static constexpr double kMaxPriority = 1000;

  /// Forgets everything but keeps the memory.
  void clear();

  /// Each returns the index of what it adds, counted from 0 within its kind. Negative numbers,
  /// unknown indices and unit costs above kMaxUnitCost fail a check. Parallel edges are allowed.
  std::size_t add_supplier(std::int64_t capacity);
  std::size_t add_product(std::int64_t wanted, double priority = 1);
  std::size_t add_edge(std::size_t supplier, std::size_t product, std::int64_t unit_cost = 0,
                       std::int64_t capacity = kUnlimited);

  /// Lowers what each product wants to `multiple` times its proportional part of every supplier
  /// that it reaches, but never below what it would get in proportion. In a deep shortage, where
  /// all claims end within their first segment, this keeps segments small against what can be
  /// granted. To be called after the last edge; `multiple` is at least 1.
  void limit_claims(double multiple);

  /// Allocates anew; may be called again after more has been added. The time does not grow with the
  /// units. Months without a shortage never build the graph.
  void allocate();

  /// What the last `allocate` gave; 0 before.
  [[nodiscard]] std::int64_t granted(std::size_t product) const;
  [[nodiscard]] std::int64_t used(std::size_t supplier) const;
  [[nodiscard]] std::int64_t flow(std::size_t edge) const;

 private:
  struct Supplier {
    std::int64_t capacity;
    std::int64_t used = 0;
  };
  struct Product {
    std::int64_t wanted;
    std::int64_t step;  // half the rise of cost from segment to segment
    std::int64_t granted = 0;
  };
  struct Edge {
    std::size_t supplier;
    std::size_t product;
    std::int64_t unit_cost;
    std::int64_t capacity;
    std::int64_t flow = 0;
  };

  [[nodiscard]] std::int64_t most_through(const Edge& edge) const;
  bool allocate_without_rivalry();
  void allocate_by_flow();
  void reset_flows();

  std::vector<Supplier> suppliers_;
  std::vector<Product> products_;
  std::vector<Edge> edges_;
  std::vector<std::size_t> by_preference_;  // edge indices, cheapest first
};

}  // namespace tollgate
