// What a buyer saw when it chose, for the trace: its options, and what it could not have.

#include "agents/buyer/buyers.hpp"

namespace tollgate {
namespace {

/// Where waiting stands among the origins of options.
constexpr std::size_t kWaitOrigin = kOrigins;

}  // namespace

void Buyers::trace_need(Context& context, BuyerId buyer, Workload workload,
                        double shortfall) const {
  const State& state = states_[buyer.index()];
  const double stock = precaution(context, buyer, workload);
  const Reason reason = shortfall <= 0             ? Reason::kEnough
                        : state.budget <= Cents{0} ? Reason::kNoBudget
                                                   : Reason::kShortOfCompute;
  context.trace->decide(Decision::kNeedReviewed, reason)
      .workload(workload)
      .cents(state.budget)
      .set(Number::kNeed, need(buyer, workload) * (1 + stock))
      .set(Number::kHave, effective(buyer, workload) + on_order(buyer, workload))
      .set(Number::kPrecaution, stock)
      .set(Number::kH100e, shortfall);
}

void Buyers::trace_choice(Context& context, BuyerId buyer, Workload workload,
                          std::span<const double> probabilities) const {
  for (std::size_t j = 0; j < options_.size(); ++j) {
    const Option& option = options_[j];
    TraceLine line = context.trace->decide(Decision::kOptionWeighed,
                                           lots_[j] > 0 ? Reason::kLotsFell : Reason::kNoLotFell);
    line.workload(workload)
        .origin(option.is_wait ? kWaitOrigin : static_cast<std::size_t>(option.origin))
        .set(Number::kUtility, choice_.utility(j))
        .set(Number::kProbability, probabilities[j])
        .set(Number::kLots, static_cast<double>(lots_[j]));
    if (option.is_wait) continue;
    line.set(Number::kOutlay, in_usd(option.outlay));
    if (option.landlord.is_some()) {
      line.seller(option.landlord).set(Number::kUtilityOfPrice, choice_.utility(j));
    } else {
      line.chip(option.chip);
      trace_parts(context, buyer, workload, option, line);
    }
  }
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    trace_missing(context, buyer, workload, ChipId{c});
  }
}

// The parts as list_chip and list_grey reckon with them; they add up to the utility.
void Buyers::trace_parts(const Context& context, BuyerId buyer, Workload workload,
                         const Option& option, TraceLine& line) const {
  const BuyerSpec& spec = specs_[buyer.index()];
  const VendorId vendor = chips_[option.chip.index()].vendor;
  const double preference = context.spec.vendors[vendor.index()].preference;
  const double switching =
      -demand_.switching_cost * (1 - stack_share_[stack_of_[option.chip.index()]]);
  double guidance = 0;
  double days = 0;
  double risk = 0;
  double outlay_ratio = 1;
  if (option.origin == Origin::kGrey) {
    const GreyOffer& offer = context.offers.grey(option.chip, spec.site);
    line.seller(offer.trader);
    days = offer.delay_days;
    risk = -demand_.refusal_cost * offer.seizure - spec.grey_aversion;
  } else {
    const Conditions& conditions = context.law.conditions(option.chip, CustomerId{buyer.index()});
    line.seller(vendor).instrument(conditions.decided_by);
    outlay_ratio = conditions.outlay_ratio();
    if (option.origin == Origin::kLegalForeign) {
      guidance = -demand_.guidance_weight * conditions.guidance;
    }
    days = context.offers.chip(option.chip, spec.site).delay_days + conditions.testing_days +
           context.spec.regions[spec.site.index()].shipping_days +
           (conditions.needs_licence ? context.law.expected_review_days : 0.0);
    risk = -demand_.refusal_cost *
           (1 - grant_chance(context, buyer, workload, option.chip) * conditions.pass_probability);
  }
  const double delay = -demand_.delay_cost_per_month * days / kDaysPerMonth;
  line.set(Number::kUtilityOfVendor, preference)
      .set(Number::kUtilityOfSwitching, switching)
      .set(Number::kUtilityOfGuidance, guidance)
      .set(Number::kUtilityOfDelay, delay)
      .set(Number::kUtilityOfRisk, risk)
      .set(Number::kUtilityOfPrice, price_utility(in_usd(option.price) * outlay_ratio /
                                                  option.throughput / demand_.reference_price_usd))
      .set(Number::kDays, days);
}

// Chips that are on sale at the buyer's region and are not among its legal options, and why.
void Buyers::trace_missing(Context& context, BuyerId buyer, Workload workload, ChipId chip) const {
  const RegionId site = specs_[buyer.index()].site;
  const ChipSpec& spec = chips_[chip.index()];
  if (!is_on_sale(spec, context.now()) || !is_market(spec, site)) return;
  for (const Option& option : options_) {
    if (option.chip == chip && option.origin != Origin::kGrey) return;
  }
  const Conditions& conditions = context.law.conditions(chip, CustomerId{buyer.index()});
  const double chance = grant_chance(context, buyer, workload, chip) * conditions.pass_probability;
  const bool is_hopeless = 1 - chance > kHopeless;
  const Reason reason = conditions.is_barred ? Reason::kBarred
                        : is_hopeless        ? Reason::kNoHope
                                             : Reason::kNotOffered;
  context.trace->decide(Decision::kOptionWeighed, reason)
      .workload(workload)
      .chip(chip)
      .seller(spec.vendor)
      .origin(static_cast<std::size_t>(legal_origin(context, buyer, chip)))
      .instrument(is_hopeless ? conditions.decided_by : InstrumentId{})
      .set(Number::kProbability, 0)
      .set(Number::kLots, 0);
}

void Buyers::trace_order(Context& context, OrderId order, const Option& option) const {
  context.trace->decide(Decision::kOrdered, Reason::kChosen)
      .opens(context, order)
      .origin(static_cast<std::size_t>(option.origin))
      .set(Number::kOutlay, in_usd(option.outlay));
}

void Buyers::trace_nothing_bought(Context& context, Workload workload, const Option& option) const {
  TraceLine line = context.trace->decide(
      option.landlord.is_some() ? Decision::kRented : Decision::kOrdered, Reason::kLessThanAChip);
  line.workload(workload)
      .origin(static_cast<std::size_t>(option.origin))
      .units(0)
      .set(Number::kOutlay, in_usd(option.outlay));
  if (option.landlord.is_some()) {
    line.seller(option.landlord);
  } else {
    line.chip(option.chip).seller(chips_[option.chip.index()].vendor);
  }
}

}  // namespace tollgate
