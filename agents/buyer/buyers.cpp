#include "agents/buyer/buyers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/market/throughput.hpp"

namespace tollgate {
namespace {

constexpr double kMonthDays = kDaysPerYear / 12;
constexpr double kQuarterDays = kDaysPerYear / 4;
/// A shortfall is split into at most this many lots; larger buyers choose by larger lots.
constexpr double kMostLots = 64;
/// Chips of the start are spread over this many cohorts of different age.
constexpr std::int64_t kInitialCohorts = 4;
/// The oldest of them has this age.
constexpr double kOldestInitialYears = 3;
/// Lots that are certain to be lost are nobody's choice.
constexpr double kHopeless = 0.999;

}  // namespace

Buyers::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto real = [&](const char* name, std::vector<AxisId> by, const char* long_name,
                        const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kReal, Aggregation::kAtQuarterEnd,
                              "H100e", long_name, description});
  };
  need = real("need", {axes.buyer, axes.workload}, "Need for compute",
              "Effective compute wanted, precaution not included; an H100 on CUDA counts 1.");
  effective_h100e = real("effective_h100e", {axes.buyer, axes.workload}, "Effective compute",
                         "Installed and rented compute weighed by throughput in the workload.");
  installed_h100e = real("installed_h100e", {axes.buyer, axes.origin}, "Installed compute",
                         "Installed (or rented) chips by dense FP16 rate, an H100 being 1.");
  purchases = layout.add_series({"purchases",
                                 {axes.buyer, axes.origin},
                                 ValueType::kInteger,
                                 Aggregation::kSumOverQuarter,
                                 "1",
                                 "Chips received",
                                 "Chips delivered to the buyer's site."});
  spend = layout.add_series({"spend",
                             {axes.buyer},
                             ValueType::kInteger,
                             Aggregation::kSumOverQuarter,
                             "cents",
                             "Spending on compute",
                             "Chips at outlay (duty included) when delivered, and rent when "
                             "signed, in US cents."});
  unspent_budget = layout.add_series({"unspent_budget",
                                      {axes.buyer},
                                      ValueType::kInteger,
                                      Aggregation::kAtQuarterEnd,
                                      "cents",
                                      "Unspent budget",
                                      "Budget neither spent nor committed to orders, before what "
                                      "is not carried over lapses, in US cents."});
  compute_h100e = real("compute_h100e", {axes.region, axes.origin}, "Compute by region",
                       "Installed compute at sites of the region, and compute rented abroad by "
                       "its buyers; dense FP16 rate, an H100 being 1.");
  stack_maturity = layout.add_series({"stack_maturity",
                                      {axes.vendor},
                                      ValueType::kReal,
                                      Aggregation::kAtQuarterEnd,
                                      "1",
                                      "Maturity of the stack",
                                      "Share of the way from the utilisation of the start to that "
                                      "of a mature stack."});
}

Buyers::Buyers(const Context& context, const Series& series)
    : series_(series),
      specs_(context.spec.buyers),
      chips_(context.chips),
      vendors_(context.spec.vendors),
      demand_(context.spec.demand),
      states_(specs_.size()),
      common_noise_(context.streams.make("demand", "common_shock")) {
  std::vector<std::string> stacks;
  for (const ChipSpec& chip : chips_) {
    const VendorSpec& vendor = context.spec.vendors[chip.vendor.index()];
    auto found = std::ranges::find(stacks, vendor.stack);
    if (found == stacks.end()) found = stacks.insert(stacks.end(), vendor.stack);
    stack_of_.push_back(static_cast<std::size_t>(found - stacks.begin()));
  }
  stack_share_.resize(stacks.size());
  maturity_.assign(stacks.size(), 0);
  throughput_.resize(chips_.size() * kWorkloads);
  weigh_throughput();
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    State& state = states_[b];
    state.installed.assign(kWorkloads * kOrigins * chips_.size(), 0);
    state.ordered.assign(kWorkloads * chips_.size(), 0);
    state.need_noise = context.streams.make(specs_[b].id, "need");
    state.choice_noise = context.streams.make(specs_[b].id, "choice");
    state.life_noise = context.streams.make(specs_[b].id, "lifetime");
    state.hazard_at = state.planned_at = context.spec.start;
    for (const Workload workload : kAllWorkloads) {
      const double wanted = specs_[b].need_h100e[workload];
      state.log_need[workload] =
          wanted > 0 ? std::log(wanted) : -std::numeric_limits<double>::infinity();
    }
  }
}

void Buyers::start(Context& context) {
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    install_initial(context, BuyerId{b});
    context.schedule(context.first_time(specs_[b].id, "planning_phase", demand_.planning_days),
                     EventKind::kPlanned, b);
  }
  if (context.spec.noise) {
    context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kDemandShifted, 0);
  }
  if (demand_.stack_learning > 0) {
    context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kStacksUsed, 0);
  }
}

void Buyers::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  switch (event.kind) {
    case EventKind::kPlanned:
      return plan(context, BuyerId{std::size_t{event.agent}});
    case EventKind::kChipsDelivered:
      return receive(context, ShipmentId{subject});
    case EventKind::kOrderCancelled:
      return release(context, OrderId{subject});
    case EventKind::kGreyLotDelivered:
      return receive_grey(context, ShipmentId{subject});
    case EventKind::kCohortRetired:
      return retire(CohortId{subject});
    case EventKind::kRentalEnded:
      return end_rental(context, subject);
    case EventKind::kDemandShifted:
      return shift_demand(context);
    case EventKind::kStacksUsed:
      return mature_stacks(context);
    case EventKind::kChipRevised:
      return weigh_throughput();
    case EventKind::kThreatSeen:
      return see_threat(context, InstrumentId{subject});
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the buyers");
  }
}

// Chips of the start are split over the workloads as the need is, and over cohorts of different
// age; each has the rest of a Weibull life, given that it has reached its age.
void Buyers::install_initial(Context& context, BuyerId buyer) {
  const BuyerSpec& spec = specs_[buyer.index()];
  State& state = states_[buyer.index()];
  const double all_need = spec.need_h100e.training + spec.need_h100e.inference;
  const double training_share = all_need > 0 ? spec.need_h100e.training / all_need : 0.5;
  for (const InstalledSpec& item : spec.installed) {
    const auto units = static_cast<std::int64_t>(std::llround(item.units));
    const auto training = static_cast<std::int64_t>(std::llround(item.units * training_share));
    const RegionId home = context.vendor_headquarters[chips_[item.chip.index()].vendor.index()];
    const Origin origin = home == spec.headquarters ? Origin::kDomestic : Origin::kLegalForeign;
    for (const Workload workload : kAllWorkloads) {
      const std::int64_t mine = workload == Workload::kTraining ? training : units - training;
      for (std::int64_t i = 0; i < kInitialCohorts; ++i) {
        const std::int64_t part = mine * (i + 1) / kInitialCohorts - mine * i / kInitialCohorts;
        if (part == 0) continue;
        const double age = kOldestInitialYears * (static_cast<double>(i) + 0.5) /
                           static_cast<double>(kInitialCohorts);
        const double k = demand_.lifetime_shape;
        // Survival S(x) = exp(-(x/s)^k): x = s ((age/s)^k - log U)^(1/k), U uniform; median without
        // noise.
        const double u = context.spec.noise ? 1 - draw_uniform(state.life_noise) : 0.5;
        const double life =
            demand_.lifetime_years *
            std::pow(std::pow(age / demand_.lifetime_years, k) - std::log(u), 1 / k);
        const CohortId cohort = cohorts_.open({buyer, item.chip, workload, origin, part, true});
        state.installed[place(workload, origin, item.chip)] += part;
        state.received += part;
        context.schedule(context.now() + days_rounded((life - age) * kDaysPerYear),
                         EventKind::kCohortRetired, buyer.index(), cohort.index());
      }
    }
  }
}

void Buyers::plan(Context& context, BuyerId buyer) {
  State& state = states_[buyer.index()];
  accrue_budget(context, buyer);
  for (const Workload workload : kAllWorkloads) move_need(context, buyer, workload);
  state.planned_at = context.now();
  const double precaution = demand_.precaution_gain * hazard(context, buyer);
  std::array<double, kWorkloads> shortfalls{};
  double open = 0;
  for (const Workload workload : kAllWorkloads) {
    double& shortfall = shortfalls[static_cast<std::size_t>(workload)];
    shortfall = std::max(0.0, need(buyer, workload) * (1 + precaution) -
                                  effective(buyer, workload) - on_order(buyer, workload));
    open += shortfall;
  }
  // Money is split as the shortfalls are; what one workload leaves over, the next may spend.
  for (const Workload workload : kAllWorkloads) {
    const double shortfall = shortfalls[static_cast<std::size_t>(workload)];
    if (shortfall > 0 && state.budget > Cents{0}) {
      buy(context, buyer, workload, shortfall, share_of(state.budget, shortfall / open));
    }
    open -= shortfall;
  }
  context.schedule(context.now() + days_rounded(demand_.planning_days), EventKind::kPlanned,
                   buyer.index());
}

void Buyers::accrue_budget(Context& context, BuyerId buyer) {
  const BuyerSpec& spec = specs_[buyer.index()];
  State& state = states_[buyer.index()];
  const double quarters = in_days(context.now() - state.planned_at) / kQuarterDays;
  state.budget =
      state.budget +
      from_usd(grown(spec.budget_usd_per_quarter, spec.budget_growth, context) * quarters);
}

// Geometric Brownian motion: the drift is the growth of expected need, so half the variance is
// taken off its logarithm (own part here, common part in shift_demand).
void Buyers::move_need(Context& context, BuyerId buyer, Workload workload) {
  State& state = states_[buyer.index()];
  const double years = in_years(context.now() - state.planned_at);
  const double growth =
      std::log(demand_.growth[workload]) * specs_[buyer.index()].need_growth_multiplier;
  state.log_need[workload] += growth * years;
  if (!context.spec.noise) return;
  const double sd = demand_.volatility_own * std::sqrt(years);
  state.log_need[workload] += sd * draw_normal(state.need_noise) - 0.5 * sd * sd;
}

void Buyers::shift_demand(Context& context) {
  const double sd = demand_.volatility_common * std::sqrt(kMonthDays / kDaysPerYear);
  common_shock_ += sd * draw_normal(common_noise_) - 0.5 * sd * sd;
  context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kDemandShifted, 0);
}

// dM/dt = phi (1 - M) use (MODEL.md 4.1), exact while use, the stack's share of the compute
// installed in the focus region, stands still over the month.
void Buyers::mature_stacks(Context& context) {
  std::ranges::fill(stack_share_, 0.0);
  double all = 0;
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    if (specs_[b].site != context.spec.focus_region) continue;
    const std::vector<std::int64_t>& installed = states_[b].installed;
    for (std::size_t i = 0; i < installed.size(); ++i) {
      const std::size_t c = i % chips_.size();
      const double compute = static_cast<double>(installed[i]) * h100e(chips_[c]);
      all += compute;
      stack_share_[stack_of_[c]] += compute;
    }
  }
  const double years = kMonthDays / kDaysPerYear;
  for (std::size_t s = 0; s < maturity_.size() && all > 0; ++s) {
    const double use = stack_share_[s] / all;
    maturity_[s] = 1 - (1 - maturity_[s]) * std::exp(-demand_.stack_learning * use * years);
  }
  weigh_throughput();
  context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kStacksUsed, 0);
}

void Buyers::weigh_throughput() {
  const InferenceTechnology technology{demand_.inference_elasticity,
                                       demand_.inference_compute_weight};
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const VendorSpec& vendor = vendors_[chips_[c].vendor.index()];
    for (const Workload workload : kAllWorkloads) {
      const double now = vendor.utilisation[workload];
      const double gap = std::max(0.0, vendor.utilisation_max[workload] - now);
      throughput_[c * kWorkloads + static_cast<std::size_t>(workload)] = effective_throughput(
          chips_[c], workload, now + gap * maturity_[stack_of_[c]], technology);
    }
  }
}

double Buyers::need(BuyerId buyer, Workload workload) const {
  return std::exp(states_[buyer.index()].log_need[workload] + common_shock_);
}

// Perceived hazard jumps by one when a rule that can close sales is announced (or comes without
// notice), and fades.
void Buyers::see_threat(Context& context, InstrumentId instrument) {
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    if (!context.law.threatens(instrument, CustomerId{b})) continue;
    State& state = states_[b];
    state.hazard = hazard(context, BuyerId{b}) + 1;
    state.hazard_at = context.now();
  }
}

double Buyers::hazard(const Context& context, BuyerId buyer) const {
  const State& state = states_[buyer.index()];
  return state.hazard *
         std::exp(-in_days(context.now() - state.hazard_at) / demand_.hazard_memory_days);
}

double Buyers::effective(BuyerId buyer, Workload workload) const {
  const State& state = states_[buyer.index()];
  double sum = state.rented[workload];
  for (std::size_t o = 0; o < kOrigins; ++o) {
    for (std::size_t c = 0; c < chips_.size(); ++c) {
      const std::int64_t units =
          state.installed[place(workload, static_cast<Origin>(o), ChipId{c})];
      if (units != 0) sum += static_cast<double>(units) * throughput(ChipId{c}, workload);
    }
  }
  return sum;
}

double Buyers::on_order(BuyerId buyer, Workload workload) const {
  const std::int64_t* units =
      &states_[buyer.index()].ordered[static_cast<std::size_t>(workload) * chips_.size()];
  double sum = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    if (units[c] != 0) sum += static_cast<double>(units[c]) * throughput(ChipId{c}, workload);
  }
  return sum;
}

/// Shares of the software stacks in the buyer's installed compute, into the workspace.
void Buyers::weigh_stacks(BuyerId buyer) {
  const State& state = states_[buyer.index()];
  std::ranges::fill(stack_share_, 0.0);
  double all = 0;
  for (std::size_t row = 0; row < kWorkloads * kOrigins; ++row) {
    for (std::size_t c = 0; c < chips_.size(); ++c) {
      const std::int64_t units = state.installed[row * chips_.size() + c];
      if (units == 0) continue;
      const double compute = static_cast<double>(units) * h100e(chips_[c]);
      all += compute;
      stack_share_[stack_of_[c]] += compute;
    }
  }
  if (all <= 0) return;
  for (double& share : stack_share_) share /= all;
}

double Buyers::price_utility(double outlay_usd, double units_of_throughput) const {
  const double relative = outlay_usd / units_of_throughput / demand_.reference_price_usd;
  return -demand_.price_sensitivity * box_cox(relative, demand_.price_curvature);
}

void Buyers::add_option(const Option& option, double utility, int nest) {
  options_.push_back(option);
  choice_.add(utility, static_cast<std::uint8_t>(nest));
}

void Buyers::list_options(const Context& context, BuyerId buyer, Workload workload) {
  options_.clear();
  choice_.clear();
  Option wait;
  wait.is_wait = true;
  add_option(wait, demand_.wait_value, static_cast<int>(kOrigins));
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    list_chip(context, buyer, workload, ChipId{c});
    list_grey(context, buyer, workload, ChipId{c});
  }
  list_rentals(context, buyer, workload);
}

void Buyers::list_chip(const Context& context, BuyerId buyer, Workload workload, ChipId chip) {
  const BuyerSpec& spec = specs_[buyer.index()];
  const ChipOffer& offer = context.offers.chip(chip, spec.site);
  const double theta = throughput(chip, workload);
  if (!offer.is_open || theta <= 0) return;
  const CustomerId customer{buyer.index()};
  const Conditions& conditions = context.law.conditions(chip, customer);
  if (conditions.is_barred) return;

  const VendorId vendor = chips_[chip.index()].vendor;
  const bool is_foreign = context.vendor_headquarters[vendor.index()] != spec.headquarters;
  const double grant = conditions.needs_licence
                           ? context.law.grant_probability[static_cast<int>(conditions.review)]
                           : 1.0;
  const double failure = 1 - grant * (1 - conditions.stop_probability);
  if (failure > kHopeless) return;
  double wait_days = offer.delay_days + conditions.testing_days +
                     context.spec.regions[spec.site.index()].shipping_days;
  if (conditions.needs_licence) wait_days += context.law.expected_review_days;

  Option option;
  option.origin = is_foreign ? Origin::kLegalForeign : Origin::kDomestic;
  option.chip = chip;
  option.throughput = theta;
  option.price = asked(spec, workload, chip, offer);
  option.outlay = option.price + share_of(option.price, conditions.duty_rate);
  const double utility = price_utility(in_usd(option.outlay), theta) +
                         context.spec.vendors[vendor.index()].preference -
                         demand_.switching_cost * (1 - stack_share_[stack_of_[chip.index()]]) -
                         (is_foreign ? demand_.guidance_weight * conditions.guidance : 0.0) -
                         demand_.delay_cost_per_month * wait_days / kMonthDays -
                         demand_.refusal_cost * failure;
  add_option(option, utility, static_cast<int>(option.origin));
}

// Within a house, chips for inference go at transfer price (Baidu and Kunlunxin, Alibaba and
// T-Head): on inference such chips prove themselves first.
Cents Buyers::asked(const BuyerSpec& buyer, Workload workload, ChipId chip,
                    const ChipOffer& offer) const {
  const ChipSpec& spec = chips_[chip.index()];
  if (workload != Workload::kInference || buyer.own_vendor != spec.vendor) return offer.price;
  return std::min(offer.price, from_usd(spec.unit_cost_usd * (1 + buyer.transfer_markup)));
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
  const double utility = price_utility(in_usd(offer.price), theta) +
                         context.spec.vendors[chips_[chip.index()].vendor.index()].preference -
                         demand_.switching_cost * (1 - stack_share_[stack_of_[chip.index()]]) -
                         demand_.delay_cost_per_month * offer.delay_days / kMonthDays -
                         demand_.refusal_cost * offer.seizure - spec.grey_aversion;
  add_option(option, utility, static_cast<int>(Origin::kGrey));
}

void Buyers::list_rentals(const Context& context, BuyerId buyer, Workload) {
  const BuyerSpec& spec = specs_[buyer.index()];
  if (context.law.is_rental_closed(spec.headquarters)) return;
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
    option.outlay = share_of(offer.price_per_month, landlord.contract_days / kMonthDays);
    const double compared = in_usd(offer.price_per_month) * demand_.rental_horizon_months;
    add_option(option, price_utility(compared, 1), static_cast<int>(Origin::kRentedAbroad));
  }
}

void Buyers::buy(Context& context, BuyerId buyer, Workload workload, double shortfall,
                 Cents allowance) {
  State& state = states_[buyer.index()];
  weigh_stacks(buyer);
  list_options(context, buyer, workload);
  const double lots = std::clamp(std::ceil(shortfall / demand_.lot_units), 1.0, kMostLots);
  lots_.resize(options_.size());
  allocate_lots(choice_.probabilities(demand_.nest_similarity), static_cast<std::int64_t>(lots),
                context.spec.noise ? &state.choice_noise : nullptr, lots_);

  // What the lots cost in all; when that is more than the allowance, every lot shrinks alike.
  const double lot = shortfall / lots;
  double cost = 0;
  for (std::size_t j = 0; j < options_.size(); ++j) {
    if (options_[j].is_wait) continue;
    cost +=
        static_cast<double>(lots_[j]) * lot / options_[j].throughput * in_usd(options_[j].outlay);
  }
  const double affordable = cost > 0 ? std::min(1.0, in_usd(allowance) / cost) : 1.0;
  for (std::size_t j = 0; j < options_.size(); ++j) {
    if (options_[j].is_wait || lots_[j] == 0) continue;
    const double wanted = static_cast<double>(lots_[j]) * lot * affordable;
    if (options_[j].landlord.is_some()) {
      rent(context, buyer, workload, options_[j], wanted);
    } else {
      take(context, buyer, workload, options_[j], wanted);
    }
  }
}

void Buyers::take(Context& context, BuyerId buyer, Workload workload, const Option& option,
                  double throughput_wanted) {
  State& state = states_[buyer.index()];
  const auto units = static_cast<std::int64_t>(std::floor(throughput_wanted / option.throughput));
  if (units == 0 || times(option.outlay, units) > state.budget) return;
  state.budget = state.budget - times(option.outlay, units);
  state.ordered[static_cast<std::size_t>(workload) * chips_.size() + option.chip.index()] += units;

  const RegionId site = specs_[buyer.index()].site;
  Order order;
  order.customer = buyer.value;
  order.chip = option.chip;
  order.region = site;
  order.workload = workload;
  order.waiting = units;
  order.placed = context.now();
  if (option.origin == Origin::kGrey) {
    order.trader = context.offers.grey(option.chip, site).trader;
    order.unit_price = option.outlay;
    const OrderId id = context.book.orders.open(order);
    return context.send(EventKind::kGreyOrderPlaced, order.trader.index(), id.index());
  }
  order.unit_price = option.price;
  order.unit_duty = option.outlay - order.unit_price;
  const OrderId id = context.book.orders.open(order);
  context.send(EventKind::kOrderPlaced, chips_[option.chip.index()].vendor.index(), id.index());
}

void Buyers::rent(Context& context, BuyerId buyer, Workload workload, const Option& option,
                  double h100e_wanted) {
  State& state = states_[buyer.index()];
  RentalOffer& offer = context.offers.rental(option.landlord);
  const double h100e = std::floor(std::min(h100e_wanted, offer.free_h100e));
  const Cents price = times(option.outlay, static_cast<std::int64_t>(h100e));
  if (h100e < 1 || price > state.budget) return;
  offer.free_h100e -= h100e;
  state.budget = state.budget - price;
  state.rented[workload] += h100e;
  context.record.add(series_.spend, price.value, buyer.index());
  const auto contract =
      context.book.rentals.open({buyer, option.landlord, workload, h100e, price, true});
  context.send(EventKind::kRentalSigned, option.landlord.index(), contract.index());
  const double term = context.spec.landlords[option.landlord.index()].contract_days;
  context.schedule(context.now() + days_rounded(term), EventKind::kRentalEnded, buyer.index(),
                   contract.index());
}

void Buyers::end_rental(Context& context, std::size_t contract) {
  const RentalId id{contract};
  const RentalContract& rental = context.book.rentals[id];
  states_[rental.buyer.index()].rented[rental.workload] -= rental.h100e;
  context.offers.rental(rental.landlord).free_h100e += rental.h100e;
  context.book.rentals.close(id);
}

void Buyers::receive(Context& context, ShipmentId id) {
  const Shipment shipment = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& order = context.book.orders[shipment.order];
  order.in_transit -= shipment.units;
  const RegionId home = context.vendor_headquarters[chips_[order.chip.index()].vendor.index()];
  const Origin origin =
      home == specs_[order.customer].headquarters ? Origin::kDomestic : Origin::kLegalForeign;
  install(context, order, origin, shipment.units);
  if (order.is_settled()) context.book.orders.close(shipment.order);
}

void Buyers::receive_grey(Context& context, ShipmentId id) {
  const Shipment lot = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& order = context.book.orders[lot.order];
  order.in_transit -= lot.units;
  context.ledger.transfer(context.accounts.buyers[order.customer],
                          context.accounts.traders[order.trader.index()],
                          times(order.unit_price, lot.units));
  install(context, order, Origin::kGrey, lot.units);
  if (order.is_settled()) context.book.orders.close(lot.order);
}

void Buyers::install(Context& context, const Order& order, Origin origin, std::int64_t units) {
  State& state = states_[order.customer];
  state.ordered[static_cast<std::size_t>(order.workload) * chips_.size() + order.chip.index()] -=
      units;
  state.installed[place(order.workload, origin, order.chip)] += units;
  state.received += units;
  context.record.add(series_.spend, times(order.unit_price + order.unit_duty, units).value,
                     order.customer);
  context.record.add(series_.purchases, units, order.customer, static_cast<std::size_t>(origin));
  const double life =
      context.spec.noise
          ? draw_weibull(demand_.lifetime_years, demand_.lifetime_shape, state.life_noise)
          : demand_.lifetime_years * std::pow(std::log(2.0), 1 / demand_.lifetime_shape);
  const CohortId cohort = cohorts_.open(
      {BuyerId{std::size_t{order.customer}}, order.chip, order.workload, origin, units, true});
  context.schedule(context.now() + days_rounded(life * kDaysPerYear), EventKind::kCohortRetired,
                   order.customer, cohort.index());
}

void Buyers::release(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  State& state = states_[order.customer];
  state.budget = state.budget + times(order.unit_price + order.unit_duty, order.cancelled);
  state.ordered[static_cast<std::size_t>(order.workload) * chips_.size() + order.chip.index()] -=
      order.cancelled;
  order.cancelled = 0;
  if (order.is_settled()) context.book.orders.close(id);
}

void Buyers::retire(CohortId id) {
  const Cohort& cohort = cohorts_[id];
  State& state = states_[cohort.buyer.index()];
  state.installed[place(cohort.workload, cohort.origin, cohort.chip)] -= cohort.units;
  state.retired += cohort.units;
  cohorts_.close(id);
}

void Buyers::close_quarter(Context& context) {
  Record& record = context.record;
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    State& state = states_[b];
    for (const Workload workload : kAllWorkloads) {
      const auto w = static_cast<std::size_t>(workload);
      record.set_real(series_.need, need(BuyerId{b}, workload), b, w);
      record.set_real(series_.effective_h100e, effective(BuyerId{b}, workload), b, w);
    }
    for (std::size_t o = 0; o < kOrigins; ++o) {
      double compute = 0;
      for (const Workload workload : kAllWorkloads) {
        for (std::size_t c = 0; c < chips_.size(); ++c) {
          compute += static_cast<double>(
                         state.installed[place(workload, static_cast<Origin>(o), ChipId{c})]) *
                     h100e(chips_[c]);
        }
      }
      if (static_cast<Origin>(o) == Origin::kRentedAbroad) {
        compute += state.rented.training + state.rented.inference;
      }
      record.set_real(series_.installed_h100e, compute, b, o);
      record.add_real(series_.compute_h100e, compute, specs_[b].site.index(), o);
    }
    record.set(series_.unspent_budget, state.budget.value, b);
    if (state.budget > Cents{0}) state.budget = share_of(state.budget, demand_.budget_carry_over);
  }
  for (std::size_t v = 0; v < vendors_.size(); ++v) record.set_real(series_.stack_maturity, 0, v);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    record.set_real(series_.stack_maturity, maturity_[stack_of_[c]], chips_[c].vendor.index());
  }
}

void Buyers::check(const Context& context) const {
  std::vector<std::int64_t> ordered(specs_.size(), 0);
  for (const Order& order : context.book.orders.items()) {
    if (!order.is_open || order.customer_kind != CustomerKind::kBuyer) continue;
    ordered[order.customer] += order.waiting + order.in_transit + order.cancelled;
  }
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    const State& state = states_[b];
    std::int64_t installed = 0;
    for (const std::int64_t units : state.installed) {
      TOLLGATE_CHECK(units >= 0, "negative installed base of " + specs_[b].id);
      installed += units;
    }
    TOLLGATE_CHECK(state.received == installed + state.retired,
                   "chips of " + specs_[b].id + " were lost or made up");
    TOLLGATE_CHECK(std::reduce(state.ordered.begin(), state.ordered.end()) == ordered[b],
                   "the orders of " + specs_[b].id + " differ from those in the book");
    TOLLGATE_CHECK(state.budget >= Cents{0}, specs_[b].id + " has overspent its budget");
  }
}

}  // namespace tollgate
