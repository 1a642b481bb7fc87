#include "engine/market/pricing_game.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// No step takes a price further than this at once: far from a solution the conditions say little.
constexpr double kLargestStep = 10;

/// Where prices without a ceiling stop when every higher one is better.
constexpr double kHighestPrice = 1e30;

/// What the firm keeps of a price.
double kept(const Listing& listing) { return 1 - listing.levy; }

/// Net margin at the ceiling: the shadow price at which the listing is withdrawn.
double threshold(const Listing& listing) {
  return kept(listing) * listing.ceiling - listing.unit_cost;
}

}  // namespace

const PricingResult& PricingGame::nash(const MarketView& market, std::span<const double> start,
                                       const PricingOptions& options) {
  moves_.assign(market.listings.size(), 1);
  return solve(market, start, moves_, options);
}

const PricingResult& PricingGame::best_response(const MarketView& market,
                                                std::span<const double> prices, std::uint32_t firm,
                                                const PricingOptions& options) {
  moves_.resize(market.listings.size());
  for (std::size_t l = 0; l < moves_.size(); ++l) moves_[l] = market.listings[l].firm == firm;
  return solve(market, prices, moves_, options);
}

const PricingResult& PricingGame::solve(const MarketView& market, std::span<const double> start,
                                        std::span<const std::uint8_t> moves,
                                        const PricingOptions& options) {
  set_up(market, start, moves);
  const VectorWidth width = options.width.value_or(widest_vector_width());
  for (DemandWorkspace& demand : demand_) demand.width = width;
  result_.iterations = 0;
  result_.evaluations = 0;
  result_.in_single = 0;
  withdraw_hopeless_listings(market);
  find_shortages(market);
  fold_given_prices(market);
  start_unknowns(market);
  // Each round withdraws a listing or settles a pool, so there are not many.
  bool is_solved = false;
  for (std::size_t round = 0; round <= 2 * moving_.size() + 1; ++round) {
    select_offered(market);
    bound_shadow_prices(market);
    if (round == 0 && is_large(market)) begin_in_single(market);
    is_solved = solve_conditions(market, options);
    if (!is_solved || !withdraw_or_restore(market, options.tolerance)) break;
    is_solved = false;
  }
  result_.converged = is_solved;
  report(market, start, options.tolerance);
  return result_;
}

std::span<const double> PricingGame::sales_at(const MarketView& market,
                                              std::span<const double> prices) {
  moves_.assign(market.listings.size(), 0);
  set_up(market, prices, moves_);
  std::ranges::fill(is_active_, std::uint8_t{1});
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    const std::size_t first = first_listing_[r];
    const std::size_t count = first_listing_[r + 1] - first;
    const std::span region_prices = std::span(prices_).subspan(first, count);
    market.regions[r]->fold_rest(region_prices, std::span(is_active_).subspan(first, count),
                                 demand_[r]);
    market.regions[r]->select(std::span(is_offered_).subspan(first, count), {}, demand_[r]);
    demand_[r].wants_curvature = false;
    market.regions[r]->evaluate(region_prices, demand_[r]);
    for (std::size_t a = 0; a < demand_[r].active.size(); ++a) {
      sales_[first + demand_[r].active[a]] = demand_[r].sales[a];
    }
  }
  return sales_;
}

// The problem ---------------------------------------------------------------------------------

void PricingGame::set_up(const MarketView& market, std::span<const double> start,
                         std::span<const std::uint8_t> moves) {
  const std::size_t listings = market.listings.size();
  TOLLGATE_CHECK(start.size() == listings && moves.size() == listings, "a value for each listing");
  first_listing_.assign(1, 0);
  for (const DemandSystem* region : market.regions) {
    first_listing_.push_back(first_listing_.back() + region->products());
  }
  TOLLGATE_CHECK(first_listing_.back() == listings, "a listing for each product of each region");
  if (demand_.size() < market.regions.size()) demand_.resize(market.regions.size());
  if (moves.data() != moves_.data()) moves_.assign(moves.begin(), moves.end());
  prices_.assign(start.begin(), start.end());
  is_offered_.assign(listings, 1);
  is_active_.assign(listings, 0);
  withdrawn_at_.assign(listings, kInfinity);
  lead_of_.assign(listings, 1);
  for (auto* values : {&sales_, &own_, &response_, &margin_, &pressure_})
    values->assign(listings, 0);
  firms_.resize(listings);
  moving_.clear();
  for (std::size_t l = 0; l < listings; ++l) {
    const Listing& listing = market.listings[l];
    TOLLGATE_CHECK(listing.levy >= 0 && listing.levy < 1, "a levy in [0, 1)");
    TOLLGATE_CHECK(listing.unit_cost >= 0 && listing.floor >= 0, "costs are not negative");
    TOLLGATE_CHECK(listing.ceiling > 0 && start[l] > 0, "prices are positive");
    TOLLGATE_CHECK(listing.pool < market.capacities.size(), "a pool of this market");
    firms_[l] = listing.firm;
    if (moves_[l] != 0) {
      moving_.push_back(static_cast<std::uint32_t>(l));
    } else if (std::isinf(start[l])) {
      is_offered_[l] = 0;
    }
  }
}

void PricingGame::withdraw_hopeless_listings(const MarketView& market) {
  for (const std::uint32_t l : moving_) {
    const Listing& listing = market.listings[l];
    if (threshold(listing) < listing.floor || market.capacities[listing.pool] == 0) {
      is_offered_[l] = 0;
    }
  }
}

void PricingGame::find_shortages(const MarketView& market) {
  shortages_.clear();
  unknown_of_pool_.assign(market.capacities.size(), kNone);
  for (const std::uint32_t l : moving_) {
    const Listing& listing = market.listings[l];
    const double capacity = market.capacities[listing.pool];
    TOLLGATE_CHECK(capacity >= 0, "capacities are not negative");
    if (is_offered_[l] == 0 || std::isinf(capacity)) continue;
    std::uint32_t& unknown = unknown_of_pool_[listing.pool];
    if (unknown == kNone) {
      unknown = static_cast<std::uint32_t>(moving_.size() + shortages_.size());
      shortages_.push_back({.pool = listing.pool, .capacity = capacity, .base = listing.floor});
    }
    Shortage& shortage = shortages_[unknown - moving_.size()];
    shortage.base = std::min(shortage.base, listing.floor);
  }
  for (Shortage& shortage : shortages_) shortage.lowest = shortage.base;
}

/// What does not bear on any condition is computed once: prices that are given, of firms that do
/// not move in the region and of pools nobody moves.
void PricingGame::fold_given_prices(const MarketView& market) {
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    const std::size_t end = first_listing_[r + 1];
    for (std::size_t l = first_listing_[r]; l < end; ++l) {
      is_active_[l] = moves_[l] != 0 || unknown_of_pool_[market.listings[l].pool] != kNone;
      for (std::size_t k = first_listing_[r]; k < end && is_active_[l] == 0; ++k) {
        is_active_[l] = moves_[k] != 0 && firms_[k] == firms_[l];
      }
    }
    const std::size_t first = first_listing_[r];
    market.regions[r]->fold_rest(std::span(prices_).subspan(first, end - first),
                                 std::span(is_active_).subspan(first, end - first), demand_[r]);
  }
}

void PricingGame::start_unknowns(const MarketView& market) {
  const std::size_t size = moving_.size() + shortages_.size();
  for (auto* values :
       {&point_, &image_, &next_, &best_point_, &best_image_, &least_point_, &scale_, &lead_}) {
    values->resize(size);
  }
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const Listing& listing = market.listings[moving_[i]];
    const double cost = (listing.unit_cost + listing.floor) / kept(listing);
    double price = prices_[moving_[i]];
    if (std::isinf(price)) price = cost > 0 ? 1.5 * cost : 1;
    price = std::min(std::max(price, cost), listing.ceiling);
    point_[i] = price;
    scale_[i] = price;
    lead_[i] = 1;
  }
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    Shortage& shortage = shortages_[s];
    shortage.scale = 0;
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      const Listing& listing = market.listings[moving_[i]];
      if (listing.pool != shortage.pool) continue;
      shortage.scale = std::max(shortage.scale, kept(listing) * point_[i]);
    }
    point_[moving_.size() + s] = shortage.lowest;
    scale_[moving_.size() + s] = shortage.scale;
    lead_[moving_.size() + s] = 1;
  }
}

// Withdrawal ----------------------------------------------------------------------------------

void PricingGame::select_offered(const MarketView& market) {
  for (std::size_t r = 0; r < market.regions.size(); ++r) {
    const std::size_t first = first_listing_[r];
    const std::size_t count = first_listing_[r + 1] - first;
    selected_.resize(count);
    for (std::size_t j = 0; j < count; ++j) {
      selected_[j] = is_active_[first + j] != 0 && is_offered_[first + j] != 0;
    }
    market.regions[r]->select(selected_, std::span(firms_).subspan(first, count), demand_[r]);
  }
}

void PricingGame::bound_shadow_prices(const MarketView& market) {
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    Shortage& shortage = shortages_[s];
    shortage.highest = kInfinity;
    for (const std::uint32_t l : moving_) {
      if (is_offered_[l] == 0 || market.listings[l].pool != shortage.pool) continue;
      shortage.highest = std::min(shortage.highest, threshold(market.listings[l]));
    }
    if (shortage.is_settled) shortage.highest = shortage.lowest;
    double& mu = point_[moving_.size() + s];
    mu = std::clamp(mu, shortage.lowest, shortage.highest);
  }
}

/// After the conditions hold for what is offered: withdraws what goes short at its ceiling if
/// something else of the pool may take its place, and takes that back if then supply is left over.
/// True when anything changed.
bool PricingGame::withdraw_or_restore(const MarketView& market, double tolerance) {
  bool is_changed = false;
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    Shortage& shortage = shortages_[s];
    if (shortage.is_settled) continue;
    const double mu = point_[moving_.size() + s];
    const double excess = shortage.sales / shortage.capacity - 1;
    const bool was_withdrawn = shortage.lowest > shortage.base;
    if (mu == shortage.highest && excess > tolerance) {
      bool has_others = false;
      for (const std::uint32_t l : moving_) {
        has_others |= is_offered_[l] != 0 && market.listings[l].pool == shortage.pool &&
                      threshold(market.listings[l]) > mu;
      }
      if (!has_others) continue;  // the last ones go short
      for (const std::uint32_t l : moving_) {
        if (is_offered_[l] == 0 || market.listings[l].pool != shortage.pool) continue;
        if (threshold(market.listings[l]) > mu) continue;
        is_offered_[l] = 0;
        withdrawn_at_[l] = mu;
        sales_[l] = 0;
      }
      shortage.lowest = mu;
      is_changed = true;
    } else if (was_withdrawn && mu == shortage.lowest && excess < -tolerance) {
      for (const std::uint32_t l : moving_) {
        if (market.listings[l].pool == shortage.pool && withdrawn_at_[l] == mu) is_offered_[l] = 1;
      }
      shortage.is_settled = true;
      is_changed = true;
    }
  }
  return is_changed;
}

// The conditions ------------------------------------------------------------------------------

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
      margin_[l] = kept(listing) * prices_[l] - (listing.unit_cost + shadow_price(listing, point));
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
      const double response = response_[l] * lead_of_[l] / kept(listing);
      shortage.all_response += response;
      if (prices_[l] >= listing.ceiling) continue;
      shortage.response += response;
      if (!(own_[l] < 0)) continue;
      const double cost = kept(listing) * prices_[l] - margin_[l];
      const double next_price = std::min(answer(listing, l, cost), listing.ceiling);
      shortage.move -= response_[l] * lead_of_[l] * (next_price - prices_[l]);
    }
  }
}

/// The zeta map: the price at which the condition of listing l would hold if its derivatives and
/// all else in it stayed. `cost` includes the shadow price.
double PricingGame::answer(const Listing& listing, std::size_t l, double cost) const {
  const double keep = kept(listing);
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
        margin_[l] / kept(market.listings[l]) * (demand.cross_change[a] - cross * change) / own +
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
    const double keep = kept(listing);
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
    const double least = (listing.unit_cost + shadow_price(listing, to)) / kept(listing);
    price = std::clamp(price, std::max(least, from[i] / kLargestStep),
                       std::max(least, from[i] * kLargestStep));
    price = std::min({price, listing.ceiling, kHighestPrice});
  }
}

// The answer ----------------------------------------------------------------------------------

void PricingGame::report(const MarketView& market, std::span<const double> start,
                         double tolerance) {
  const std::size_t listings = market.listings.size();
  result_.prices.assign(start.begin(), start.end());
  result_.sales.resize(listings);
  result_.is_withdrawn.assign(listings, 0);
  result_.shadow_prices.assign(market.capacities.size(), 0);
  result_.is_rationed.assign(market.capacities.size(), 0);
  for (std::size_t l = 0; l < listings; ++l) {
    const bool is_known = is_active_[l] != 0 && is_offered_[l] != 0;
    result_.sales[l] = is_known              ? sales_[l]
                       : is_offered_[l] != 0 ? std::numeric_limits<double>::quiet_NaN()
                                             : 0.0;
  }
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const std::uint32_t l = moving_[i];
    result_.prices[l] = is_offered_[l] != 0 ? point_[i] : kInfinity;
    result_.is_withdrawn[l] = is_offered_[l] == 0;
    // A pool of nothing: one more unit would be worth the best ceiling.
    const Listing& listing = market.listings[l];
    if (market.capacities[listing.pool] == 0) {
      double& value = result_.shadow_prices[listing.pool];
      value = std::max(value, threshold(listing));
    }
  }
  for (std::size_t s = 0; s < shortages_.size(); ++s) {
    const Shortage& shortage = shortages_[s];
    const double mu = point_[moving_.size() + s];
    const double excess = shortage.sales / shortage.capacity - 1;
    const bool is_slack = mu <= shortage.base && excess < -tolerance;
    result_.shadow_prices[shortage.pool] = is_slack ? 0 : mu;
    result_.is_rationed[shortage.pool] = mu >= shortage.highest && excess > tolerance;
    if (shortage.is_settled && excess < -tolerance) {
      // Settled as short, and then another pool's withdrawal changed that: two pools chase each
      // other, and no combination of withdrawals tried satisfies both.
      result_.converged = false;
      result_.residual = std::max(result_.residual, -excess);
    }
  }
}

}  // namespace tollgate
