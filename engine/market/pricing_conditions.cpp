// The conditions of the pricing game: their residual at a point, and where the fixed point
// iteration goes from there.
#include <algorithm>
#include <cmath>

#include "engine/market/pricing_game.hpp"

namespace tollgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// No step takes a price further than this at once: far from a solution the conditions say little.
constexpr double kLargestStep = 10;

/// Where prices without a ceiling stop when every higher one is better.
constexpr double kHighestPrice = 1e30;

}  // namespace

double PricingGame::shadow_price(const Listing& listing, std::span<const double> unknowns) const {
  const std::uint32_t unknown = unknown_of_pool_[listing.pool];
  return unknown == kNone ? listing.floor : std::max(listing.floor, unknowns[unknown]);
}

/// The residual at `point`, and where the fixed point iteration goes from there.
double PricingGame::evaluate(const MarketView& market, std::span<const double> point,
                             std::span<double> image) {
  ++result_.evaluations;
  result_.in_single += is_single_ ? 1 : 0;
  for (std::size_t i = 0; i < moving_.size(); ++i) prices_[moving_[i]] = point[i];
  read_demand(market, point);
  // Shadow prices first: prices then answer the new ones, which makes the two nearly independent.
  const double shortage_residual = move_shadow_prices(point, image);
  return std::max(shortage_residual, move_prices(market, point, image));
}

void PricingGame::read_demand(const MarketView& market, std::span<const double> point) {
  for (Shortage& shortage : shortages_) {
    shortage.sales = shortage.response = shortage.all_response = shortage.move = 0;
  }
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    const std::size_t first = first_listing_[r];
    DemandWorkspace& demand = demand_[r];
    const auto prices = std::span(prices_).subspan(first, first_listing_[r + 1] - first);
    demand.wants_curvature = wants_leads_;
    if (is_single_) {
      market.regions[r]->evaluate_single(prices, demand);
    } else if (wants_leads_ || !market.regions[r]->evaluate_nearby(prices, demand)) {
      market.regions[r]->evaluate(prices, demand);
    }
    for (std::size_t a = 0; a < demand.active.size(); ++a) {
      const std::size_t l = first + demand.active[a];
      sales_[l] = demand.sales[a];
      own_[l] = demand.own[a];
      response_[l] = -demand.own[a];
      pressure_[l] = 0;
      const Listing& listing = market.listings[l];
      margin_[l] = listing.kept() * prices_[l] - (listing.unit_cost + shadow_price(listing, point));
    }
    if (wants_leads_) find_leads(market, r);
    for (std::size_t i = 0; i < demand.pairs.size(); ++i) {
      const std::size_t k = first + demand.active[demand.pairs[i].k];
      const std::size_t j = first + demand.active[demand.pairs[i].j];
      pressure_[j] += margin_[k] * demand.cross[i];
      if (k == j) response_[j] += demand.cross[i];
    }
    for (const std::uint32_t product : demand.active) {
      const std::size_t l = first + product;
      const Listing& listing = market.listings[l];
      const std::uint32_t unknown = unknown_of_pool_[listing.pool];
      if (unknown == kNone) continue;
      Shortage& shortage = shortages_[unknown - moving_.size()];
      shortage.sales += sales_[l];
      if (moves_[l] == 0) continue;
      const double response = response_[l] * lead_of_[l] / listing.kept();
      shortage.all_response += response;
      if (prices_[l] >= listing.ceiling) continue;
      shortage.response += response;
      if (!(own_[l] < 0)) continue;
      const double cost = listing.kept() * prices_[l] - margin_[l];
      const double next_price = std::min(answer(listing, l, cost), listing.ceiling);
      shortage.move -= response_[l] * lead_of_[l] * (next_price - prices_[l]);
    }
  }
}

/// The zeta map: the price at which the condition of listing l would hold if its derivatives and
/// all else in it stayed. `cost` includes the shadow price.
double PricingGame::answer(const Listing& listing, std::size_t l, double cost) const {
  const double keep = listing.kept();
  return own_[l] < 0 ? (cost + (pressure_[l] - keep * sales_[l]) / own_[l]) / keep : kInfinity;
}

/// The zeta map's derivative by a listing's own price, d, is what its Jacobian mostly consists of.
/// One step of Newton's method on each price by itself goes 1 / (1 - d) times as far as the map.
/// Of the firm's other products it is assumed that Gamma_kj moves like Lambda_j.
void PricingGame::find_leads(const MarketView& market, std::size_t region) {
  constexpr double kLeast = 0.5;
  constexpr double kMost = 4;
  const DemandWorkspace& demand = demand_[region];
  for (std::size_t a = 0; a < demand.active.size(); ++a) {
    const std::size_t l = first_listing_[region] + demand.active[a];
    const double own = demand.own[a];
    const double cross = demand.cross[demand.own_pair[a]];
    const double change = demand.own_change[a] / own;
    const double derivative =
        margin_[l] / market.listings[l].kept() * (demand.cross_change[a] - cross * change) / own +
        2 * cross / own - 1 + demand.sales[a] * change / own;
    const double lead = 1 / std::max(1 - derivative, 1 / kMost);
    lead_of_[l] = std::isfinite(lead) ? std::max(lead, kLeast) : 1;
  }
}

double PricingGame::move_shadow_prices(std::span<const double> point, std::span<double> image) {
  double residual = 0;
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    const Shortage& shortage = shortages_[s];
    const std::size_t unknown = moving_.size() + s;
    const double mu = point[unknown];
    const double excess = shortage.sales / shortage.capacity - 1;
    if (!shortage.is_settled) {
      double error = std::abs(excess);
      if (mu <= shortage.lowest) error = std::max(0.0, excess);
      if (mu >= shortage.highest) error = std::max(0.0, -excess);
      residual = std::max(residual, error);
    }
    double target = shortage.lowest;
    const double response = shortage.response > 0 ? shortage.response : shortage.all_response;
    if (excess > 0 && !(shortage.response > 0)) {
      target = shortage.highest;  // all prices at their ceilings
    } else if (response > 0 && shortage.sales > 0) {
      // Logit tails are exponential: the logarithm of sales is closer to linear than sales are.
      // What prices are about to do at this mu anyway comes on top.
      const double step =
          (std::log(shortage.sales / shortage.capacity) * shortage.sales + shortage.move) /
          response;
      const double longest = shortage.scale + mu;
      target = mu + std::clamp(step, -longest, longest);
    }
    image[unknown] = std::clamp(target, shortage.lowest, shortage.highest);
  }
  return residual;
}

double PricingGame::move_prices(const MarketView& market, std::span<const double> point,
                                std::span<double> image) {
  double residual = 0;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const std::uint32_t l = moving_[i];
    const Listing& listing = market.listings[l];
    const double price = point[i];
    lead_[i] = lead_of_[l];
    if (is_offered_[l] == 0 || sales_[l] == 0) {
      image[i] = price;  // nobody asks, any price will do
      continue;
    }
    const double keep = listing.kept();
    const double marginal_profit = keep * sales_[l] + margin_[l] * own_[l] - pressure_[l];
    const bool is_at_ceiling = price >= listing.ceiling;
    if (!is_at_ceiling || marginal_profit < 0) {
      residual = std::max(residual, std::abs(marginal_profit) / (keep * sales_[l]));
    }
    double target = answer(listing, l, listing.unit_cost + shadow_price(listing, image));
    target = std::clamp(target, price / kLargestStep, price * kLargestStep);
    image[i] = std::min(target, listing.ceiling);
  }
  return residual;
}

void PricingGame::project(const MarketView& market, std::span<const double> from,
                          std::span<double> to) const {
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    double& mu = to[moving_.size() + s];
    if (!std::isfinite(mu)) mu = from[moving_.size() + s];
    mu = std::clamp(mu, shortages_[s].lowest, std::min(shortages_[s].highest, kHighestPrice));
  }
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const Listing& listing = market.listings[moving_[i]];
    double& price = to[i];
    if (!std::isfinite(price)) price = from[i];
    // Margins are positive at a solution: products of one firm are substitutes.
    const double least = (listing.unit_cost + shadow_price(listing, to)) / listing.kept();
    price = std::clamp(price, std::max(least, from[i] / kLargestStep),
                       std::max(least, from[i] * kLargestStep));
    price = std::min({price, listing.ceiling, kHighestPrice});
  }
}

}  // namespace tollgate
