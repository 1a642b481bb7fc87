#include "agents/vendor/pricing.hpp"

#include <algorithm>
#include <cmath>

#include "engine/market/choice.hpp"

namespace tollgate {
namespace {

/// No customer expects to wait longer than this for a chip that is out of stock.
constexpr double kLongestQuotedDelayDays = 720;
/// Prices are posted in whole cents: more digits than this are of no use.
constexpr PricingOptions kOptions{.tolerance = 1e-7, .max_iterations = 300};
/// Prices of a game that has not converged are taken if the first-order conditions hold this well.
constexpr double kTolerableResidual = 1e-3;
/// A vendor that has sold all it can deliver still quotes: its supply is short beyond measure.
constexpr double kLeastDeliverablePerDay = 1e-3;

double days_to_ship(const Context& context, ChipId chip, const Product& product) {
  const std::int64_t missing = product.reckoned_backlog() - product.stock;
  if (missing < 0) return 0;
  const double per_day = static_cast<double>(context.book.in_production[chip.index()]) /
                         std::max(context.chips[chip.index()].lead_time_days, 1.0);
  if (per_day <= 0) return kLongestQuotedDelayDays;
  return std::min(kLongestQuotedDelayDays, static_cast<double>(missing) / per_day);
}

/// Chips per day that can be delivered to new orders until the vendor reprices again.
double deliverable_per_day(const Context& context, ChipId chip, const Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const double horizon = context.spec.vendors[spec.vendor.index()].reprice_days;
  const double arriving = static_cast<double>(context.book.in_production[chip.index()]) *
                          std::min(1.0, horizon / std::max(spec.lead_time_days, 1.0));
  const double free = static_cast<double>(product.stock - product.reckoned_backlog()) + arriving;
  return std::max(kLeastDeliverablePerDay, free / horizon);
}

}  // namespace

Pricing::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : shadow_price(layout.add_series(
          {"shadow_price",
           {axes.chip},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "USD",
           "Shadow price of supply",
           "What one more chip to deliver would have earned its vendor over unit cost, at the last "
           "repricing; 0 while supply does not bind."})),
      pricing_iterations(layout.add_series({"pricing_iterations",
                                            {axes.vendor},
                                            ValueType::kInteger,
                                            Aggregation::kSumOverQuarter,
                                            "1",
                                            "Iterations of the pricing game",
                                            "Iterations that the vendor's repricings took."})),
      pricing_solves(layout.add_series({"pricing_solves",
                                        {axes.vendor},
                                        ValueType::kInteger,
                                        Aggregation::kSumOverQuarter,
                                        "1",
                                        "Pricing games",
                                        "Repricings for which the vendor solved a game."})),
      pricing_unsolved(layout.add_series({"pricing_unsolved",
                                          {axes.vendor},
                                          ValueType::kInteger,
                                          Aggregation::kSumOverQuarter,
                                          "1",
                                          "Pricing games not solved",
                                          "Repricings whose game did not converge."})),
      pricing_residual(layout.add_series(
          {"pricing_residual",
           {axes.vendor},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "1",
           "Residual of the pricing game",
           "Largest relative error of a first-order condition over the quarter's repricings."})) {}

Pricing::Pricing(const Context& context, const Series& series)
    : series_(series),
      regions_(context.spec.regions.size()),
      is_withdrawn_(context.chips.size() * regions_, 0),
      shadow_prices_(context.chips.size(), 0.0),
      worst_residual_(context.spec.vendors.size(), 0.0) {
  for (const ChipSpec& chip : context.chips) {
    prices_.insert(prices_.end(), regions_, chip.price_usd);
  }
  for (std::size_t r = 0; r < regions_; ++r) {
    markets_.push_back(Market{.clientele = Clientele(context, RegionId{r}),
                              .is_surveyed = false,
                              .chips = {},
                              .described = {},
                              .demand = {}});
  }
}

void Pricing::reprice(Context& context, VendorId vendor, const Products& products) {
  begin(context);
  set_prices(context, vendor, products);
}

void Pricing::reprice_all(Context& context, const Products& products) {
  begin(context);
  for (std::size_t v = 0; v < context.spec.vendors.size(); ++v) {
    set_prices(context, VendorId{v}, products);
  }
}

/// What vendors know of buyers is of the past; prices do not change it.
void Pricing::begin(const Context& context) {
  levies_.read(context);
  for (Market& market : markets_) {
    market.is_surveyed = false;
    market.described.clear();
  }
}

/// Regions where the vendor has nothing to sell are never looked at.
const Clientele& Pricing::clientele(const Context& context, Market& market) const {
  if (!market.is_surveyed) market.clientele.survey(context, levies_);
  market.is_surveyed = true;
  return market.clientele;
}

void Pricing::set_prices(Context& context, VendorId vendor, const Products& products) {
  if (context.spec.vendors[vendor.index()].pricing != PricingBehaviour::kListPrice) {
    solve(context, vendor, products);
  }
  for (std::size_t c = 0; c < products.size(); ++c) {
    if (context.chips[c].vendor != vendor) continue;
    for (std::size_t r = 0; r < regions_; ++r) {
      const ChipOffer old = context.offers.chip(ChipId{c}, RegionId{r});
      post_offer(context, ChipId{c}, RegionId{r}, products[c]);
      if (context.trace != nullptr) trace_offer(context, ChipId{c}, RegionId{r}, old);
    }
  }
}

void Pricing::list(const Context& context, ChipId chip) {
  for (std::size_t r = 0; r < regions_; ++r) {
    prices_[place(chip, RegionId{r})] = context.chips[chip.index()].price_usd;
  }
}

void Pricing::solve(Context& context, VendorId vendor, const Products& products) {
  set_up(context, vendor, products);
  if (std::ranges::find(moves_, std::uint8_t{1}) == moves_.end()) {  // nobody asks
    forget_shadow_prices(context, vendor);
    if (context.trace != nullptr) {
      context.trace->decide(Decision::kPricesSought, Reason::kNobodyAsks).by(vendor);
    }
    return;
  }
  const PricingResult& result =
      game_.solve({demands_, listings_, capacities_}, start_, moves_, kOptions);
  context.record.add(series_.pricing_solves, 1, vendor.index());
  context.record.add(series_.pricing_iterations, result.iterations, vendor.index());
  double& worst = worst_residual_[vendor.index()];
  worst = std::max(worst, result.residual);
  if (context.trace != nullptr) {
    context.trace
        ->decide(Decision::kPricesSought, result.converged ? Reason::kSolved : Reason::kUnsolved)
        .by(vendor)
        .set(Number::kRate, result.residual);
  }
  if (!result.converged) {
    context.record.add(series_.pricing_unsolved, 1, vendor.index());
    if (result.residual > kTolerableResidual) return;  // the old prices stay
  }
  take_over(context, vendor, result);
}

void Pricing::set_up(const Context& context, VendorId vendor, const Products& products) {
  demands_.clear();
  played_.clear();
  listings_.clear();
  start_.clear();
  moves_.clear();
  capacities_.resize(products.size());
  for (std::size_t c = 0; c < products.size(); ++c) {
    capacities_[c] = deliverable_per_day(context, ChipId{c}, products[c]);
  }
  for (Market& market : markets_) {
    if (!may_play(context, market, vendor)) continue;
    list_chips(context, market, vendor);
    const bool is_played = std::ranges::any_of(market.chips, [&](const ListedChip& listed) {
      return is_moving(context, listed.chip, vendor);
    });
    if (!is_played) continue;
    describe_demand(context, market);
    demands_.push_back(&market.demand);
    played_.push_back(&market);
    for (const ListedChip& listed : market.chips) add_listing(context, market, listed, vendor);
  }
}

/// Whether a chip that moves might be listed: less than asking all buyers.
bool Pricing::may_play(const Context& context, const Market& market, VendorId vendor) const {
  const RegionId region = market.clientele.region();
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipSpec& spec = context.chips[c];
    if (is_moving(context, ChipId{c}, vendor) && is_on_sale(spec, context.now()) &&
        (is_market(spec, region) || context.offers.chip(ChipId{c}, region).is_open)) {
      return true;
    }
  }
  return false;
}

/// The vendor itself, and in the equilibrium of all vendors the others too.
bool Pricing::is_moving(const Context& context, ChipId chip, VendorId vendor) const {
  const VendorId seller = context.chips[chip.index()].vendor;
  if (seller == vendor) return true;
  return context.spec.vendors[vendor.index()].pricing == PricingBehaviour::kNash &&
         context.spec.vendors[seller.index()].pricing != PricingBehaviour::kListPrice;
}

/// Chips for which a price is sought, and others that are on offer. Offers that their vendors are
/// about to close, as all proceeds are taken or the last day of sale has come, do not count.
void Pricing::list_chips(const Context& context, Market& market, VendorId vendor) {
  market.chips.clear();
  const Clientele& clients = clientele(context, market);
  const RegionId region = clients.region();
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipId chip{c};
    const ChipSpec& spec = context.chips[c];
    if (!is_on_sale(spec, context.now()) || clients.levy(context, chip) >= 1) continue;
    const bool is_candidate = is_moving(context, chip, vendor) && is_market(spec, region);
    if (!is_candidate && !context.offers.chip(chip, region).is_open) continue;
    for (const ListedChip listed : {ListedChip{chip, false}, ListedChip{chip, true}}) {
      if (clients.is_wanted(listed)) market.chips.push_back(listed);
    }
  }
}

/// Vendors that reprice at one instant mostly see the same chips on sale.
void Pricing::describe_demand(const Context& context, Market& market) {
  if (market.described == market.chips) return;
  market.clientele.describe(context, market.chips, market.demand);
  market.described = market.chips;
}

// The ceiling is one on what the vendor keeps: a levy that it passes on whole does not break it.
void Pricing::add_listing(const Context& context, const Market& market, ListedChip listed,
                          VendorId vendor) {
  const ChipId chip = listed.chip;
  const ChipSpec& spec = context.chips[chip.index()];
  const RegionId region = market.clientele.region();
  const ChipOffer& offer = context.offers.chip(chip, region);
  const bool moves =
      !listed.is_for_house && is_moving(context, chip, vendor) && is_market(spec, region);
  Listing listing;
  listing.firm = spec.vendor.value;
  listing.pool = chip.value;
  listing.unit_cost = spec.unit_cost_usd;
  listing.levy = market.clientele.levy(context, chip);
  listing.ceiling =
      spec.price_usd * context.spec.vendors[spec.vendor.index()].price_ceiling / listing.kept();
  listing.floor = moves ? wafer_opportunity(context, chip) : 0;
  listings_.push_back(listing);
  start_.push_back(moves                 ? prices_[place(chip, region)]
                   : listed.is_for_house ? market.clientele.house_price(chip)
                                         : in_usd(offer.price));
  moves_.push_back(static_cast<std::uint8_t>(moves));
}

/// What the wafer area of a chip would earn in the best other chip of its vendor that is short of
/// wafers, in USD per chip, times the weight that the vendor gives to it.
double Pricing::wafer_opportunity(const Context& context, ChipId chip) {
  const ChipSpec& spec = context.chips[chip.index()];
  const double weight = context.spec.vendors[spec.vendor.index()].wafer_opportunity_weight;
  if (weight <= 0) return 0;
  double best = 0;
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipSpec& other = context.chips[c];
    if (ChipId{c} == chip || other.vendor != spec.vendor || other.foundries.empty() ||
        spec.foundries.empty() || other.foundries.front() != spec.foundries.front() ||
        context.book.unserved[c] <= 0) {
      continue;
    }
    for (std::size_t r = 0; r < regions_; ++r) {
      const ChipOffer& offer = context.offers.chip(ChipId{c}, RegionId{r});
      if (!offer.is_open || !context.is_sold_openly(ChipId{c}, RegionId{r})) continue;
      const double margin =
          (1 - clientele(context, markets_[r]).levy(context, ChipId{c})) * in_usd(offer.price) -
          other.unit_cost_usd;
      best = std::max(best, margin * other.chips_per_wafer / spec.chips_per_wafer);
    }
  }
  return weight * best;
}

/// The vendor's own part of the answer; rivals reprice at their own time.
void Pricing::take_over(Context& context, VendorId vendor, const PricingResult& result) {
  forget_shadow_prices(context, vendor);
  std::size_t listing = 0;
  for (const Market* market : played_) {
    for (const auto& [chip, is_for_house] : market->chips) {
      const std::size_t l = listing++;
      if (context.chips[chip.index()].vendor != vendor || moves_[l] == 0) continue;
      const std::size_t at = place(chip, market->clientele.region());
      is_withdrawn_[at] = static_cast<std::uint8_t>(result.is_withdrawn[l]);
      if (!result.is_withdrawn[l]) prices_[at] = result.prices[l];
      shadow_prices_[chip.index()] = result.shadow_prices[chip.index()];
    }
  }
}

// Chips that are not in the game, as nobody may or wants to buy them, are not short.
void Pricing::forget_shadow_prices(const Context& context, VendorId vendor) {
  for (std::size_t c = 0; c < shadow_prices_.size(); ++c) {
    if (context.chips[c].vendor == vendor) shadow_prices_[c] = 0;
  }
}

// Stranded stock goes abroad at a discount on the list price; its cost is sunk.
void Pricing::post_offer(Context& context, ChipId chip, RegionId region, const Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  ChipOffer& offer = context.offers.chip(chip, region);
  offer.is_open = false;
  offer.delay_days = days_to_ship(context, chip, product);
  if (!is_on_sale(spec, context.now())) return;
  double price = prices_[place(chip, region)];
  if (is_market(spec, region)) {
    if (is_withdrawn_[place(chip, region)] != 0) return;
  } else {
    const bool is_redirected = product.is_stranded && vendor.stranded_discount < 1 &&
                               product.stock > product.reckoned_backlog();
    if (!is_redirected) return;
    price = spec.price_usd * (1 - vendor.stranded_discount);
  }
  if (clientele(context, markets_[region.index()]).levy(context, chip) >= 1) return;
  offer.is_open = true;
  offer.price = from_usd(price);
  offer.transformed_price = box_cox(in_usd(offer.price), context.spec.demand.price_curvature);
}

void Pricing::quote_delays(Context& context, ChipId chip, const Product& product) const {
  const double delay_days = days_to_ship(context, chip, product);
  for (std::size_t r = 0; r < regions_; ++r) {
    context.offers.chip(chip, RegionId{r}).delay_days = delay_days;
  }
}

void Pricing::close_quarter(Context& context) {
  for (std::size_t c = 0; c < shadow_prices_.size(); ++c) {
    context.record.set_real(series_.shadow_price, shadow_prices_[c], c);
  }
  for (std::size_t v = 0; v < worst_residual_.size(); ++v) {
    context.record.set_real(series_.pricing_residual, worst_residual_[v], v);
    worst_residual_[v] = 0;
  }
}

}  // namespace tollgate
