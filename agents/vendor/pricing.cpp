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
constexpr double kLeastPriceUsd = 0.01;
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
    Market market;
    market.region = RegionId{r};
    for (std::size_t home = 0; home < regions_; ++home) {
      Segment segment{RegionId{home}, {}};
      for (std::size_t b = 0; b < context.spec.buyers.size(); ++b) {
        const BuyerSpec& buyer = context.spec.buyers[b];
        if (buyer.site != market.region || buyer.headquarters != segment.headquarters) continue;
        for (const Workload workload : kAllWorkloads) {
          segment.types.push_back({BuyerId{b}, workload});
        }
      }
      if (!segment.types.empty()) market.segments.push_back(std::move(segment));
    }
    markets_.push_back(std::move(market));
  }
}

void Pricing::reprice(Context& context, VendorId vendor, const Products& products) {
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

/// The levy that the vendor reckons with: the mean over the region's buyers by what they would take
/// of the chip; by head while nobody wants any. A fine that must be expected is one more share of
/// proceeds that the vendor does not keep.
double Pricing::levy_on(const Context& context, ChipId chip, const Market& market) {
  double levy = 0;
  double weight = 0;
  double levy_by_head = 0;
  double heads = 0;
  for (const Segment& segment : market.segments) {
    for (const BuyerType& type : segment.types) {
      const double rate = context.law.conditions(chip, CustomerId{type.buyer.index()}).levy_rate;
      const Taste& taste = context.demand.taste(type.buyer, type.workload, chip);
      const double want =
          std::isfinite(taste.attraction)
              ? context.demand.want(type.buyer, type.workload).h100e_per_day * taste.chips_per_h100e
              : 0.0;
      levy += want * rate;
      weight += want;
      levy_by_head += rate;
      heads += 1;
    }
  }
  const double fine = context.expected_fine(context.chips[chip.index()].vendor, market.region);
  if (weight > 0) return levy / weight + fine;
  return (heads > 0 ? levy_by_head / heads : 0.0) + fine;
}

/// The vendor itself, and in the equilibrium of all vendors the others too.
bool Pricing::is_moving(const Context& context, ChipId chip, VendorId vendor) const {
  const VendorId seller = context.chips[chip.index()].vendor;
  if (seller == vendor) return true;
  return context.spec.vendors[vendor.index()].pricing == PricingBehaviour::kNash &&
         context.spec.vendors[seller.index()].pricing != PricingBehaviour::kListPrice;
}

bool Pricing::is_wanted(const Context& context, const Market& market, ListedChip listed) const {
  for (const Segment& segment : market.segments) {
    for (const BuyerType& type : segment.types) {
      if (context.demand.want(type.buyer, type.workload).h100e_per_day <= 0) continue;
      const Taste& taste = context.demand.taste(type.buyer, type.workload, listed.chip);
      if (!std::isfinite(taste.attraction) || taste.is_of_house != listed.is_for_house) continue;
      if (listed.is_for_house || taste.slope > 0) return true;
    }
  }
  return false;
}

/// Mean over the buyers of the house, by what they want.
double Pricing::house_price(const Context& context, const Market& market, ChipId chip) const {
  double paid = 0;
  double wanted = 0;
  for (const Segment& segment : market.segments) {
    for (const BuyerType& type : segment.types) {
      const Taste& taste = context.demand.taste(type.buyer, type.workload, chip);
      if (!std::isfinite(taste.attraction) || !taste.is_of_house) continue;
      const double want = context.demand.want(type.buyer, type.workload).h100e_per_day;
      paid += want * taste.house_price_usd;
      wanted += want;
    }
  }
  return std::max(paid / wanted, kLeastPriceUsd);
}

/// Chips for which a price is sought, and others that are on offer. Offers that their vendors are
/// about to close, as all proceeds are taken or the last day of sale has come, do not count.
void Pricing::list_chips(const Context& context, Market& market, VendorId vendor) {
  market.chips.clear();
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipId chip{c};
    const ChipSpec& spec = context.chips[c];
    if (!is_on_sale(spec, context.now()) || levy_on(context, chip, market) >= 1) continue;
    const bool is_candidate = is_moving(context, chip, vendor) && is_market(spec, market.region);
    if (!is_candidate && !context.offers.chip(chip, market.region).is_open) continue;
    for (const ListedChip listed : {ListedChip{chip, false}, ListedChip{chip, true}}) {
      if (is_wanted(context, market, listed)) market.chips.push_back(listed);
    }
  }
}

void Pricing::describe_demand(const Context& context, Market& market) {
  const DemandSpec& spec = context.spec.demand;
  market.demand.reset(market.chips.size(), spec.price_curvature, spec.nest_similarity);
  for (const Segment& segment : market.segments) {
    nests_.clear();
    for (const auto& [chip, is_for_house] : market.chips) {
      const VendorId seller = context.chips[chip.index()].vendor;
      const bool is_foreign = context.vendor_headquarters[seller.index()] != segment.headquarters;
      nests_.push_back(
          static_cast<std::uint8_t>(is_foreign ? Origin::kLegalForeign : Origin::kDomestic));
    }
    market.demand.add_segment(nests_);
    for (const BuyerType& type : segment.types) {
      const Want& want = context.demand.want(type.buyer, type.workload);
      if (want.h100e_per_day <= 0) continue;
      const std::size_t row = market.demand.add_type(want.log_outside);
      for (std::size_t j = 0; j < market.chips.size(); ++j) {
        const ListedChip& listed = market.chips[j];
        const Taste& taste = context.demand.taste(type.buyer, type.workload, listed.chip);
        if (!std::isfinite(taste.attraction) || taste.is_of_house != listed.is_for_house) continue;
        market.demand.offer(row, j, {taste.attraction, taste.slope},
                            want.h100e_per_day * taste.chips_per_h100e);
      }
    }
  }
}

// The ceiling is one on what the vendor keeps: a levy that it passes on whole does not break it.
void Pricing::add_listing(const Context& context, const Market& market, ListedChip listed,
                          VendorId vendor) {
  const ChipId chip = listed.chip;
  const ChipSpec& spec = context.chips[chip.index()];
  const ChipOffer& offer = context.offers.chip(chip, market.region);
  const bool moves =
      !listed.is_for_house && is_moving(context, chip, vendor) && is_market(spec, market.region);
  Listing listing;
  listing.firm = spec.vendor.value;
  listing.pool = chip.value;
  listing.unit_cost = spec.unit_cost_usd;
  listing.levy = levy_on(context, chip, market);
  listing.ceiling =
      spec.price_usd * context.spec.vendors[spec.vendor.index()].price_ceiling / (1 - listing.levy);
  listing.floor = moves ? wafer_opportunity(context, chip) : 0;
  listings_.push_back(listing);
  start_.push_back(moves                 ? prices_[place(chip, market.region)]
                   : listed.is_for_house ? house_price(context, market, chip)
                                         : in_usd(offer.price));
  moves_.push_back(static_cast<std::uint8_t>(moves));
}

/// What the wafer area of a chip would earn in the best other chip of its vendor that is short of
/// wafers, in USD per chip, times the weight that the vendor gives to it.
double Pricing::wafer_opportunity(const Context& context, ChipId chip) const {
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
      const double margin = (1 - levy_on(context, ChipId{c}, markets_[r])) * in_usd(offer.price) -
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
      const std::size_t at = place(chip, market->region);
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
void Pricing::post_offer(Context& context, ChipId chip, RegionId region,
                         const Product& product) const {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  ChipOffer& offer = context.offers.chip(chip, region);
  offer.is_open = false;
  offer.delay_days = days_to_ship(context, chip, product);
  if (!is_on_sale(spec, context.now()) || levy_on(context, chip, markets_[region.index()]) >= 1)
    return;
  double price = prices_[place(chip, region)];
  if (is_market(spec, region)) {
    if (is_withdrawn_[place(chip, region)] != 0) return;
  } else {
    const bool is_redirected = product.is_stranded && vendor.stranded_discount < 1 &&
                               product.stock > product.reckoned_backlog();
    if (!is_redirected) return;
    price = spec.price_usd * (1 - vendor.stranded_discount);
  }
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
