#include "tests/engine/market/pass_through.hpp"

#include <array>
#include <boost/math/special_functions/lambert_w.hpp>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <limits>
#include <ostream>
#include <stdexcept>

#include "engine/market/pricing_game.hpp"

namespace tollgate::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr PricingOptions kExact = {.tolerance = 1e-12, .max_iterations = 300};

double sensitivity(double share) { return kElasticity / (1 - share); }

/// At 27,000 USD a chip is worth exp(0) to its buyers, so this gives each vendor its share.
double log_outside(double share, std::size_t vendors) {
  return std::log((1 - static_cast<double>(vendors) * share) / share);
}

/// `buyers` of one type, to whom all products are equal.
DemandSystem demand_of(double curvature, double share, std::size_t products, double buyers) {
  DemandSystem demand;
  demand.reset(products, curvature, 0);
  demand.add_segment(std::vector<std::uint8_t>(products, 0));
  const std::size_t type = demand.add_type(log_outside(share, products));
  const PriceUtility utility =
      fold_price_multiplier(sensitivity(share), curvature, 0, 1 / kPriceUsd);
  for (std::size_t j = 0; j < products; ++j) demand.offer(type, j, utility, buyers);
  return demand;
}

std::vector<double> solve(const MarketView& market) {
  PricingGame game;
  const std::vector<double> start(market.listings.size(), kPriceUsd);
  const PricingResult& found = game.nash(market, start, kExact);
  if (!found.converged) throw std::runtime_error("pass-through: the pricing game has no answer");
  return found.prices;
}

}  // namespace

double share_at(double alpha) { return 1 - kElasticity / alpha; }

bool Incidence::is_sold() const { return std::isfinite(price_with_levy_usd); }

double Incidence::passed() const {
  return (price_with_levy_usd - price_without_levy_usd) / (kLevy * price_with_levy_usd);
}

Incidence incidence(const Competition& market) {
  const std::size_t vendors = market.rivals + 1;
  const DemandSystem demand = demand_of(market.curvature, market.share, vendors, 1'000);
  const std::array regions = {&demand};
  const std::array capacities = {kInfinity};
  std::vector<Listing> listings(vendors, {.unit_cost = market.unit_cost_usd});
  for (std::size_t f = 0; f < vendors; ++f) listings[f].firm = static_cast<std::uint32_t>(f);
  const auto price = [&] {
    return solve({.regions = regions, .listings = listings, .capacities = capacities})[0];
  };
  Incidence found{.price_without_levy_usd = price()};
  for (Listing& listing : listings) listing.levy = kLevy;
  found.price_with_levy_usd = price();
  return found;
}

Incidence incidence(const Scarcity& market) {
  constexpr double kBuyers = 1e6;
  const DemandSystem elsewhere =
      demand_of(market.curvature, market.share, 1, kBuyers * (1 - kTaxedBuyers));
  const DemandSystem taxed = demand_of(market.curvature, market.share, 1, kBuyers * kTaxedBuyers);
  const std::array regions = {&elsewhere, &taxed};
  const std::array capacities = {kBuyers * market.share / market.demand_over_supply};
  std::array<Listing, 2> listings;
  for (Listing& listing : listings) {
    listing.unit_cost = kUnitCostUsd;
    listing.ceiling = kCeilingUsd;
  }
  const auto prices = [&] {
    return solve({.regions = regions, .listings = listings, .capacities = capacities});
  };
  Incidence found{.price_without_levy_usd = prices()[1]};
  listings[1].levy = kLevy;
  if (market.ceiling == CeilingOn::kProceeds) listings[1].ceiling = kCeilingUsd / (1 - kLevy);
  const std::vector<double> with = prices();
  found.price_with_levy_usd = with[1];
  found.price_elsewhere_usd = with[0];
  return found;
}

Incidence linear_logit_closed_form(double share) {
  const double alpha = sensitivity(share);
  const auto price = [&](double cost) {
    const double z = std::exp(alpha * (1 - cost / kPriceUsd) - 1 - log_outside(share, 1));
    return cost + (1 + boost::math::lambert_w0(z)) * kPriceUsd / alpha;
  };
  return {.price_without_levy_usd = price(kUnitCostUsd),
          .price_with_levy_usd = price(kUnitCostUsd / (1 - kLevy))};
}

std::vector<TableRow> pass_through_table() {
  const double share = share_at(1.8);
  std::vector<TableRow> rows;

  constexpr int kCurvatures = 40;
  const auto against_curvature = [&](const char* series, Competition market) {
    for (int i = 0; i <= kCurvatures; ++i) {
      market.curvature = static_cast<double>(i) / kCurvatures;
      TableRow row{.series = series, .x = market.curvature, .incidence = incidence(market)};
      if (market.rivals == 0 && i == kCurvatures) {
        row.closed_form = linear_logit_closed_form(market.share).passed();
      }
      if (market.share == kNegligibleShare && i == 0) row.closed_form = 1;
      rows.push_back(row);
    }
  };
  against_curvature("curvature, share 0", {.share = kNegligibleShare});
  against_curvature("curvature, share 0.21", {.share = share});
  against_curvature("curvature, share 0.43", {.share = share_at(2.5)});
  against_curvature("curvature, share 0.21, rivals pay too", {.share = share, .rivals = 3});

  constexpr int kFirst = 50;  // in hundredths of demand over supply
  constexpr int kLast = 300;
  const auto against_scarcity = [&](const char* series, Scarcity market) {
    market.share = share;
    for (int i = kFirst; i <= kLast; ++i) {
      market.demand_over_supply = i / 100.0;
      TableRow row{
          .series = series, .x = market.demand_over_supply, .incidence = incidence(market)};
      if (market.ceiling == CeilingOn::kProceeds) {
        if (market.curvature == 1 && i == kFirst) {
          row.closed_form = linear_logit_closed_form(share).passed();
        }
        if (i == kLast) row.closed_form = 1;
      }
      rows.push_back(row);
    }
  };
  against_scarcity("scarcity, lambda 0", {.curvature = 0});
  against_scarcity("scarcity, lambda 0.5", {.curvature = 0.5});
  against_scarcity("scarcity, lambda 1", {.curvature = 1});
  against_scarcity("scarcity, lambda 1, ceiling on outlay",
                   {.curvature = 1, .ceiling = CeilingOn::kOutlay});
  return rows;
}

void write_table(const std::vector<TableRow>& rows, std::ostream& out) {
  out << std::fixed << std::setprecision(2);
  out << "# Pass-through of a levy on proceeds: (p(tau) - p(0)) / (tau p(tau))\n"
      << "# levy = " << kLevy << "\n# unit_cost_usd = " << kUnitCostUsd
      << "\n# price_usd = " << kPriceUsd << "\n# elasticity = " << kElasticity
      << "\n# ceiling_usd = " << kCeilingUsd << "\n# taxed_buyers = " << kTaxedBuyers << '\n'
      << "series,x,price_without_levy_usd,price_with_levy_usd,price_elsewhere_usd,"
         "pass_through,closed_form\n";
  for (const TableRow& row : rows) {
    out << '"' << row.series << "\"," << std::setprecision(3) << row.x << ','
        << std::setprecision(2) << row.incidence.price_without_levy_usd << ',';
    if (row.incidence.is_sold()) out << row.incidence.price_with_levy_usd;
    out << ',';
    if (row.incidence.price_elsewhere_usd > 0) out << row.incidence.price_elsewhere_usd;
    out << ',' << std::setprecision(8);
    // An exact 0 may come out as one of either sign.
    if (row.incidence.is_sold()) out << row.incidence.passed() + 0.0;
    out << ',';
    if (row.closed_form) out << *row.closed_form;
    out << '\n';
  }
}

}  // namespace tollgate::test
