// The choice among legal foreign, domestic, grey, rental and waiting, lot by lot.

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/buyer/buyers.hpp"

namespace tollgate {
namespace {

/// A shortfall is split into at most this many lots; larger buyers choose by larger lots.
constexpr double kMostLots = 64;

}  // namespace

double Buyers::price_utility(double relative_price) const {
  return -demand_.price_sensitivity * box_cox(relative_price, demand_.price_curvature);
}

void Buyers::add_option(const Option& option, double utility, int nest) {
  options_.push_back(option);
  choice_.add(utility, static_cast<std::uint8_t>(nest));
}

// What is not a vendor's to price comes first, so that its value can be told to the vendors.
void Buyers::list_options(Context& context, BuyerId buyer, Workload workload) {
  options_.clear();
  choice_.clear();
  Option wait;
  wait.is_wait = true;
  add_option(wait, demand_.wait_value, static_cast<int>(kOrigins));
  for (std::size_t c = 0; c < chips_.size(); ++c) list_grey(context, buyer, workload, ChipId{c});
  list_rentals(context, buyer);
  choice_.probabilities(demand_.nest_similarity);
  context.demand.want(buyer, workload).log_outside = choice_.log_sum();
  for (std::size_t c = 0; c < chips_.size(); ++c) list_chip(context, buyer, workload, ChipId{c});
}

void Buyers::revise_tastes(Context& context) {
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    weigh_stacks(BuyerId{b});
    for (const Workload workload : kAllWorkloads) list_options(context, BuyerId{b}, workload);
  }
}

// The taste for a chip is posted whether or not it is on offer: its vendor may be thinking of a
// price.
void Buyers::list_chip(Context& context, BuyerId buyer, Workload workload, ChipId chip) {
  const BuyerSpec& spec = specs_[buyer.index()];
  Taste& taste = context.demand.taste(buyer, workload, chip);
  taste = {};
  const double theta = throughput(chip, workload);
  if (theta <= 0) return;
  const CustomerId customer{buyer.index()};
  const Conditions& conditions = context.law.conditions(chip, customer);
  const double failure =
      1 - grant_chance(context, buyer, workload, chip) * conditions.pass_probability;
  if (failure > kHopeless) return;
  const ChipOffer& offer = context.offers.chip(chip, spec.site);
  double wait_days = offer.delay_days + conditions.testing_days +
                     context.spec.regions[spec.site.index()].shipping_days;
  if (conditions.needs_licence) wait_days += context.law.expected_review_days;

  const VendorId vendor = chips_[chip.index()].vendor;
  const Origin origin = legal_origin(context, buyer, chip);
  const bool is_own = workload == Workload::kInference && spec.own_vendor == vendor &&
                      transfer_price(spec, chip) < offer.price;
  const PriceUtility on_price =
      is_own ? PriceUtility{price_utility(in_usd(transfer_price(spec, chip)) *
                                          conditions.outlay_ratio() / theta /
                                          demand_.reference_price_usd),
                            0}
             : utility_of_price(chip, workload, conditions.outlay_ratio());
  taste.chips_per_h100e = 1 / theta;
  taste.slope = on_price.slope;
  taste.is_of_house = is_own;
  if (is_own) taste.house_price_usd = in_usd(transfer_price(spec, chip));
  taste.attraction =
      on_price.attraction + context.spec.vendors[vendor.index()].preference -
      demand_.switching_cost * (1 - stack_share_[stack_of_[chip.index()]]) -
      (origin == Origin::kLegalForeign ? demand_.guidance_weight * conditions.guidance : 0.0) -
      demand_.delay_cost_per_month * wait_days / kDaysPerMonth - demand_.refusal_cost * failure;
  if (!offer.is_open) return;
  Option option;
  option.origin = origin;
  option.chip = chip;
  option.throughput = theta;
  option.price = is_own ? transfer_price(spec, chip) : offer.price;
  option.duty = share_of(option.price, conditions.duty_rate);
  option.outlay = conditions.outlay(option.price);
  add_option(option, taste.attraction - taste.slope * offer.transformed_price,
             static_cast<int>(origin));
}

// Of a licence, as far as one is needed. How much will be asked for is known only when the lots
// have been chosen: the buyer reckons with its last order of the chip, and before the first one
// with a quantity that nobody minds.
double Buyers::grant_chance(const Context& context, BuyerId buyer, Workload workload,
                            ChipId chip) const {
  return context.grant_chance(chip, CustomerId{buyer.index()}, workload,
                              states_[buyer.index()].last_order[place(workload, chip)]);
}

// What the price of a chip does to its utility; kept by chip and workload for buyers who pay no
// more and no less.
PriceUtility Buyers::utility_of_price(ChipId chip, Workload workload, double outlay_ratio) const {
  const std::size_t here = place(workload, chip);
  if (outlay_ratio == 1) return price_utility_[here];
  return fold_price_multiplier(demand_.price_sensitivity, demand_.price_curvature, 0,
                               outlay_ratio / throughput_[here] / demand_.reference_price_usd);
}

// Within a house, chips for inference go at transfer price (Baidu and Kunlunxin, Alibaba and
// T-Head): on inference such chips prove themselves first.
Cents Buyers::transfer_price(const BuyerSpec& buyer, ChipId chip) const {
  return from_usd(chips_[chip.index()].unit_cost_usd * (1 + buyer.transfer_markup));
}

void Buyers::list_grey(const Context& context, BuyerId buyer, Workload workload, ChipId chip) {
  const BuyerSpec& spec = specs_[buyer.index()];
  const GreyOffer& offer = context.offers.grey(chip, spec.site);
  const double theta = throughput(chip, workload);
  if (!offer.is_open || theta <= 0) return;
  Option option;
  option.origin = Origin::kGrey;
  option.chip = chip;
  option.throughput = theta;
  option.price = option.outlay = offer.price;
  const double utility = price_utility(in_usd(offer.price) / theta / demand_.reference_price_usd) +
                         context.spec.vendors[chips_[chip.index()].vendor.index()].preference -
                         demand_.switching_cost * (1 - stack_share_[stack_of_[chip.index()]]) -
                         demand_.delay_cost_per_month * offer.delay_days / kDaysPerMonth -
                         demand_.refusal_cost * offer.seizure - spec.grey_aversion;
  add_option(option, utility, static_cast<int>(Origin::kGrey));
}

void Buyers::list_rentals(const Context& context, BuyerId buyer) {
  const BuyerSpec& spec = specs_[buyer.index()];
  if (context.law.is_rental_closed(CustomerId{buyer.index()})) return;
  for (std::size_t l = 0; l < context.spec.landlords.size(); ++l) {
    const LandlordSpec& landlord = context.spec.landlords[l];
    const RentalOffer& offer = context.offers.rental(LandlordId{l});
    if (offer.free_h100e < 1 ||
        std::ranges::find(landlord.rents_to, spec.headquarters) == landlord.rents_to.end()) {
      continue;
    }
    Option option;
    option.origin = Origin::kRentedAbroad;
    option.landlord = LandlordId{l};
    option.throughput = 1;
    option.outlay = share_of(offer.price_per_month, landlord.contract_days / kDaysPerMonth);
    const double compared = in_usd(offer.price_per_month) * demand_.rental_horizon_months;
    add_option(option, price_utility(compared / demand_.reference_price_usd),
               static_cast<int>(Origin::kRentedAbroad));
  }
}

// H100e of the shortfall that the allowance reaches for, at what choices cost on average, not at
// what the buyer happens to draw; where nothing is on offer, at the reference price.
double Buyers::affordable(double shortfall, Cents allowance,
                          std::span<const double> probabilities) const {
  double cost_per_h100e = 0;
  double chosen = 0;
  for (std::size_t j = 0; j < options_.size(); ++j) {
    if (options_[j].is_wait) continue;
    cost_per_h100e += probabilities[j] / options_[j].throughput * in_usd(options_[j].outlay);
    chosen += probabilities[j];
  }
  if (chosen <= 0) cost_per_h100e = demand_.reference_price_usd;
  return cost_per_h100e > 0 ? std::min(shortfall, in_usd(allowance) / cost_per_h100e) : shortfall;
}

// Small and Rosen (1981, doi:10.2307/1911129): the log-sum over the marginal utility of money,
// which is taken at the reference price, so that a dollar weighs the same under every policy.
void Buyers::count_surplus(Context& context, BuyerId buyer, double chosen_on_h100e) {
  const double usd_per_util = demand_.price_sensitivity > 0
                                  ? demand_.reference_price_usd / demand_.price_sensitivity
                                  : std::numeric_limits<double>::quiet_NaN();
  context.record.add_real(series_.consumer_surplus,
                          chosen_on_h100e * usd_per_util * (choice_.log_sum() - demand_.wait_value),
                          buyer.index());
}

void Buyers::buy(Context& context, BuyerId buyer, Workload workload, double shortfall,
                 Cents allowance) {
  State& state = states_[buyer.index()];
  weigh_stacks(buyer);
  list_options(context, buyer, workload);
  const double lots = std::clamp(std::ceil(shortfall / demand_.lot_units), 1.0, kMostLots);
  lots_.resize(options_.size());
  const std::span<const double> probabilities = choice_.probabilities(demand_.nest_similarity);
  const double within_means = affordable(shortfall, allowance, probabilities);
  context.demand.want(buyer, workload).h100e_per_day = within_means / demand_.planning_days;
  count_surplus(context, buyer, within_means);
  allocate_lots(probabilities, static_cast<std::int64_t>(lots),
                context.spec.noise ? &state.choice_noise : nullptr, lots_);
  if (context.trace != nullptr) trace_choice(context, buyer, workload, probabilities);

  // What the lots cost in all; when that is more than the allowance, every lot shrinks alike.
  const double lot = shortfall / lots;
  double cost = 0;
  for (std::size_t j = 0; j < options_.size(); ++j) {
    if (options_[j].is_wait) continue;
    cost +=
        static_cast<double>(lots_[j]) * lot / options_[j].throughput * in_usd(options_[j].outlay);
  }
  const double scale = cost > 0 ? std::min(1.0, in_usd(allowance) / cost) : 1.0;
  for (std::size_t j = 0; j < options_.size(); ++j) {
    if (options_[j].is_wait || lots_[j] == 0) continue;
    const double wanted = static_cast<double>(lots_[j]) * lot * scale;
    if (options_[j].landlord.is_some()) {
      rent(context, buyer, workload, options_[j], wanted);
    } else {
      take(context, buyer, workload, options_[j], wanted);
    }
  }
}

}  // namespace tollgate
