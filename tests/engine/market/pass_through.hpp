/// Who pays a levy on proceeds, by the pricing game: against curvature and against scarcity. The
/// numbers of docs/figures/who_pays.svg; the table program prints them, a test holds their limits.
///
/// Pass-through is the share of the levy on a unit that reaches the buyer's outlay,
///
///     (p(tau) - p(0)) / (tau p(tau)).
///
/// 1: the buyer pays it whole, p(tau) = p(0) / (1 - tau); 0: the vendor does, p(tau) = p(0); above
/// 1: the price rises by more than the levy, and the vendor keeps more of each unit than before.
///
/// All markets look the same before the levy. Buyers of one type have V = -alpha BC_lambda(p /
/// 27,000 USD), and alpha and the value of the alternatives are such that the price is 27,000 USD
/// at a unit cost of 8,000 USD, whatever lambda and the vendor's share of buyers are:
///
///     alpha (1 - share) = p / (p - c) = 1.42.
///
/// The share 0.21 goes with alpha 1.8, the mode of the shipped worlds, 0.43 with 2.5, their upper
/// end.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <vector>

namespace tollgate::test {

inline constexpr double kUnitCostUsd = 8'000;
inline constexpr double kPriceUsd = 27'000;  ///< without levy, supply unlimited
inline constexpr double kLevy = 0.25;
inline constexpr double kElasticity = kPriceUsd / (kPriceUsd - kUnitCostUsd);  ///< of demand, there
inline constexpr double kCeilingUsd = 1.3 * kPriceUsd;  ///< `price_ceiling` of Nvidia, 1.3
inline constexpr double kTaxedBuyers = 0.1;             ///< share of buyers in the taxed region

/// The vendor's share of buyers at which their price sensitivity is `alpha`.
double share_at(double alpha);

/// So small (alpha = 1.42) that nothing of it is left in the results.
inline constexpr double kNegligibleShare = 1e-13;

/// Prices of the chip in the region where the levy may hold.
struct Incidence {
  double price_without_levy_usd = 0;
  double price_with_levy_usd = 0;       ///< infinite: the sale is lost
  double price_elsewhere_usd = 0;       ///< with the levy; where there is no elsewhere, 0
  [[nodiscard]] bool is_sold() const;   ///< with the levy
  [[nodiscard]] double passed() const;  ///< pass-through; precondition: is_sold()
};

/// Supply unlimited, one region. `rivals`: so many other vendors of equal chips and costs, who pay
/// the levy too; all set their prices.
struct Competition {
  double curvature = 1;
  double share = 0;  ///< of each vendor
  std::size_t rivals = 0;
  double unit_cost_usd = kUnitCostUsd;
};
Incidence incidence(const Competition& market);

/// What the taxed region's ceiling limits: net proceeds, as in the model, or the buyer's outlay.
enum class CeilingOn : unsigned char { kProceeds, kOutlay };

/// One vendor sells from one pool in two regions of equal buyers; one of them has the levy.
struct Scarcity {
  double curvature = 1;
  double share = 0;
  double demand_over_supply = 1;  ///< demand: at 27,000 USD
  CeilingOn ceiling = CeilingOn::kProceeds;
};
Incidence incidence(const Scarcity& market);

/// Linear logit with one vendor (lambda = 1), by Lambert W instead of the game:
/// p = m + (1 + W(z)) p_ref / alpha with m = c / (1 - tau), the levy being 0 or 0.25.
Incidence linear_logit_closed_form(double share);

/// A line of the figure, point by point.
struct TableRow {
  const char* series = "";
  double x = 0;  ///< lambda, or demand over supply
  Incidence incidence;
  std::optional<double> closed_form{};  ///< pass-through, where there is a formula for it
};
std::vector<TableRow> pass_through_table();

/// CSV, with what the caption needs to know in comments at the top.
void write_table(const std::vector<TableRow>& rows, std::ostream& out);

}  // namespace tollgate::test
