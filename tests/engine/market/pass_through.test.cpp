#include "tests/engine/market/pass_through.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace tollgate::test;

namespace {

constexpr double kClose = 1e-9;

std::string committed_table() {
  std::ifstream file(TOLLGATE_SOURCE_DIR "/docs/figures/who_pays.csv");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace

TEST_CASE("before the levy all markets of the figure have the same price") {
  for (const double curvature : {0.0, 0.5, 1.0}) {
    for (const double share : {kNegligibleShare, share_at(1.8), share_at(2.5)}) {
      const Incidence found = incidence(Competition{.curvature = curvature, .share = share});
      CHECK(found.price_without_levy_usd == doctest::Approx(kPriceUsd).epsilon(kClose));
    }
  }
  CHECK(incidence(Competition{.share = share_at(1.8), .rivals = 3}).price_without_levy_usd ==
        doctest::Approx(kPriceUsd).epsilon(kClose));
}

TEST_CASE("at constant elasticity the buyer pays the levy whole") {
  const Incidence found = incidence(Competition{.curvature = 0, .share = kNegligibleShare});
  const double expected = kUnitCostUsd / (1 - kLevy) * kElasticity / (kElasticity - 1);
  CHECK(found.price_with_levy_usd == doctest::Approx(expected).epsilon(kClose));
  CHECK(std::abs(found.passed() - 1) < kClose);
}

TEST_CASE("with linear logit the pass-through is that of the Lambert-W prices") {
  for (const double share : {kNegligibleShare, share_at(1.8), share_at(2.5)}) {
    const double found = incidence(Competition{.curvature = 1, .share = share}).passed();
    CHECK(std::abs(found - linear_logit_closed_form(share).passed()) < kClose);
  }
  // Of a negligible share W is 0: a fixed mark-up on c / (1 - tau).
  const double with = kUnitCostUsd / (1 - kLevy) + kPriceUsd / kElasticity;
  const double expected = (with - kPriceUsd) / (kLevy * with);
  CHECK(std::abs(linear_logit_closed_form(kNegligibleShare).passed() - expected) < kClose);
}

TEST_CASE("with supply to spare scarcity plays no part in who pays") {
  for (const double curvature : {0.0, 0.5, 1.0}) {
    const double share = share_at(1.8);
    const double alone = incidence(Competition{.curvature = curvature, .share = share}).passed();
    for (const CeilingOn ceiling : {CeilingOn::kProceeds, CeilingOn::kOutlay}) {
      const Incidence found = incidence(Scarcity{
          .curvature = curvature, .share = share, .demand_over_supply = 0.5, .ceiling = ceiling});
      CHECK(std::abs(found.passed() - alone) < kClose);
    }
  }
}

TEST_CASE("in shortage the buyer pays the levy whole, whatever the curvature") {
  for (const double curvature : {0.0, 0.5, 1.0}) {
    const Incidence found = incidence(
        Scarcity{.curvature = curvature, .share = share_at(1.8), .demand_over_supply = 3});
    REQUIRE(found.is_sold());
    CHECK(found.price_with_levy_usd ==
          doctest::Approx(found.price_elsewhere_usd / (1 - kLevy)).epsilon(kClose));
    CHECK(std::abs(found.passed() - 1) < kClose);
  }
}

TEST_CASE("where the outlay has a ceiling the vendor pays, and in shortage the sale is lost") {
  Scarcity market{.share = share_at(1.8), .ceiling = CeilingOn::kOutlay};
  market.demand_over_supply = 1.65;
  CHECK(incidence(market).passed() == 0);
  market.demand_over_supply = 3;
  CHECK_FALSE(incidence(market).is_sold());
}

TEST_CASE("a vendor whose costs are sunk pays the levy whole") {
  // tau of the proceeds then is tau of the profit, and what makes the most of the rest is the same.
  for (const double curvature : {0.0, 0.5, 1.0}) {
    const Competition market{.curvature = curvature, .share = share_at(1.8), .unit_cost_usd = 0};
    CHECK(std::abs(incidence(market).passed()) < kClose);
  }
}

TEST_CASE("more of the levy is passed on when rivals pay it too") {
  for (const double curvature : {0.0, 0.5, 1.0}) {
    Competition market{.curvature = curvature, .share = share_at(1.8)};
    const double alone = incidence(market).passed();
    market.rivals = 3;
    CHECK(incidence(market).passed() > alone + 0.01);
  }
}

TEST_CASE("when buyers mind price less the higher it is, it rises by more than the levy") {
  CHECK(incidence(Competition{.curvature = -0.1, .share = kNegligibleShare}).passed() > 1.01);
}

TEST_CASE("docs/figures/who_pays.csv is what the pricing game says") {
  std::ostringstream renewed;
  write_table(pass_through_table(), renewed);
  const std::vector<std::string> expected = split(renewed.str(), '\n');
  const std::vector<std::string> found = split(committed_table(), '\n');
  REQUIRE(found.size() == expected.size());
  for (std::size_t l = 0; l < found.size(); ++l) {
    if (found[l] == expected[l]) continue;
    // The last digit may be rounded otherwise where std::log is another one; no cell is missing.
    CAPTURE(found[l]);
    const std::vector<std::string> cells = split(found[l], '"');
    const std::vector<std::string> other_cells = split(expected[l], '"');
    REQUIRE(cells.size() == 3);
    REQUIRE(other_cells.size() == 3);
    CHECK(cells[1] == other_cells[1]);
    const std::vector<std::string> numbers = split(cells[2], ',');
    const std::vector<std::string> other_numbers = split(other_cells[2], ',');
    REQUIRE(numbers.size() == other_numbers.size());
    for (std::size_t n = 0; n < numbers.size(); ++n) {
      REQUIRE(numbers[n].empty() == other_numbers[n].empty());
      if (numbers[n].empty()) continue;
      CHECK(std::stod(numbers[n]) == doctest::Approx(std::stod(other_numbers[n])).epsilon(1e-6));
    }
  }
}
