#include "engine/market/demand_system.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/kernel/draws.hpp"
#include "engine/market/choice.hpp"

using namespace tollgate;

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// A system of random types in two segments, with what went into it.
struct Region {
  struct Type {
    std::size_t segment;
    double log_outside;
    std::vector<PriceUtility> utilities;
    std::vector<double> units;
  };
  DemandSystem demand;
  double similarity;
  std::vector<std::vector<std::uint8_t>> nests;
  std::vector<Type> types;
  std::vector<double> prices;

  Region(std::size_t products, std::size_t count, double curvature, double similarity_of_nests,
         std::uint64_t seed)
      : similarity(similarity_of_nests), nests(2), prices(products) {
    Stream stream(seed, 0, 0, 0);
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * draw_uniform(stream);
    };
    demand.reset(products, curvature, similarity);
    for (double& price : prices) price = uniform(5'000, 20'000);
    for (std::size_t s = 0; s < 2; ++s) {
      for (std::size_t j = 0; j < products; ++j) {
        nests[s].push_back(static_cast<std::uint8_t>((j + s) % 3));
      }
      demand.add_segment(nests[s]);
      for (std::size_t i = 0; i < count; ++i) {
        Type type{.segment = s, .log_outside = uniform(-2, 2), .utilities = {}, .units = {}};
        const std::size_t added = demand.add_type(type.log_outside);
        for (std::size_t j = 0; j < products; ++j) {
          PriceUtility utility = fold_price_multiplier(uniform(1, 4), curvature, uniform(-1, 1),
                                                       uniform(0.5, 2) / 10'000);
          if (draw_bernoulli(0.2, stream)) utility.attraction = kNever;
          type.utilities.push_back(utility);
          type.units.push_back(uniform(0, 10));
          demand.offer(added, j, utility, type.units.back());
        }
        types.push_back(type);
      }
    }
  }

  /// Sales by the choice set that agents use.
  [[nodiscard]] std::vector<double> sales_by_choice_sets() const {
    std::vector<double> sales(prices.size());
    ChoiceSet set;
    for (const Type& type : types) {
      set.clear();
      for (std::size_t j = 0; j < prices.size(); ++j) {
        const auto [attraction, slope] = type.utilities[j];
        set.add(attraction - slope * box_cox(prices[j], demand.curvature()),
                nests[type.segment][j]);
      }
      set.add(type.log_outside, 7);
      const auto probabilities = set.probabilities(similarity);
      for (std::size_t j = 0; j < prices.size(); ++j) {
        if (type.utilities[j].attraction != kNever) sales[j] += type.units[j] * probabilities[j];
      }
    }
    return sales;
  }
};

/// Everything is selected, and one owner has all of it.
DemandWorkspace select_all(const DemandSystem& demand, std::span<const double> prices,
                           VectorWidth width) {
  DemandWorkspace workspace;
  workspace.width = width;
  const std::vector<std::uint8_t> all(prices.size(), 1);
  const std::vector<std::uint32_t> owner(prices.size(), 0);
  demand.fold_rest(prices, all, workspace);
  demand.select(all, owner, workspace);
  return workspace;
}

DemandWorkspace evaluate_all(const DemandSystem& demand, std::span<const double> prices,
                             VectorWidth width = widest_vector_width()) {
  DemandWorkspace workspace = select_all(demand, prices, width);
  demand.evaluate(prices, workspace);
  return workspace;
}

DemandWorkspace evaluate_all_single(const DemandSystem& demand, std::span<const double> start,
                                    std::span<const double> prices,
                                    VectorWidth width = widest_vector_width()) {
  DemandWorkspace workspace = select_all(demand, prices, width);
  demand.prepare_single(start, workspace);
  demand.evaluate_single(prices, workspace);
  return workspace;
}

double relative_error(double found, double expected) {
  return std::abs(found - expected) / std::max(std::abs(expected), 1e-300);
}

}  // namespace

TEST_CASE("demand is the sum of what choice sets say of each type") {
  for (const double similarity : {0.0, 0.5, 0.95}) {
    for (const double curvature : {0.0, 0.4, 1.0}) {
      const Region region(11, 13, curvature, similarity, 1);
      const DemandWorkspace found = evaluate_all(region.demand, region.prices);
      const std::vector<double> expected = region.sales_by_choice_sets();
      for (std::size_t j = 0; j < expected.size(); ++j) {
        CHECK(relative_error(found.sales[j], expected[j]) < 1e-12);
      }
    }
  }
}

TEST_CASE("derivatives of demand agree with central differences") {
  for (const double similarity : {0.0, 0.7}) {
    for (const double curvature : {-0.5, 0.0, 0.4, 1.0}) {
      Region region(7, 9, curvature, similarity, 2);
      const DemandWorkspace exact = evaluate_all(region.demand, region.prices);
      for (std::size_t j = 0; j < region.prices.size(); ++j) {
        // Truncation falls with h^2, cancellation grows with 1 / h: both below 1e-8 here.
        const double h = 1e-5 * region.prices[j];
        std::vector<double> prices = region.prices;
        prices[j] += h;
        const std::vector<double> above = evaluate_all(region.demand, prices).sales;
        prices[j] -= 2 * h;
        const std::vector<double> below = evaluate_all(region.demand, prices).sales;
        for (std::size_t i = 0; i < exact.pairs.size(); ++i) {
          if (exact.pairs[i].j != j) continue;
          const std::size_t k = exact.pairs[i].k;
          const double derivative = (k == j ? exact.own[j] : 0) - exact.cross[i];
          const double difference = (above[k] - below[k]) / (2 * h);
          CHECK(std::abs(derivative - difference) < 1e-8 * std::abs(exact.own[j]));
          CHECK(exact.cross[i] <= 0);
        }
        CHECK(exact.own[j] < 0);
      }
    }
  }
}

TEST_CASE("second derivatives by a product's own price agree with central differences") {
  for (const double similarity : {0.0, 0.7}) {
    for (const double curvature : {-0.5, 0.0, 0.4, 1.0}) {
      const Region region(7, 9, curvature, similarity, 2);
      DemandWorkspace found = select_all(region.demand, region.prices, widest_vector_width());
      found.wants_curvature = true;
      region.demand.evaluate(region.prices, found);
      DemandWorkspace rough = select_all(region.demand, region.prices, widest_vector_width());
      rough.wants_curvature = true;
      region.demand.prepare_single(region.prices, rough);
      region.demand.evaluate_single(region.prices, rough);
      for (std::size_t j = 0; j < region.prices.size(); ++j) {
        const double h = 1e-5 * region.prices[j];
        std::vector<double> prices = region.prices;
        prices[j] += h;
        const DemandWorkspace above = evaluate_all(region.demand, prices);
        prices[j] -= 2 * h;
        const DemandWorkspace below = evaluate_all(region.demand, prices);
        const std::size_t pair = found.own_pair[j];
        const double own = (above.own[j] - below.own[j]) / (2 * h);
        const double cross = (above.cross[pair] - below.cross[pair]) / (2 * h);
        const double size = -found.own[j] / region.prices[j];
        CHECK(std::abs(found.own_change[j] - own) < 1e-7 * size);
        CHECK(std::abs(found.cross_change[j] - cross) < 1e-7 * size);
        CHECK(std::abs(rough.own_change[j] - own) < 1e-4 * size);
        CHECK(std::abs(rough.cross_change[j] - cross) < 1e-4 * size);
      }
    }
  }
}

TEST_CASE("close by, the series give what an evaluation gives") {
  for (const double similarity : {0.0, 0.7}) {
    for (const double curvature : {0.0, 0.4, 1.0}) {
      for (const std::size_t types : {3U, 30U, 60U}) {  // tiles of one block to four
        const Region region(9, types, curvature, similarity, 4);
        std::vector<double> prices = region.prices;
        for (std::size_t j = 0; j < prices.size(); ++j) prices[j] *= j % 2 == 0 ? 1.00003 : 0.99997;
        const DemandWorkspace exact = evaluate_all(region.demand, prices);
        DemandWorkspace found = evaluate_all(region.demand, region.prices);
        REQUIRE(region.demand.evaluate_nearby(prices, found));
        for (std::size_t j = 0; j < prices.size(); ++j) {
          CHECK(relative_error(found.sales[j], exact.sales[j]) < 1e-13);
          CHECK(relative_error(found.own[j], exact.own[j]) < 1e-13);
        }
        for (std::size_t i = 0; i < exact.cross.size(); ++i) {
          CHECK(relative_error(found.cross[i], exact.cross[i]) < 1e-13);
        }
      }
    }
  }
}

TEST_CASE("far away, or with nothing to be near to, there is no evaluation by series") {
  const Region region(9, 21, 0.3, 0.6, 4);
  DemandWorkspace workspace = select_all(region.demand, region.prices, widest_vector_width());
  CHECK(!region.demand.evaluate_nearby(region.prices, workspace));
  region.demand.evaluate(region.prices, workspace);
  CHECK(region.demand.evaluate_nearby(region.prices, workspace));
  std::vector<double> prices = region.prices;
  prices[3] *= 1.01;
  CHECK(!region.demand.evaluate_nearby(prices, workspace));
  const std::vector<std::uint8_t> some = {1, 1, 1, 0, 0, 0, 0, 0, 0};
  region.demand.select(some, std::vector<std::uint32_t>(9, 0), workspace);
  CHECK(!region.demand.evaluate_nearby(region.prices, workspace));
}

TEST_CASE("what is folded away counts close by as well") {
  const Region region(9, 21, 0.3, 0.6, 4);
  const std::vector<std::uint8_t> some = {0, 1, 0, 0, 1, 1, 0, 0, 0};
  const std::vector<std::uint32_t> owner(9, 0);
  std::vector<double> prices = region.prices;
  for (const std::size_t j : {1U, 4U, 5U}) prices[j] *= 1.0001;
  DemandWorkspace found;
  region.demand.fold_rest(region.prices, some, found);
  region.demand.select(some, owner, found);
  region.demand.evaluate(region.prices, found);
  DemandWorkspace exact = found;
  REQUIRE(region.demand.evaluate_nearby(prices, found));
  region.demand.evaluate(prices, exact);
  for (std::size_t a = 0; a < 3; ++a) {
    CHECK(relative_error(found.sales[a], exact.sales[a]) < 1e-13);
  }
}

TEST_CASE("demand has the same bits at every vector width") {
  for (const double similarity : {0.0, 0.6}) {
    const Region region(9, 45, 0.3, similarity, 3);
    std::vector<double> close = region.prices;
    for (double& price : close) price *= 1.0001;
    DemandWorkspace narrow_close = select_all(region.demand, region.prices, VectorWidth::k2);
    narrow_close.wants_curvature = true;
    region.demand.evaluate(region.prices, narrow_close);
    REQUIRE(region.demand.evaluate_nearby(close, narrow_close));
    const DemandWorkspace narrow = evaluate_all(region.demand, region.prices, VectorWidth::k2);
    for (const VectorWidth width : {VectorWidth::k4, VectorWidth::k8}) {
      if (width > widest_vector_width()) continue;
      const DemandWorkspace wide = evaluate_all(region.demand, region.prices, width);
      CHECK(wide.sales == narrow.sales);
      CHECK(wide.own == narrow.own);
      CHECK(wide.cross == narrow.cross);
      DemandWorkspace wide_close = select_all(region.demand, region.prices, width);
      wide_close.wants_curvature = true;
      region.demand.evaluate(region.prices, wide_close);
      CHECK(wide_close.own_change == narrow_close.own_change);
      CHECK(wide_close.cross_change == narrow_close.cross_change);
      REQUIRE(region.demand.evaluate_nearby(close, wide_close));
      CHECK(wide_close.sales == narrow_close.sales);
      CHECK(wide_close.own == narrow_close.own);
      CHECK(wide_close.cross == narrow_close.cross);
    }
  }
}

TEST_CASE("in single precision demand has the same bits at every vector width") {
  for (const double similarity : {0.0, 0.6}) {
    for (const std::size_t types : {3U, 9U, 21U, 60U}) {
      const Region region(9, types, 0.3, similarity, 3);
      std::vector<double> start = region.prices;
      for (double& price : start) price *= 1.3;
      const DemandWorkspace narrow =
          evaluate_all_single(region.demand, start, region.prices, VectorWidth::k2);
      for (const VectorWidth width : {VectorWidth::k4, VectorWidth::k8}) {
        if (width > widest_vector_width()) continue;
        const DemandWorkspace wide =
            evaluate_all_single(region.demand, start, region.prices, width);
        CHECK(wide.sales == narrow.sales);
        CHECK(wide.own == narrow.own);
        CHECK(wide.cross == narrow.cross);
      }
    }
  }
}

TEST_CASE("single precision has six digits of demand and derivatives") {
  for (const double similarity : {0.0, 0.7, 0.95}) {
    for (const double curvature : {0.0, 0.4, 1.0}) {
      const Region region(11, 13, curvature, similarity, 1);
      std::vector<double> start = region.prices;
      for (std::size_t j = 0; j < start.size(); ++j) start[j] *= j % 2 == 0 ? 1.05 : 0.95;
      const DemandWorkspace exact = evaluate_all(region.demand, region.prices);
      const DemandWorkspace found = evaluate_all_single(region.demand, start, region.prices);
      // An error of utility counts 1 / t times.
      const double tolerance = 1e-6 / (1 - similarity);
      for (std::size_t j = 0; j < exact.sales.size(); ++j) {
        CHECK(relative_error(found.sales[j], exact.sales[j]) < tolerance);
        CHECK(relative_error(found.own[j], exact.own[j]) < tolerance);
      }
      for (std::size_t i = 0; i < exact.cross.size(); ++i) {
        CHECK(relative_error(found.cross[i], exact.cross[i]) < tolerance);
      }
    }
  }
}

TEST_CASE("single precision overflows nowhere, however far prices go") {
  const Region region(9, 21, 1, 0.8, 3);
  for (const double factor : {1e-6, 1e6, 1e20}) {
    std::vector<double> prices = region.prices;
    for (double& price : prices) price *= factor;
    const DemandWorkspace found = evaluate_all_single(region.demand, region.prices, prices);
    for (const double x : found.sales) CHECK(std::isfinite(x));
    for (const double x : found.own) CHECK(std::isfinite(x));
    for (const double x : found.cross) CHECK(std::isfinite(x));
  }
}

TEST_CASE("products whose prices stay may be folded away without changing the others' demand") {
  for (const double similarity : {0.0, 0.6}) {
    const Region region(9, 21, 0.3, similarity, 4);
    const DemandWorkspace all = evaluate_all(region.demand, region.prices);
    const std::vector<std::uint8_t> some = {0, 1, 0, 0, 1, 1, 0, 0, 0};
    const std::vector<std::uint32_t> owner(9, 0);
    DemandWorkspace folded;
    region.demand.fold_rest(region.prices, some, folded);
    region.demand.select(some, owner, folded);
    region.demand.evaluate(region.prices, folded);
    REQUIRE(folded.active == std::vector<std::uint32_t>{1, 4, 5});
    REQUIRE(folded.pairs.size() == 9);
    for (std::size_t a = 0; a < 3; ++a) {
      CHECK(relative_error(folded.sales[a], all.sales[folded.active[a]]) < 1e-13);
      CHECK(relative_error(folded.own[a], all.own[folded.active[a]]) < 1e-13);
    }
    for (std::size_t i = 0; i < folded.pairs.size(); ++i) {
      const std::size_t j = folded.active[folded.pairs[i].j];
      const std::size_t k = folded.active[folded.pairs[i].k];
      CHECK(relative_error(folded.cross[i], all.cross[j * 9 + k]) < 1e-13);
    }
    region.demand.prepare_single(region.prices, folded);
    region.demand.evaluate_single(region.prices, folded);
    for (std::size_t a = 0; a < 3; ++a) {
      CHECK(relative_error(folded.sales[a], all.sales[folded.active[a]]) < 3e-6);
    }
  }
}

TEST_CASE("what is neither selected nor folded is not sold, as if nobody could have it") {
  Region region(5, 6, 1, 0.4, 5);
  const std::vector<std::uint8_t> all(5, 1);
  const std::vector<std::uint8_t> without = {1, 1, 0, 1, 1};
  DemandWorkspace workspace;
  region.demand.fold_rest(region.prices, all, workspace);
  region.demand.select(without, {}, workspace);
  region.demand.evaluate(region.prices, workspace);
  for (std::size_t i = 0; i < region.types.size(); ++i) {
    region.demand.offer(i, 2, {.attraction = kNever, .slope = 1}, 1);
  }
  const DemandWorkspace expected = evaluate_all(region.demand, region.prices);
  CHECK(expected.sales[2] == 0);
  CHECK(expected.own[2] == 0);
  for (std::size_t a = 0; a < 4; ++a) {
    CHECK(relative_error(workspace.sales[a], expected.sales[workspace.active[a]]) < 1e-14);
  }

  // An infinite price says the same of a product that would be folded.
  region = Region(5, 6, 1, 0.4, 5);
  std::vector<double> prices = region.prices;
  prices[2] = std::numeric_limits<double>::infinity();
  const std::vector<std::uint8_t> first = {1, 0, 0, 0, 0};
  region.demand.fold_rest(prices, first, workspace);
  region.demand.select(first, {}, workspace);
  region.demand.evaluate(prices, workspace);
  CHECK(relative_error(workspace.sales[0], expected.sales[0]) < 1e-13);
}

TEST_CASE("huge utilities do not overflow, and what cannot be had has probability zero") {
  DemandSystem demand;
  for (const double similarity : {0.0, 0.5, 0.99}) {
    demand.reset(3, 1, similarity);
    demand.add_segment(std::array<std::uint8_t, 3>{0, 1, 2});
    const std::size_t rich = demand.add_type(4'999);
    const std::size_t outside_only = demand.add_type(-3);
    const std::size_t nothing = demand.add_type(kNever);
    demand.offer(rich, 0, {.attraction = 5'000, .slope = 0}, 1);
    demand.offer(rich, 1, {.attraction = -5'000, .slope = 1}, 1);
    demand.offer(outside_only, 1, {.attraction = kNever, .slope = 1}, 1);
    demand.offer(nothing, 1, {.attraction = kNever, .slope = 1}, 1);
    const DemandWorkspace found = evaluate_all(demand, std::array{100.0, 100.0, 100.0});
    CHECK(found.sales[0] == doctest::Approx(1 / (1 + std::exp(-1.0))).epsilon(1e-14));
    CHECK(found.sales[1] == 0);
    CHECK(found.sales[2] == 0);
    for (const double x : found.own) CHECK(x == 0);
    for (const double x : found.cross) CHECK(x == 0);
  }
}

TEST_CASE("two products of one nest that nearly coincide share what one of them would get") {
  DemandSystem demand;
  demand.reset(2, 1, 0.999);
  demand.add_segment(std::array<std::uint8_t, 2>{0, 0});
  const std::size_t type = demand.add_type(0);
  demand.offer(type, 0, {.attraction = 0, .slope = 0}, 1);
  demand.offer(type, 1, {.attraction = 0, .slope = 0}, 1);
  const DemandWorkspace found = evaluate_all(demand, std::array{1.0, 1.0});
  const double nest = std::pow(2.0, 0.001);
  CHECK(found.sales[0] == doctest::Approx(0.5 * nest / (1 + nest)).epsilon(1e-13));
  CHECK(found.sales[0] == found.sales[1]);
}

TEST_CASE("a system without types sells nothing") {
  DemandSystem demand;
  demand.reset(2, 0.5, 0.5);
  demand.add_segment(std::array<std::uint8_t, 2>{0, 1});
  const DemandWorkspace found = evaluate_all(demand, std::array{1.0, 2.0});
  CHECK(found.sales == std::vector<double>{0, 0});
  demand.reset(0, 0.5, 0.5);
  demand.add_segment({});
  demand.add_type(0);
  CHECK(evaluate_all(demand, {}).sales.empty());
}

TEST_CASE("a multiplier of the price folds into attraction and slope") {
  for (const double curvature : {-0.5, 0.0, 0.5, 1.0}) {
    const double alpha = 3;
    const double multiplier = 1.25 / 20'000;
    const PriceUtility folded = fold_price_multiplier(alpha, curvature, 0.7, multiplier);
    for (const double price : {1'000.0, 15'000.0, 80'000.0}) {
      const double expected = 0.7 - alpha * box_cox(multiplier * price, curvature);
      const double found = folded.attraction - folded.slope * box_cox(price, curvature);
      CHECK(found == doctest::Approx(expected).epsilon(1e-11));
    }
  }
}
