/// Expected demand for the products of one region as a function of their prices, with derivatives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernel/aligned_allocator.hpp"
#include "engine/kernel/vector_width.hpp"

namespace tollgate {

/// What the price does to a type's utility: V = attraction - slope * BC_lambda(price).
struct PriceUtility {
  double attraction = 0;
  double slope = 0;
};

/// Folds what multiplies the price into attraction and slope. A buyer with sensitivity `alpha`, who
/// sees `multiplier` times the vendor's price (duty, 1 / throughput, 1 / reference price), has
///
///     V = other_utility - alpha * BC(multiplier * p)
///       = other_utility - alpha * BC(multiplier) - alpha * multiplier^lambda * BC(p),
///
/// because BC(k p) = BC(k) + k^lambda BC(p). Precondition: alpha >= 0, multiplier > 0.
PriceUtility fold_price_multiplier(double alpha, double curvature, double other_utility,
                                   double multiplier);

/// Numbers in memory that a vector register of any width can load at once.
using AlignedReals = std::vector<double, AlignedAllocator<double>>;
using AlignedFloats = std::vector<float, AlignedAllocator<float>>;

/// What `DemandSystem` computes, and the memory it needs for that. Memory only grows.
struct DemandWorkspace {
  /// A product whose price varies, `j`, and a product of the same owner, `k`: positions in
  /// `active`.
  struct Pair {
    std::uint32_t k;
    std::uint32_t j;
  };

  // Results of `evaluate`, by position in `active` or `pairs`.
  std::vector<std::uint32_t> active;  ///< products that were selected, in rising order
  std::vector<Pair> pairs;            ///< all pairs of one owner, j = k included, by j then k
  std::vector<double> sales;          ///< q, units
  std::vector<double> own;            ///< Lambda, units per USD, never positive
  std::vector<double> cross;          ///< Gamma by pair, units per USD, never positive
  std::vector<double> own_change;     ///< d Lambda_j / dp_j, if `wants_curvature`
  std::vector<double> cross_change;   ///< d Gamma_jj / dp_j, the same

  bool wants_curvature = false;  ///< of `evaluate` and `evaluate_single`; needs owners

  /// How many buyer types are worked on at once (twice as many in single precision). The bits of
  /// the results do not depend on it.
  VectorWidth width = widest_vector_width();

  // Scratch of DemandSystem.
  struct Place {
    std::uint32_t position;  // of an active product, in lanes
    std::uint32_t product;   // itself, in lanes
    double transformed_price;
  };
  std::vector<Place> by_nest;                // by segment; active products, nest by nest
  std::vector<std::uint32_t> nest_ends;      // by segment and nest, into its part of `by_nest`
  std::vector<std::uint8_t> nest_of_active;  // by segment and position
  std::vector<std::uint32_t> own_pair;       // by position: of the product with itself
  AlignedReals price;                        // by position, filled up to whole vectors
  AlignedReals transformed_price;            // by position
  AlignedReals transform_slope;              // by position
  AlignedReals rest_largest;  // by block, nest, lane: largest utility of the products folded away
  AlignedReals rest_sum;      // and the sum of exp((V - largest) / t) over them
  bool has_rest = false;
  AlignedReals lane_sums;  // by result, lane
  AlignedReals scratch;    // of a tile of blocks

  /// What `evaluate` leaves for `evaluate_nearby`.
  struct Nearby {
    AlignedReals exponentials;  // by block, place, lane: exp((V - largest of the nest) / t)
    AlignedReals rest;          // by block, nest, lane: the same, summed over what is folded away
    AlignedReals inverse_sum;   // by block, nest, lane: over all of the nest
    AlignedReals weight;        // by block, nest, lane: of the nest, relative to `outside`
    AlignedReals outside;       // by block, lane
    std::vector<double> start;  // by position: transformed price
    std::vector<double> step;   // by position: change of the transformed price since, times -1 / t
    bool is_known = false;      // there was an `evaluate` since the last `select`
  };
  Nearby nearby;

  /// What `prepare_single` makes of the system. Utilities are differences to the best option of the
  /// nest at the prices given there, in powers of two and divided by t.
  struct Single {
    std::vector<std::uint32_t> first_block;  // of a segment's pair of blocks, or a last single one
    AlignedFloats utility, slope, units;     // by pair of blocks, place, lane
    AlignedFloats base;           // by pair of blocks, nest, lane: its best option over the type's
    AlignedFloats rest;           // of products folded away, relative to the nest's best option
    AlignedFloats outside;        // by pair of blocks, lane
    AlignedReals start;           // by position: transformed price
    std::vector<float> distance;  // by place: how far the transformed price is from the start
    AlignedFloats lane_sums, scratch;
  };
  Single single;
};

/// Nested logit demand (Train 2009, ch. 4; Berry 1994) of R buyer types for J products.
///
/// A type is a buyer with a workload. Types come in segments: those of a segment put the same
/// product into the same nest (a chip is foreign for one and domestic for another). Type i chooses
/// product j of nest g with probability
///
///     P_ij = exp(V_ij / t) / S_ig * S_ig^t / (sum_h S_ih^t + exp(log_outside_i)),
///     S_ig = sum over k in g of exp(V_ik / t),   t = 1 - similarity,
///     V_ij = attraction_ij - slope_ij * BC_lambda(p_j),
///
/// as `ChoiceSet` does; expected sales are q_j = sum_i units_ij P_ij. All is computed on logarithms
/// with a shift per type and nest, so that no utility overflows; a product that a type cannot have
/// (attraction -infinity) and an empty nest have probability 0.
///
/// Derivatives come split as Morrow and Skerlos (2011, doi:10.1287/opre.1100.0894) need them:
/// dq_k/dp_j = [k = j] Lambda_j - Gamma_kj, with Lambda_j and Gamma_kj <= 0:
///
///     Lambda_j = sum_i units_ij P_ij dV_ij/dp_j / t,
///     Gamma_kj = sum_i units_ik P_ik dV_ij/dp_j ((1/t - 1) P_ij|g [same nest] + P_ij).
///
/// Types are stored in blocks of eight, product by product; sums over types go lane by lane and
/// then over the lanes, always in the same order.
class DemandSystem {
 public:
  static constexpr std::size_t kMaxNests = 8;
  static constexpr std::size_t kLanes = 8;  ///< types in a block

  /// Starts anew with `products` products; keeps the memory. `curvature` is lambda, `similarity`
  /// that of the options of a nest, in [0, 1).
  void reset(std::size_t products, double curvature, double similarity);

  /// Starts a segment: types added from here on see product j in nest `nest_of_product[j]`.
  void add_segment(std::span<const std::uint8_t> nest_of_product);

  /// Adds a type to the last segment, without products, and returns its index. `log_outside` is the
  /// logarithm of the sum of exp(inclusive value) over the nests that hold no product of this
  /// system (wait, grey, rental); -infinity: there are none.
  std::size_t add_type(double log_outside);

  /// Lets a type have a product. `units`: how many it would buy if it surely chose this product.
  /// An attraction of -infinity takes the product away again.
  void offer(std::size_t type, std::size_t product, PriceUtility utility, double units);

  [[nodiscard]] std::size_t products() const { return products_; }
  [[nodiscard]] std::size_t types() const { return place_of_type_.size(); }
  [[nodiscard]] double curvature() const { return curvature_; }

  /// First step of a series of evaluations: prices of products with `is_active[j] == 0` stay as
  /// given from here on, so what they contribute to their nests is computed once. An infinite price
  /// means that the product is not sold. Other prices are positive.
  void fold_rest(std::span<const double> prices, std::span<const std::uint8_t> is_active,
                 DemandWorkspace& workspace) const;

  /// Second step: the products whose sales are wanted and whose prices vary. Those that are neither
  /// here nor were folded are not sold. Gamma is computed for pairs with the same `owner`; an
  /// empty span: no derivatives.
  void select(std::span<const std::uint8_t> is_selected, std::span<const std::uint32_t> owner,
              DemandWorkspace& workspace) const;

  /// Sales and derivatives at these prices (by product; only those of selected products are read),
  /// into `workspace`. Allocates nothing.
  void evaluate(std::span<const double> prices, DemandWorkspace& workspace) const;

  /// The same in less than half the time at prices close to those of the last `evaluate` since
  /// `select`, as precise as that, though not the same in the last bits. False, and nothing done,
  /// if there was none or a utility over t moves by more than 1/256.
  bool evaluate_nearby(std::span<const double> prices, DemandWorkspace& workspace) const;

  /// The same in single precision, in a third of the time: results are right to about six digits
  /// near the prices with which it was prepared, and may be anything far away (nothing overflows).
  /// `prepare_single` comes after `select`.
  void prepare_single(std::span<const double> prices, DemandWorkspace& workspace) const;
  void evaluate_single(std::span<const double> prices, DemandWorkspace& workspace) const;

 private:
  enum class Task : std::uint8_t { kTransform, kRest, kEvaluate, kNearby, kPrepareSingle, kSingle };
  static constexpr std::size_t kSingleLanes = 2 * kLanes;
  static constexpr std::size_t kTile = 4;  // blocks summed in registers before memory is touched
  static constexpr std::size_t kScratchPerProduct = 3;

  [[nodiscard]] std::size_t segments() const {
    return products_ == 0 ? 0 : nest_of_product_.size() / products_;
  }
  [[nodiscard]] std::size_t blocks() const { return segment_of_block_.size(); }
  void sort_by_nest(DemandWorkspace& workspace) const;
  void transform_active(std::span<const double> prices, DemandWorkspace& workspace) const;

  void add_lanes(DemandWorkspace& workspace) const;

  // The loops over types (demand_loops.cpp), written once and compiled for each vector width.
  void run(Task task, DemandWorkspace& workspace) const;
  void perform_4(Task task, DemandWorkspace& workspace) const;
  void perform_8(Task task, DemandWorkspace& workspace) const;
  template <int Width>
  [[gnu::always_inline]] void perform(Task task, DemandWorkspace& workspace) const;
  template <int Width>
  [[gnu::always_inline]] void transform_prices(DemandWorkspace& workspace) const;
  template <int Width>
  [[gnu::always_inline]] void accumulate_rest(DemandWorkspace& workspace) const;
  template <int Width>
  [[gnu::always_inline]] void round_to_single(DemandWorkspace& workspace) const;
  template <int Width>
  [[gnu::always_inline]] void add_all(Task task, DemandWorkspace& workspace) const;
  template <int Width, std::size_t Blocks>
  [[gnu::always_inline]] void add_tile_of(Task task, DemandWorkspace& workspace,
                                          std::size_t block) const;
  template <int Width, std::size_t Blocks>
  [[gnu::always_inline]] void add_blocks(DemandWorkspace& workspace, std::size_t block) const;
  template <int Width, std::size_t Blocks>
  [[gnu::always_inline]] void add_blocks_nearby(DemandWorkspace& workspace,
                                                std::size_t block) const;
  template <int Width, std::size_t Blocks>
  [[gnu::always_inline]] void add_blocks_single(DemandWorkspace& workspace,
                                                std::size_t block) const;

  std::size_t products_ = 0;
  double curvature_ = 1;
  double nest_scale_ = 1;  // t
  std::size_t nests_ = 1;
  bool segment_is_new_ = false;
  std::vector<std::uint8_t> nest_of_product_;    // by segment, product
  std::vector<std::uint32_t> segment_of_block_;  // by block
  std::vector<std::uint32_t> place_of_type_;     // block * kLanes + lane
  AlignedReals attraction_;                      // by block, product, lane
  AlignedReals slope_;
  AlignedReals units_;
  AlignedReals log_outside_;      // by block, lane
  std::vector<double> steepest_;  // by product: largest slope that was offered
};

}  // namespace tollgate
