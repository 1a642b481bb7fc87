/// Who gets what of one stage of a supplier graph in one month.
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
/// integers and every order is one of indices, so the result repeats exactly. Of several optima it
/// is the one that serves products, and takes edges, in the order in which they were added.
///
/// Method: successive shortest paths (Ahuja, Magnanti and Orlin 1993, ch. 9.7) on flat arrays. The
/// ways to all products are found at once, by Bellman and Ford's method, and serve segment after
/// segment until one of them is full: as long as none is, no way gets shorter or longer. A dozen
/// suppliers fill up a dozen times, while paths are as many as segments.
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

  /// Changes what a product wants, or a supplier has, and keeps the rest.
  void set_wanted(std::size_t product, std::int64_t units);
  void set_capacity(std::size_t supplier, std::int64_t units);

  /// Allocates; may be called again after changes, and does nothing when there are none. The time
  /// does not grow with the units. Allocates no memory once it has grown.
  void allocate();

  /// What the last `allocate` gave; 0 before.
  [[nodiscard]] std::int64_t granted(std::size_t product) const;
  [[nodiscard]] std::int64_t used(std::size_t supplier) const;
  [[nodiscard]] std::int64_t flow(std::size_t edge) const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t kNoWay = std::numeric_limits<std::int64_t>::max();

  struct Supplier {
    std::int64_t capacity;
    std::int64_t used = 0;
    std::int64_t cost = 0;        // of one more unit from here: 0, or what it costs to free one
    std::uint32_t freed = kNone;  // edge that gives one back; none: the supplier has it
  };
  struct Product {
    std::int64_t wanted;
    std::int64_t step;  // half the rise of cost from segment to segment
    std::int64_t granted = 0;
    std::int64_t cost = 0;            // of the way here
    std::uint32_t way = kNone;        // its last edge
    int segment = 0;                  // that is being filled
    std::int64_t segment_end = 0;     // units of the segments up to this one
    std::int64_t wanted_before = -1;  // by the last allocation
  };
  struct Edge {
    std::uint32_t supplier;
    std::uint32_t product;
    std::int64_t unit_cost;
    std::int64_t capacity;
    std::int64_t flow = 0;
  };

  void sort_edges();
  void reset_flows();
  bool allocate_without_rivalry();
  void allocate_by_shortest_ways();
  void find_ways();
  bool send(std::uint32_t product, std::int64_t most);

  std::vector<Supplier> suppliers_;
  std::vector<Product> products_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> by_preference_;  // edge indices, cheapest first
  bool is_sorted_ = true;                     // by_preference_ has all edges
  bool is_allocated_ = false;                 // and nothing but `wanted` may have changed since
  std::vector<double> claimed_, part_;        // scratch of limit_claims
};

}  // namespace tollgate
