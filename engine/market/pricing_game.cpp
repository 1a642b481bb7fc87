#include "engine/market/pricing_game.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Net margin at the ceiling: the shadow price at which the listing is withdrawn.
double threshold(const Listing& listing) {
  return listing.kept() * listing.ceiling - listing.unit_cost;
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
    const double cost = (listing.unit_cost + listing.floor) / listing.kept();
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
      shortage.scale = std::max(shortage.scale, listing.kept() * point_[i]);
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
