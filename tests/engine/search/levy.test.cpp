/// The levy that brings most from a linear-logit monopoly: the search over the pricing game against
/// the closed form.
#include <doctest/doctest.h>

#include <array>
#include <boost/math/special_functions/lambert_w.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <limits>

#include "engine/market/pricing_game.hpp"
#include "engine/search/search.hpp"

using namespace tollgate;

namespace {

constexpr double kUnits = 1'000;

/// Utility is attraction - slope (p - 1) against 0 for buying nothing.
struct Monopoly {
  double cost = 4;
  double attraction = 3;
  double slope = 0.4;

  /// W e^W = exp(attraction + slope - slope m - 1) with m = cost / (1 - levy), the cost as the levy
  /// makes it; price m + (1 + W) / slope, share W / (1 + W).
  struct Outcome {
    double price, share, price_slope, share_slope;  ///< slopes by the levy
  };
  [[nodiscard]] Outcome at(double levy) const {
    const double m = cost / (1 - levy);
    const double w = boost::math::lambert_w0(std::exp(attraction + slope - slope * m - 1));
    const double m_slope = m / (1 - levy);
    return {m + (1 + w) / slope, w / (1 + w), m_slope / (1 + w),
            -slope * w / std::pow(1 + w, 3) * m_slope};
  }
  [[nodiscard]] double receipts_slope(double levy) const {
    const Outcome o = at(levy);
    return o.price * o.share + levy * (o.price_slope * o.share + o.price * o.share_slope);
  }
  [[nodiscard]] double best_levy() const {
    std::uintmax_t iterations = 200;
    const auto bracket = boost::math::tools::toms748_solve(
        [this](double levy) { return receipts_slope(levy); }, 1e-6, 0.95,
        boost::math::tools::eps_tolerance<double>(52), iterations);
    return 0.5 * (bracket.first + bracket.second);
  }

  /// Receipts as the pricing game has them.
  [[nodiscard]] double receipts(double levy) const {
    const std::array listings = {Listing{.unit_cost = cost, .levy = levy}};
    const std::array capacities = {std::numeric_limits<double>::infinity()};
    DemandSystem demand;
    demand.reset(1, 1, 0);
    demand.add_segment(std::array<std::uint8_t, 1>{0});
    demand.offer(demand.add_type(0), 0, {.attraction = attraction, .slope = slope}, kUnits);
    const std::array regions = {static_cast<const DemandSystem*>(&demand)};
    PricingGame game;
    const PricingResult& found =
        game.nash({.regions = regions, .listings = listings, .capacities = capacities},
                  std::array{2 * cost}, {.tolerance = 1e-13, .max_iterations = 300});
    REQUIRE(found.converged);
    return levy * found.prices[0] * found.sales[0];
  }
};

}  // namespace

TEST_CASE("the receipts-maximising levy of a linear-logit monopoly is that of the closed form") {
  for (const double cost : {1.0, 4.0}) {
    for (const double attraction : {0.0, 3.0}) {
      CAPTURE(cost);
      CAPTURE(attraction);
      const Monopoly monopoly{.cost = cost, .attraction = attraction};
      const double expected = monopoly.best_levy();
      const auto closed = monopoly.at(0.3);
      CHECK(monopoly.receipts(0.3) ==
            doctest::Approx(0.3 * closed.price * closed.share * kUnits).epsilon(1e-10));
      const SearchResult found = maximise(
          {{0}, {0.9}},
          [&](const Point& levy) { return std::vector<double>{monopoly.receipts(levy[0])}; },
          {.grid_per_axis = 13, .tolerance = 1e-8});
      CHECK(found.is_quadratic);
      CHECK(std::abs(found.optimum[0] - expected) < 1e-6);
    }
  }
}
