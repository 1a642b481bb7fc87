/// Markets drawn at random for the tests and benchmarks of the pricing game.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/market/pricing_game.hpp"

namespace tollgate::test {

/// One region: everything that a `MarketView` points to, and what the demand was made of.
struct RandomMarket {
  struct Type {
    double log_outside;
    std::vector<std::uint8_t> nests;  ///< by product
    std::vector<PriceUtility> utilities;
    std::vector<double> units;
  };
  DemandSystem demand;
  double similarity = 0;
  std::vector<Type> types;
  std::vector<const DemandSystem*> regions;
  std::vector<Listing> listings;
  std::vector<double> capacities;
  std::vector<double> start;

  [[nodiscard]] MarketView view() const {
    return {.regions = regions, .listings = listings, .capacities = capacities};
  }
};

struct RandomMarketShape {
  std::size_t products = 20;
  std::size_t firms = 10;  ///< product j belongs to firm j modulo this
  std::size_t types = 200;
  double offered = 0.9;           ///< probability that a type can have a product
  double lowest_sensitivity = 2;  ///< elasticity at the reference price, about; highest 6
  double taste = 0.5;             ///< utilities differ by up to this between types
  double short_pools = 0.5;       ///< probability that a product's supply is limited
};

/// Curvature uniform on [0, 1], similarity on [0, 0.8], levies on [0, 0.4] for half of the
/// products, costs of some thousand USD, two segments with opposite nests, buyers whose
/// elasticities at prices of 10,000 USD lie about between 2 and 8. The start is 1.5 times the unit
/// cost.
inline void draw_market(const RandomMarketShape& shape, Stream& stream, RandomMarket& market) {
  constexpr double kReferencePrice = 10'000;
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * draw_uniform(stream);
  };
  const double curvature = uniform(0, 1);
  market.similarity = uniform(0, 0.8);
  market.demand.reset(shape.products, curvature, market.similarity);
  market.types.resize(shape.types);
  market.listings.clear();
  market.capacities.clear();
  market.start.clear();
  std::vector<double> quality(shape.products);
  std::vector<std::uint8_t> nests(shape.products);
  std::vector<std::uint8_t> opposite_nests(shape.products);
  for (std::size_t j = 0; j < shape.products; ++j) {
    Listing listing;
    listing.firm = static_cast<std::uint32_t>(j % shape.firms);
    listing.pool = static_cast<std::uint32_t>(j);
    listing.unit_cost = uniform(2'000, 8'000);
    listing.levy = draw_bernoulli(0.5, stream) ? uniform(0, 0.4) : 0;
    market.listings.push_back(listing);
    market.capacities.push_back(draw_bernoulli(shape.short_pools, stream)
                                    ? uniform(20, 2'000)
                                    : std::numeric_limits<double>::infinity());
    market.start.push_back(1.5 * listing.unit_cost);
    quality[j] = uniform(-1, 1);
    nests[j] = draw_bernoulli(0.5, stream) ? 1 : 0;
    opposite_nests[j] = 1 - nests[j];
  }
  for (std::size_t i = 0; i < shape.types; ++i) {
    if (i == 0) market.demand.add_segment(nests);
    if (i == shape.types / 2) market.demand.add_segment(opposite_nests);
    RandomMarket::Type& made_of = market.types[i];
    made_of.nests = i < shape.types / 2 ? nests : opposite_nests;
    made_of.utilities.clear();
    made_of.units.clear();
    made_of.log_outside = uniform(-1, 1);
    const std::size_t type = market.demand.add_type(made_of.log_outside);
    const double alpha = uniform(shape.lowest_sensitivity, 6);
    const double mass = uniform(0, 200);
    for (std::size_t j = 0; j < shape.products; ++j) {
      const double throughput = uniform(0.5, 1.5);
      PriceUtility utility =
          fold_price_multiplier(alpha, curvature, quality[j] + uniform(-shape.taste, shape.taste),
                                1 / (throughput * kReferencePrice));
      if (!draw_bernoulli(shape.offered, stream)) {
        utility.attraction = -std::numeric_limits<double>::infinity();
      }
      made_of.utilities.push_back(utility);
      made_of.units.push_back(mass / throughput);
      market.demand.offer(type, j, utility, mass / throughput);
    }
  }
  market.regions.assign(1, &market.demand);
}

}  // namespace tollgate::test
