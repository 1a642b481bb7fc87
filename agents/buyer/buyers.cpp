#include "agents/buyer/buyers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "engine/kernel/check.hpp"
#include "engine/market/throughput.hpp"

namespace tollgate {
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
                             "Chips at outlay (duty and tariff included, subsidy deducted) when "
                             "delivered, and rent when signed, in US cents."});
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
  installed_units = layout.add_series({"installed_units",
                                       {axes.chip, axes.region},
                                       ValueType::kInteger,
                                       Aggregation::kAtQuarterEnd,
                                       "1",
                                       "Installed chips",
                                       "Chips installed at sites of the region."});
  stack_maturity = layout.add_series({"stack_maturity",
                                      {axes.vendor},
                                      ValueType::kReal,
                                      Aggregation::kAtQuarterEnd,
                                      "1",
                                      "Maturity of the stack",
                                      "Share of the way from the utilisation of the start to that "
                                      "of a mature stack; the same for vendors that share one."});
  consumer_surplus =
      layout.add_series({"consumer_surplus",
                         {axes.buyer},
                         ValueType::kReal,
                         Aggregation::kSumOverQuarter,
                         "USD",
                         "Consumer surplus",
                         "What the buyer's choices are worth to it over waiting: log-sum over "
                         "price sensitivity, in US "
                         "dollars at the reference price; NaN when price has no weight."});
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
    h100e_.push_back(h100e(chip));
  }
  stack_share_.resize(stacks.size());
  maturity_.assign(stacks.size(), 0);
  throughput_.resize(chips_.size() * kWorkloads);
  price_utility_.resize(chips_.size() * kWorkloads);
  weigh_throughput();
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    State& state = states_[b];
    state.installed.assign(kWorkloads * kOrigins * chips_.size(), 0);
    state.owned.assign(kWorkloads * chips_.size(), 0);
    state.ordered.assign(kWorkloads * chips_.size(), 0);
    state.last_order.assign(kWorkloads * chips_.size(), 0);
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
  foresee_lack();
}

void Buyers::start(Context& context) {
  note_pending(context);
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    install_initial(context, BuyerId{b});
    context.schedule(context.first_time(specs_[b].id, "planning_phase", demand_.planning_days),
                     EventKind::kPlanned, b);
  }
  if (context.spec.noise) {
    context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kDemandShifted, 0);
  }
  if (demand_.stack_learning > 0) {
    context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kStacksUsed, 0);
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
      return retire(context, CohortId{subject});
    case EventKind::kRentalEnded:
      return end_rental(context, subject);
    case EventKind::kDemandShifted:
      return shift_demand(context);
    case EventKind::kStacksUsed:
      return mature_stacks(context);
    case EventKind::kTastesRevised:
      return revise_tastes(context);
    case EventKind::kChipRevised:
      h100e_[subject] = h100e(chips_[subject]);
      return weigh_throughput();
    case EventKind::kLawSeen:
      return see_law(context);
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the buyers");
  }
}

void Buyers::plan(Context& context, BuyerId buyer) {
  State& state = states_[buyer.index()];
  accrue_budget(context, buyer);
  for (const Workload workload : kAllWorkloads) move_need(context, buyer, workload);
  state.planned_at = context.now();
  std::array<double, kWorkloads> shortfalls{};
  double open = 0;
  for (const Workload workload : kAllWorkloads) {
    double& shortfall = shortfalls[static_cast<std::size_t>(workload)];
    const double target = need(buyer, workload) * (1 + precaution(context, buyer, workload));
    shortfall = std::max(0.0, target - effective(buyer, workload) - on_order(buyer, workload));
    open += shortfall;
  }
  // Money is split as the shortfalls are; what one workload leaves over, the next may spend.
  for (const Workload workload : kAllWorkloads) {
    const double shortfall = shortfalls[static_cast<std::size_t>(workload)];
    context.demand.want(buyer, workload).h100e_per_day = 0;  // unless it buys, see below
    if (context.trace != nullptr) trace_need(context, buyer, workload, shortfall);
    if (shortfall > 0 && state.budget > Cents{0}) {
      buy(context, buyer, workload, shortfall, share_of(state.budget, shortfall / open));
    }
    open -= shortfall;
  }
  context.schedule(context.now() + days_rounded(demand_.planning_days), EventKind::kPlanned,
                   buyer.index());
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
          const std::int64_t units =
              state.installed[place(workload, static_cast<Origin>(o), ChipId{c})];
          if (units == 0) continue;
          compute += static_cast<double>(units) * h100e_[c];
          record.add(series_.installed_units, units, c, specs_[b].site.index());
        }
      }
      if (static_cast<Origin>(o) == Origin::kRentedAbroad) {
        compute += state.rented.training + state.rented.inference;
      }
      record.set_real(series_.installed_h100e, compute, b, o);
      record.add_real(series_.compute_h100e, compute, specs_[b].site.index(), o);
    }
    record.set(series_.unspent_budget, state.budget.value, b);
    if (state.budget > Cents{0}) {
      const Cents carried = share_of(state.budget, demand_.budget_carry_over);
      state.lapsed = state.lapsed + (state.budget - carried);
      state.budget = carried;
    }
  }
  for (std::size_t v = 0; v < vendors_.size(); ++v) record.set_real(series_.stack_maturity, 0, v);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    record.set_real(series_.stack_maturity, maturity_[stack_of_[c]], chips_[c].vendor.index());
  }
}

void Buyers::check(const Context& context) const {
  std::vector<std::int64_t> ordered(specs_.size(), 0);
  std::vector<Cents> set_aside(specs_.size());
  for (const Order& order : context.book.orders.items()) {
    if (!order.is_open || order.customer_kind != CustomerKind::kBuyer) continue;
    const std::int64_t units = order.waiting + order.in_transit + order.cancelled;
    ordered[order.customer] += units;
    Cents& money = set_aside[order.customer];
    money = money + times(order.unit_outlay, units);
  }
  for (std::size_t b = 0; b < specs_.size(); ++b) {
    const State& state = states_[b];
    std::int64_t installed = 0;
    for (const std::int64_t units : state.installed) {
      TOLLGATE_CHECK(units >= 0, "negative installed base of " + specs_[b].id);
      installed += units;
    }
    TOLLGATE_CHECK(
        std::reduce(state.owned.begin(), state.owned.end()) == static_cast<double>(installed),
        "the chips that " + specs_[b].id + " owns differ from those installed");
    TOLLGATE_CHECK(state.received == installed + state.retired,
                   "chips of " + specs_[b].id + " were lost or made up");
    TOLLGATE_CHECK(std::reduce(state.ordered.begin(), state.ordered.end()) == ordered[b],
                   "the orders of " + specs_[b].id + " differ from those in the book");
    TOLLGATE_CHECK(state.accrued == state.budget + set_aside[b] + state.spent + state.lapsed,
                   "money of " + specs_[b].id + " was lost or made up");
    TOLLGATE_CHECK(state.budget + state.surcharged >= Cents{0},
                   specs_[b].id + " has overspent its budget");
  }
}

}  // namespace tollgate
