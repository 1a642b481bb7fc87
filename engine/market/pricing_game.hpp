/// Bertrand-Nash prices of multi-product firms under nested logit demand, levies and short supply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/market/anderson_mixing.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

/// A product on offer in one region. Money in USD per unit.
struct Listing {
  std::uint32_t firm = 0;
  std::uint32_t pool = 0;  ///< the supply it draws on
  double unit_cost = 0;
  double levy = 0;  ///< tau: the share of proceeds that is taken from the firm, in [0, 1)
  double ceiling = std::numeric_limits<double>::infinity();  ///< highest price
  double floor = 0;  ///< what a unit earns elsewhere at least: lower limit of its shadow price

  /// What the firm keeps of a price.
  [[nodiscard]] double kept() const { return 1 - levy; }
};

/// The market as the game sees it; all of it belongs to the caller.
struct MarketView {
  std::span<const DemandSystem* const> regions;
  std::span<const Listing> listings;   ///< region by region, in the order of its products
  std::span<const double> capacities;  ///< of each pool, units; may be infinite
};

struct PricingOptions {
  double tolerance = 1e-10;  ///< of the residual
  int max_iterations = 300;
  std::optional<VectorWidth> width = {};  ///< the widest unless set; no bit depends on it
};

/// Valid until the next call of the game that gave it. Flags are 0 or 1.
struct PricingResult {
  // By listing.
  std::vector<double> prices;  ///< USD; infinite: withdrawn, or not on offer from the start
  /// Expected demand, units. Not computed (NaN) for given prices of others that share no pool with
  /// what moves: `sales_at` has them.
  std::vector<double> sales;
  std::vector<std::uint8_t> is_withdrawn;  ///< no price within the ceiling covers its cost
  // By pool; 0 where no listing moves.
  std::vector<double> shadow_prices;      ///< USD per unit
  std::vector<std::uint8_t> is_rationed;  ///< demand exceeds capacity at the ceiling

  double residual = 0;  ///< largest relative error of the conditions
  int iterations = 0;
  int evaluations = 0;  ///< of the demand of all regions
  int in_single = 0;    ///< of these, in single precision
  bool converged = false;
};

/// Solves, for every listing j that moves, the first-order condition of its firm (MODEL 4.3)
///
///     (1 - tau_j) q_j + sum_k ((1 - tau_k) p_k - m_k) dq_k/dp_j = 0,   m_k = c_k + max(mu,
///     floor_k)
///
/// over the listings k of the firm in the region, together with mu >= 0 of the pool, the shadow
/// price of supply: sales of the pool are not above its capacity, and mu is 0 when they are below.
/// At its ceiling a price may want to rise. A *rationed* pool sells all it has and leaves demand at
/// the ceiling unserved; its mu is the net margin at the ceiling of the listing that goes short,
/// the value of one more unit. A listing whose net margin at the ceiling is below mu (or below what
/// a unit earns elsewhere, or negative) is *withdrawn*: the levy is passed on whole or the sale is
/// lost. Which listings of a rationed pool are served first is the caller's affair.
///
/// Method: the zeta fixed point of Morrow and Skerlos (2011, doi:10.1287/opre.1100.0894), each
/// price led on by the map's derivative with respect to itself, with mu moved by the logarithm of
/// sales over capacity, all under Anderson mixing; when that stalls, Newton's method with
/// differences. Large games begin in single precision and are finished, and their residual
/// computed, in double precision. Withdrawals are decided pool by pool, in the order of their
/// thresholds. docs/pricing.md has the details.
///
/// `residual` is the largest of |condition j| / ((1 - tau_j) q_j) and |sales / capacity - 1| of
/// pools that bind; `converged` is false when it stays above `tolerance`, and then the best point
/// seen is returned. That is also the answer where no finite price is best (inelastic demand
/// without a ceiling). The start matters only for speed unless there are several equilibria.
///
/// Throws InvariantError when sizes disagree. Deterministic. Allocates only when the problem is
/// larger than any before, or when Newton's method is needed for one of another size.
class PricingGame {
 public:
  /// All listings move. `start`: by listing; infinite: none known.
  const PricingResult& nash(const MarketView& market, std::span<const double> start,
                            const PricingOptions& options = {});

  /// Those of one firm move, the others keep `prices` (infinite: not on offer).
  const PricingResult& best_response(const MarketView& market, std::span<const double> prices,
                                     std::uint32_t firm, const PricingOptions& options = {});

  /// Those with `moves[l] != 0` move.
  const PricingResult& solve(const MarketView& market, std::span<const double> start,
                             std::span<const std::uint8_t> moves,
                             const PricingOptions& options = {});

  /// Expected demand by listing when all prices are given (infinite: not on offer).
  std::span<const double> sales_at(const MarketView& market, std::span<const double> prices);

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  /// A pool of limited supply on which moving listings draw; its mu is an unknown.
  struct Shortage {
    std::uint32_t pool = kNone;
    double capacity = 0;
    double base = 0;     ///< lowest mu that makes a difference: the lowest floor of its listings
    double lowest = 0;   ///< mu now lies between this
    double highest = 0;  ///< and this, the mu at which the next listing is withdrawn
    double scale = 0;    ///< a price
    bool is_settled = false;  ///< mu stays where a listing goes short
    double sales = 0;         ///< expected
    double response = 0;      ///< -d sales / d mu, about: of listings below their ceilings
    double all_response = 0;  ///< of all
    double move = 0;          ///< change of sales to come from prices that answer the mu there is
  };

  void set_up(const MarketView& market, std::span<const double> start,
              std::span<const std::uint8_t> moves);
  void withdraw_hopeless_listings(const MarketView& market);
  void find_shortages(const MarketView& market);
  void fold_given_prices(const MarketView& market);
  void select_offered(const MarketView& market);
  void bound_shadow_prices(const MarketView& market);
  void start_unknowns(const MarketView& market);
  bool withdraw_or_restore(const MarketView& market, double tolerance);

  double shadow_price(const Listing& listing, std::span<const double> unknowns) const;
  double evaluate(const MarketView& market, std::span<const double> point, std::span<double> image);
  void read_demand(const MarketView& market, std::span<const double> point);
  void find_leads(const MarketView& market, std::size_t region);
  double answer(const Listing& listing, std::size_t l, double cost) const;
  double move_shadow_prices(std::span<const double> point, std::span<double> image);
  double move_prices(const MarketView& market, std::span<const double> point,
                     std::span<double> image);
  void project(const MarketView& market, std::span<const double> from, std::span<double> to) const;

  [[nodiscard]] bool is_large(const MarketView& market) const;
  void begin_in_single(const MarketView& market);
  bool solve_conditions(const MarketView& market, const PricingOptions& options);
  bool finish_by_newton(const MarketView& market, double tolerance);
  void report(const MarketView& market, std::span<const double> start, double tolerance);

  // The problem.
  std::vector<std::size_t> first_listing_;  // by region, and the end
  std::vector<std::uint8_t> moves_;         // by listing
  std::vector<std::uint8_t> is_offered_;    // by listing: not withdrawn
  std::vector<std::uint8_t> is_active_;     // by listing: its sales matter to the conditions
  std::vector<double> prices_;              // by listing
  std::vector<double> withdrawn_at_;        // by listing: mu at which it was withdrawn, or infinity
  std::vector<std::uint32_t> firms_;        // by listing
  std::vector<std::uint32_t> moving_;       // listings that move: the first unknowns
  std::vector<Shortage> shortages_;         // their mu: the other unknowns
  std::vector<std::uint32_t> unknown_of_pool_;
  std::vector<DemandWorkspace> demand_;  // by region
  std::vector<std::uint8_t> selected_;   // by product of one region
  bool wants_leads_ = false;             // the next evaluation renews `lead_of_`
  bool is_single_ = false;               // demand is evaluated in single precision for now

  // At the last point evaluated, by listing.
  std::vector<double> sales_;
  std::vector<double> own_;       // Lambda
  std::vector<double> response_;  // -dq/dp of its own price
  std::vector<double> lead_of_;   // how many times the zeta map's step to go
  std::vector<double> margin_;    // what is kept of the price, less cost and shadow price
  std::vector<double> pressure_;  // sum over k of margin_k Gamma_kj

  // The search, by unknown.
  std::vector<double> point_, image_, next_, best_point_, best_image_, least_point_, scale_, lead_;
  AndersonMixing mixing_;
  std::vector<double> jacobian_, direction_;  // of Newton's method

  PricingResult result_;
};

}  // namespace tollgate
