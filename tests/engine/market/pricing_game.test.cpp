#include "engine/market/pricing_game.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/math/special_functions/lambert_w.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <limits>

#include "engine/kernel/draws.hpp"
#include "tests/allocations.hpp"
#include "tests/engine/market/random_markets.hpp"

using namespace tollgate;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNever = -kInfinity;
constexpr PricingOptions kExact = {.tolerance = 1e-13, .max_iterations = 300};

/// One type of buyers that would buy `units` each of as many equal products as there are listings.
struct OneType {
  std::vector<Listing> listings;
  double attraction = 0;
  double slope = 0;
  double curvature = 1;
  double log_outside = 0;
  double units = 1'000;
  std::vector<double> capacities = {kInfinity};

  PricingGame game{};
  DemandSystem demand{};
  std::vector<double> start{};

  const PricingResult& nash(const PricingOptions& options = kExact) {
    demand.reset(listings.size(), curvature, 0);
    demand.add_segment(std::vector<std::uint8_t>(listings.size(), 0));
    const std::size_t type = demand.add_type(log_outside);
    start.clear();
    for (std::size_t j = 0; j < listings.size(); ++j) {
      demand.offer(type, j, {.attraction = attraction, .slope = slope}, units);
      start.push_back(2 * listings[j].unit_cost + 1);
    }
    const std::array regions = {static_cast<const DemandSystem*>(&demand)};
    return game.nash({.regions = regions, .listings = listings, .capacities = capacities}, start,
                     options);
  }

  /// Share of one of the products when all cost `price`.
  [[nodiscard]] double share(double price) const {
    const double v = attraction - slope * (curvature == 1 ? price - 1 : std::log(price));
    return std::exp(v) /
           (std::exp(log_outside) + static_cast<double>(listings.size()) * std::exp(v));
  }
};

/// Linear logit: V = attraction - slope (p - 1), so that the constant belongs to the exponent too.
double lambert_w_of_cost(const OneType& market, double cost, double products) {
  return boost::math::lambert_w0(products * std::exp(market.attraction + market.slope -
                                                     market.slope * cost - 1 - market.log_outside));
}

double largest_error(std::span<const double> found, double expected) {
  double error = 0;
  for (const double x : found) error = std::max(error, std::abs(x / expected - 1));
  return error;
}

template <class Function>
double root(const Function& f, double low, double high) {
  std::uintmax_t iterations = 200;
  const auto bracket = boost::math::tools::toms748_solve(
      f, low, high, boost::math::tools::eps_tolerance<double>(52), iterations);
  return 0.5 * (bracket.first + bracket.second);
}

/// What the firm earns over its listings at these prices, given what its supply is worth to it.
double profit(PricingGame& game, const MarketView& market, std::span<const double> prices,
              std::span<const double> shadow_prices, std::uint32_t firm) {
  const std::span<const double> sales = game.sales_at(market, prices);
  double sum = 0;
  for (std::size_t l = 0; l < prices.size(); ++l) {
    const Listing& listing = market.listings[l];
    if (listing.firm != firm) continue;
    const double cost = listing.unit_cost + std::max(listing.floor, shadow_prices[listing.pool]);
    sum += ((1 - listing.levy) * prices[l] - cost) * sales[l];
  }
  return sum;
}

}  // namespace

TEST_CASE("a linear-logit monopoly charges the Lambert-W price, with and without levy") {
  for (const double levy : {0.0, 0.15, 0.25, 0.6}) {
    for (const double attraction : {-3.0, 0.0, 6.0}) {
      OneType market{.listings = {{.unit_cost = 4, .levy = levy}}};
      market.attraction = attraction;
      market.slope = 0.7;
      market.log_outside = 0.3;
      const PricingResult& found = market.nash();
      const double cost = 4 / (1 - levy);
      const double expected = cost + (1 + lambert_w_of_cost(market, cost, 1)) / market.slope;
      CHECK(found.converged);
      CHECK(largest_error(found.prices, expected) < 1e-10);
    }
  }
}

TEST_CASE("a linear-logit monopoly of five equal products charges one Lambert-W mark-up on all") {
  OneType market{.listings = std::vector<Listing>(5, {.unit_cost = 3, .levy = 0.25})};
  market.attraction = 2;
  market.slope = 0.5;
  const PricingResult& found = market.nash();
  const double expected = 4 + (1 + lambert_w_of_cost(market, 4, 5)) / market.slope;
  CHECK(found.converged);
  CHECK(largest_error(found.prices, expected) < 1e-10);
}

TEST_CASE("a symmetric linear-logit oligopoly charges the generalised Lambert-W price") {
  // With x = slope (p - m), FOC x = 1 / (1 - share) becomes y e^y + (F - 1) z y = z for y = x - 1
  // and z as in the monopoly's W(z): the r-Lambert function. Equally y is the Lambert W of z over
  // what buyers get from rivals and outside.
  for (const std::size_t firms : {2, 3, 10}) {
    for (const double levy : {0.0, 0.25}) {
      OneType market{.listings = std::vector<Listing>(firms, {.unit_cost = 3, .levy = levy})};
      for (std::size_t f = 0; f < firms; ++f) {
        market.listings[f].firm = static_cast<std::uint32_t>(f);
      }
      market.attraction = 2.5;
      market.slope = 0.5;
      const double cost = 3 / (1 - levy);
      const double z = std::exp(market.attraction + market.slope - market.slope * cost - 1);
      const double rivals = static_cast<double>(firms) - 1;
      const double y =
          root([&](double t) { return t * std::exp(t) + rivals * z * t - z; }, 0.0, z + 1);
      CHECK(y == doctest::Approx(boost::math::lambert_w0(z / (1 + rivals * z * std::exp(-y))))
                     .epsilon(1e-12));
      const PricingResult& found = market.nash();
      CHECK(found.converged);
      CHECK(largest_error(found.prices, cost + (1 + y) / market.slope) < 1e-10);
    }
  }
}

TEST_CASE("with constant elasticity and a negligible share the mark-up is eta / (eta - 1)") {
  // The share is below e^-30 = 1e-13, and so is the relative deviation from the limit.
  for (const double eta : {1.2, 2.0, 6.0}) {
    double without = 0;
    for (const double levy : {0.0, 0.25, 0.5}) {
      OneType market{.listings = {{.unit_cost = 5, .levy = levy}}};
      market.curvature = 0;
      market.slope = eta;
      market.log_outside = 30;
      const PricingResult& found = market.nash();
      CHECK(found.converged);
      CHECK(largest_error(found.prices, eta / (eta - 1) * 5 / (1 - levy)) < 1e-10);
      // The levy is passed on more than one for one: the price is that without it over 1 - tau.
      if (levy == 0) without = found.prices[0];
      CHECK(found.prices[0] * (1 - levy) == doctest::Approx(without).epsilon(1e-10));
    }
  }
}

TEST_CASE("a monopoly with constant elasticity solves (p - m) / p * eta (1 - share) = 1") {
  for (const double levy : {0.0, 0.3}) {
    OneType market{.listings = {{.unit_cost = 5, .levy = levy}}};
    market.curvature = 0;
    market.attraction = 6;
    market.slope = 2.5;
    const PricingResult& found = market.nash();
    const double cost = 5 / (1 - levy);
    const double expected =
        root([&](double p) { return (p - cost) / p * market.slope * (1 - market.share(p)) - 1; },
             cost, 100 * cost);
    CHECK(found.converged);
    CHECK(largest_error(found.prices, expected) < 1e-10);
  }
}

TEST_CASE("the pass-through of a levy equals the analytic derivative") {
  // p = m + (1 + W(z(m))) / slope with m = c / (1 - tau): dp/dm = 1 / (1 + W), dm/dtau = m / (1 -
  // tau).
  for (const double levy : {0.05, 0.25, 0.5}) {
    OneType market{.listings = {{.unit_cost = 4, .levy = levy}}};
    market.attraction = 3;
    market.slope = 0.4;
    const double cost = 4 / (1 - levy);
    const double expected = cost / (1 - levy) / (1 + lambert_w_of_cost(market, cost, 1));
    const double h = 1e-4;  // truncation of order h^2 = 1e-8, noise of order 1e-13 / h = 1e-9
    market.listings[0].levy = levy + h;
    const double above = market.nash().prices[0];
    market.listings[0].levy = levy - h;
    const double below = market.nash().prices[0];
    CHECK((above - below) / (2 * h) == doctest::Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("a duty t on top and a levy t / (1 + t) give the same outlay and the same net proceeds") {
  Stream stream(1, 0, 0, 0);
  for (const double curvature : {0.0, 0.5, 1.0}) {
    const double duty = 0.25;
    std::array<DemandSystem, 2> demand;  // duty, levy
    std::array<std::vector<Listing>, 2> listings;
    for (std::size_t d = 0; d < 2; ++d) {
      demand[d].reset(4, curvature, 0.5);
      demand[d].add_segment(std::array<std::uint8_t, 4>{0, 0, 1, 1});
    }
    for (std::uint32_t j = 0; j < 4; ++j) {
      listings[0].push_back({.firm = j / 2, .unit_cost = 3'000.0 + 1'000 * j});
      listings[1].push_back(listings[0].back());
      listings[1].back().levy = duty / (1 + duty);
    }
    for (int i = 0; i < 30; ++i) {
      const double alpha = 2 + 3 * draw_uniform(stream);
      for (std::size_t d = 0; d < 2; ++d) demand[d].add_type(0);
      for (std::size_t j = 0; j < 4; ++j) {
        const double quality = draw_uniform(stream);
        const double multiplier = 1 / (5'000 + 5'000 * draw_uniform(stream));
        const auto type = demand[0].types() - 1;
        demand[0].offer(
            type, j, fold_price_multiplier(alpha, curvature, quality, (1 + duty) * multiplier), 1);
        demand[1].offer(type, j, fold_price_multiplier(alpha, curvature, quality, multiplier), 1);
      }
    }
    std::array<std::vector<double>, 2> prices;
    for (std::size_t d = 0; d < 2; ++d) {
      PricingGame game;
      const std::array regions = {static_cast<const DemandSystem*>(&demand[d])};
      const std::array capacities = {kInfinity};
      const std::vector<double> start(4, 8'000);
      const PricingResult& found =
          game.nash({.regions = regions, .listings = listings[d], .capacities = capacities}, start,
                    {.tolerance = 1e-12});
      REQUIRE(found.converged);
      prices[d] = found.prices;
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const double net = prices[0][j];
      CHECK(prices[1][j] == doctest::Approx((1 + duty) * net).epsilon(1e-10));
      CHECK(prices[1][j] * (1 - listings[1][j].levy) == doctest::Approx(net).epsilon(1e-10));
    }
  }
}

TEST_CASE("a levy of one half at cost c gives the prices of no levy at cost 2 c, bit for bit") {
  // Halving is exact, so all that the levy does cancels without a trace. Half the shadow price,
  // too.
  test::RandomMarket market;
  PricingGame game{};
  for (std::uint32_t replica = 0; replica < 5; ++replica) {
    Stream stream(2, replica, 0, 0);
    draw_market({.products = 8, .firms = 4, .types = 40}, stream, market);
    for (Listing& listing : market.listings) listing.levy = 0;
    const PricingResult without = game.nash(market.view(), market.start);
    for (Listing& listing : market.listings) {
      listing.levy = 0.5;
      listing.unit_cost /= 2;
    }
    const PricingResult with = game.nash(market.view(), market.start);
    CHECK(with.prices == without.prices);
    CHECK(with.sales == without.sales);
    for (std::size_t l = 0; l < 8; ++l) {
      CHECK(2 * with.shadow_prices[l] == without.shadow_prices[l]);
    }
  }
}

TEST_CASE("1,000 random markets: conditions hold, supply suffices, nobody gains by deviating") {
  constexpr std::uint32_t kMarkets = 1'000;
  constexpr std::uint32_t kMarketsWithDeviations = 20;
  test::RandomMarket market;
  PricingGame game{};
  PricingGame deviation;
  std::uint32_t not_converged = 0;
  std::size_t binding = 0;
  double worst_residual = 0;
  double largest_gain = -kInfinity;
  long long evaluations = 0;
  for (std::uint32_t replica = 0; replica < kMarkets; ++replica) {
    Stream stream(1, replica, 0, hash_name("market"));
    draw_market({}, stream, market);
    const MarketView view = market.view();
    const PricingResult& found = game.nash(view, market.start, {.tolerance = 1e-9});
    evaluations += found.evaluations;
    if (!found.converged) {
      ++not_converged;
      continue;
    }
    worst_residual = std::max(worst_residual, found.residual);
    for (std::size_t l = 0; l < market.listings.size(); ++l) {
      const double excess = found.sales[l] / market.capacities[l] - 1;
      const double mu = found.shadow_prices[l];
      REQUIRE(excess < 1e-9);
      REQUIRE((mu == 0 || std::abs(excess) < 1e-9));
      REQUIRE(mu >= 0);
      if (mu > 0) ++binding;
    }
    if (replica >= kMarketsWithDeviations) continue;
    std::vector<double> prices = found.prices;
    for (std::size_t l = 0; l < prices.size(); ++l) {
      const std::uint32_t firm = market.listings[l].firm;
      const double best = profit(deviation, view, prices, found.shadow_prices, firm);
      for (const double factor : {0.5, 0.8, 0.95, 0.99, 1.01, 1.05, 1.2, 1.5, 2.0, 4.0}) {
        prices[l] = factor * found.prices[l];
        const double other = profit(deviation, view, prices, found.shadow_prices, firm);
        largest_gain = std::max(largest_gain, other / best - 1);
      }
      prices[l] = found.prices[l];
    }
  }
  MESSAGE(kMarkets << " markets of 20 products, 10 firms, 200 types: " << not_converged
                   << " not converged, worst residual " << worst_residual << ", "
                   << static_cast<double>(evaluations) / kMarkets << " evaluations each, "
                   << binding << " capacities bind");
  CHECK(not_converged == 0);
  CHECK(worst_residual < 1e-9);
  CHECK(largest_gain < 0);
  CHECK(binding > kMarkets);
}

TEST_CASE(
    "harsh random markets: very different buyers, some nearly inelastic, few do not converge") {
  // Profits with several peaks, solutions far from the start: here extrapolation fails, and the
  // damped stretches and Newton's method have to do it.
  constexpr std::uint32_t kMarkets = 150;
  test::RandomMarket market;
  PricingGame game;
  std::uint32_t not_converged = 0;
  std::uint32_t by_newton = 0;
  std::uint32_t long_ways = 0;
  for (std::uint32_t replica = 0; replica < kMarkets; ++replica) {
    Stream stream(6, replica, 0, hash_name("harsh market"));
    draw_market({.products = 12,
                 .firms = 4,
                 .types = 30,
                 .lowest_sensitivity = 1,
                 .taste = 3,
                 .short_pools = 0.3},
                stream, market);
    const PricingResult& found = game.nash(market.view(), market.start);
    CHECK(found.converged == (found.residual <= PricingOptions{}.tolerance));
    if (!found.converged) ++not_converged;
    // Differences take evaluations that are not iterations.
    if (found.converged && found.evaluations > found.iterations + 1) ++by_newton;
    if (found.converged && found.iterations > 60) ++long_ways;
  }
  MESSAGE(kMarkets << " harsh markets: " << not_converged << " not converged, " << by_newton
                   << " with the help of Newton's method, " << long_ways << " after 60 iterations");
  CHECK(not_converged <= 2);
  CHECK(by_newton > 0);
  CHECK(long_ways > 0);
}

TEST_CASE("a binding capacity is sold to the last unit, at the price that buyers pay for it") {
  OneType market{.listings = {{.unit_cost = 4, .levy = 0.25}}};
  market.attraction = 3;
  market.slope = 0.5;
  market.capacities = {200};  // of 1,000 buyers
  const PricingResult& found = market.nash();
  REQUIRE(found.converged);
  CHECK(found.sales[0] == doctest::Approx(200).epsilon(1e-9));
  // share = 1/5: V - log_outside = log(1/4). And (1 - tau) (p - 1 / (slope (1 - share))) = c + mu.
  const double price = 1 + (market.attraction + std::log(4)) / market.slope;
  CHECK(found.prices[0] == doctest::Approx(price).epsilon(1e-9));
  const double mu = 0.75 * (price - 1 / (market.slope * 0.8)) - 4;
  REQUIRE(mu > 0);
  CHECK(found.shadow_prices[0] == doctest::Approx(mu).epsilon(1e-9));
  CHECK_FALSE(found.is_rationed[0]);

  market.capacities = {900};
  const double slack_price = market.nash().prices[0];
  CHECK(market.game.nash({}, {}).converged);  // nobody and nothing: no conditions to fail
  CHECK(market.nash().shadow_prices[0] == 0);
  market.capacities = {kInfinity};
  CHECK(market.nash().prices[0] == doctest::Approx(slack_price).epsilon(1e-12));
}

TEST_CASE("what a unit earns elsewhere is a cost, and sets mu free only above it") {
  OneType market{.listings = {{.unit_cost = 3, .floor = 2}}};
  market.attraction = 3;
  market.slope = 0.5;
  const PricingResult& found = market.nash();
  const double expected = 5 + (1 + lambert_w_of_cost(market, 5, 1)) / market.slope;
  CHECK(largest_error(found.prices, expected) < 1e-10);
  // Supply is short only of what would be sold without the alternative: no shadow price.
  const double sales = found.sales[0];
  market.capacities = {1.01 * sales};
  CHECK(market.nash().shadow_prices[0] == 0);
  CHECK(largest_error(market.nash().prices, expected) < 1e-10);
  market.capacities = {0.5 * sales};
  CHECK(market.nash().shadow_prices[0] > 2);
  CHECK(market.nash().sales[0] == doctest::Approx(0.5 * sales).epsilon(1e-9));
}

namespace {

/// One chip at home and in a taxed region, from one pool.
struct TwoRegions {
  std::array<DemandSystem, 2> demand;
  std::array<const DemandSystem*, 2> regions = {&demand[0], &demand[1]};
  std::array<Listing, 2> listings;  // home, taxed
  std::array<double, 1> capacities = {kInfinity};
  std::array<double, 2> start = {8, 8};
  PricingGame game{};

  explicit TwoRegions(double levy) {
    for (DemandSystem& region : demand) {
      region.reset(1, 1, 0);
      region.add_segment(std::array<std::uint8_t, 1>{0});
      region.offer(region.add_type(0), 0, {.attraction = 6, .slope = 0.4}, 1'000);
    }
    for (Listing& listing : listings) listing.unit_cost = 4;
    listings[1].levy = levy;
  }
  const PricingResult& nash() {
    return game.nash({.regions = regions, .listings = listings, .capacities = capacities}, start,
                     {.tolerance = 1e-11});
  }
};

}  // namespace

TEST_CASE("two regions share a short pool at one shadow price") {
  TwoRegions market(0.25);
  market.capacities = {600};
  const PricingResult& found = market.nash();
  REQUIRE(found.converged);
  CHECK(found.sales[0] + found.sales[1] == doctest::Approx(600).epsilon(1e-9));
  for (std::size_t l = 0; l < 2; ++l) {
    const double keep = 1 - market.listings[l].levy;
    const double cost = (4 + found.shadow_prices[0]) / keep;
    const double share = found.sales[l] / 1'000;
    CHECK(found.prices[l] == doctest::Approx(cost + 1 / (0.4 * (1 - share))).epsilon(1e-9));
  }
  CHECK(found.sales[1] < found.sales[0]);
}

TEST_CASE("in shortage the levy is passed on whole, or the sale is lost") {
  TwoRegions market(0.25);
  market.capacities = {500};
  market.listings[0].ceiling = 10;  // 1,000 buyers want nearly 900 at that
  SUBCASE("the taxed price may just reach the home price over 1 - tau") {
    market.listings[1].ceiling = 10 / 0.75;
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.is_rationed[0]);
    CHECK(found.prices[0] == 10);
    CHECK(found.prices[1] == doctest::Approx(found.prices[0] / 0.75).epsilon(1e-14));
    CHECK(found.shadow_prices[0] == doctest::Approx(6).epsilon(1e-14));
    CHECK_FALSE(found.is_withdrawn[1]);
  }
  SUBCASE("it may not, and then the chip is not sold there") {
    market.listings[1].ceiling = 10 / 0.75 - 0.01;
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.is_rationed[0]);
    CHECK(found.prices[0] == 10);
    CHECK(found.is_withdrawn[1]);
    CHECK(std::isinf(found.prices[1]));
    CHECK(found.sales[1] == 0);
    CHECK(found.shadow_prices[0] == doctest::Approx(6).epsilon(1e-14));
  }
  SUBCASE("without a ceiling there it is sold for more, and home goes short") {
    market.capacities = {700};
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.is_rationed[0]);
    CHECK(found.prices[0] == 10);
    CHECK(found.prices[1] > 10 / 0.75);
    CHECK(found.shadow_prices[0] == doctest::Approx(6).epsilon(1e-14));
    CHECK(found.sales[1] < 700);
    CHECK_FALSE(found.is_withdrawn[0]);
  }
  SUBCASE("where that takes all there is, home is withdrawn") {
    market.capacities = {100};
    market.listings[1].ceiling = 100;
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.is_withdrawn[0]);
    CHECK_FALSE(found.is_rationed[0]);
    CHECK(found.sales[1] == doctest::Approx(100).epsilon(1e-9));
    CHECK(found.shadow_prices[0] > 6);
  }
  SUBCASE("enough for both: neither is short, and no shadow price") {
    market.capacities = {2'000};
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.shadow_prices[0] == 0);
    CHECK_FALSE(found.is_withdrawn[1]);
  }
}

TEST_CASE("a price that wants to rise stops at its ceiling") {
  // Elasticity below 1: every higher price earns more.
  OneType market{.listings = {{.unit_cost = 5, .ceiling = 400}}};
  market.curvature = 0;
  market.slope = 0.8;
  market.log_outside = 30;
  const PricingResult& found = market.nash();
  CHECK(found.converged);
  CHECK(found.prices[0] == 400);
  CHECK(found.residual == 0);

  market.listings[0].ceiling = kInfinity;
  CHECK_FALSE(market.nash().converged);
  CHECK(market.nash().residual > 0.1);
}

TEST_CASE("a best response leaves rivals where they are, and Nash prices answer each other") {
  test::RandomMarket market;
  Stream stream(3, 0, 0, 0);
  draw_market({.products = 12, .firms = 4, .types = 60}, stream, market);
  PricingGame game{};
  const PricingResult equilibrium = game.nash(market.view(), market.start, kExact);
  REQUIRE(equilibrium.converged);
  for (std::uint32_t firm = 0; firm < 4; ++firm) {
    // From elsewhere, so that it has to find the way.
    std::vector<double> prices = equilibrium.prices;
    for (std::size_t l = firm; l < prices.size(); l += 4) prices[l] = market.start[l];
    const PricingResult& found = game.best_response(market.view(), prices, firm, kExact);
    REQUIRE(found.converged);
    for (std::size_t l = 0; l < prices.size(); ++l) {
      if (market.listings[l].firm == firm) {
        CHECK(found.prices[l] == doctest::Approx(equilibrium.prices[l]).epsilon(1e-9));
        CHECK(found.sales[l] == doctest::Approx(equilibrium.sales[l]).epsilon(1e-9));
      } else {
        CHECK(found.prices[l] == prices[l]);
        CHECK(std::isnan(found.sales[l]));
      }
    }
  }
  const std::span<const double> sales = game.sales_at(market.view(), equilibrium.prices);
  for (std::size_t l = 0; l < sales.size(); ++l) {
    CHECK(sales[l] == doctest::Approx(equilibrium.sales[l]).epsilon(1e-13));
  }
}

TEST_CASE("obvious answers: nothing to sell, nobody to sell to, nobody who can have it") {
  OneType market{.listings = {{.unit_cost = 4, .ceiling = 50}}};
  market.attraction = 3;
  market.slope = 0.5;
  SUBCASE("no supply") {
    market.capacities = {0};
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.is_withdrawn[0]);
    CHECK(found.sales[0] == 0);
    CHECK(found.shadow_prices[0] == 46);
  }
  SUBCASE("no mass: any price will do, so it stays") {
    market.units = 0;
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.prices[0] == market.start[0]);
    CHECK(found.sales[0] == 0);
  }
  SUBCASE("not available to any type") {
    market.attraction = kNever;
    market.capacities = {10};
    const PricingResult& found = market.nash();
    CHECK(found.converged);
    CHECK(found.prices[0] == market.start[0]);
    CHECK(found.shadow_prices[0] == 0);
  }
  SUBCASE("the cost is above the ceiling") {
    market.listings[0].unit_cost = 51;
    CHECK(market.nash().is_withdrawn[0]);
    CHECK(market.nash().converged);
  }
  SUBCASE("no types") {
    market.demand.reset(1, 1, 0);
    market.demand.add_segment(std::array<std::uint8_t, 1>{0});
    const std::array regions = {static_cast<const DemandSystem*>(&market.demand)};
    const std::array start = {7.0};
    const PricingResult& found = market.game.nash(
        {.regions = regions, .listings = market.listings, .capacities = market.capacities}, start);
    CHECK(found.converged);
    CHECK(found.prices[0] == 7);
  }
  SUBCASE("a price that is not offered has no effect") {
    market.listings.push_back({.firm = 1, .unit_cost = 4});
    market.listings[0].ceiling = kInfinity;
    market.nash();
    const std::array regions = {static_cast<const DemandSystem*>(&market.demand)};
    const std::array start = {7.0, kInfinity};
    const PricingResult& found = market.game.best_response(
        {.regions = regions, .listings = market.listings, .capacities = market.capacities}, start,
        0, kExact);
    const double expected = 4 + (1 + lambert_w_of_cost(market, 4, 1)) / market.slope;
    CHECK(found.prices[0] == doctest::Approx(expected).epsilon(1e-10));
    CHECK(found.sales[1] == 0);
  }
}

TEST_CASE("a solve has the same bits at every vector width") {
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    Stream stream(5, replica, 0, hash_name("market"));
    test::RandomMarket market;
    // Large ones begin in single precision, small ones do not; some have limited supply.
    test::draw_market({.products = 12, .firms = 5, .types = replica % 2 == 0 ? 90U : 30U}, stream,
                      market);
    PricingGame narrow_game;
    const PricingResult& narrow =
        narrow_game.nash(market.view(), market.start, {.width = VectorWidth::k2});
    CHECK(narrow.converged);
    CHECK((narrow.in_single > 0) == (replica % 2 == 0));
    for (const VectorWidth width : {VectorWidth::k4, VectorWidth::k8}) {
      if (width > widest_vector_width()) continue;
      PricingGame game;
      const PricingResult& wide = game.nash(market.view(), market.start, {.width = width});
      CHECK(wide.prices == narrow.prices);
      CHECK(wide.sales == narrow.sales);
      CHECK(wide.shadow_prices == narrow.shadow_prices);
      CHECK(wide.residual == narrow.residual);
      CHECK(wide.iterations == narrow.iterations);
      CHECK(wide.evaluations == narrow.evaluations);
    }
  }
}

TEST_CASE("once its memory has grown, a solve allocates nothing") {
  test::RandomMarket market;
  Stream stream(4, 0, 0, 0);
  draw_market({.products = 10, .firms = 5, .types = 30}, stream, market);
  PricingGame game{};
  const MarketView view = market.view();
  CHECK(game.nash(view, market.start).converged);
  CHECK(game.best_response(view, market.start, 1).converged);
  const std::size_t before = tests::allocations();
  game.nash(view, market.start);
  game.best_response(view, market.start, 2);
  CHECK(tests::allocations() == before);
}
