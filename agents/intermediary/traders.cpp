#include "agents/intermediary/traders.hpp"

#include <algorithm>
#include <cmath>

#include "agents/intermediary/adjustment.hpp"
#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
Traders::Traders(const Context& context, const Series& series)
    : series_(series),
      specs_(context.spec.traders),
      regions_(context.spec.regions.size()),
      routes_(regions_),
      states_(specs_.size()),
      price_ratio_sum_(regions_),
      sold_(regions_),
      receipts_usd_(regions_),
      cost_usd_(regions_) {
  for (const RouteSpec& route : context.spec.routes) {
    Leg leg{route.cost_usd, route.delay_days, route.detection};
    if (route.capacity_per_month) leg.capacity = std::llround(*route.capacity_per_month);
    routes_.add_leg(route.from, route.to, leg);
  }
  const std::size_t chips = context.chips.size();
  for (std::size_t t = 0; t < specs_.size(); ++t) {
    State& state = states_[t];
    state.capacity = specs_[t].capacity_per_month;
    state.smoothed_return = specs_[t].initial_markup;
    state.log_price.assign(regions_, std::log1p(specs_[t].initial_markup));
    state.quotes.resize(chips * regions_);
    state.queues.resize(chips);
    state.stock.resize(chips);
    state.stock_cost.resize(chips);
    state.month.asked.resize(regions_);
    state.month.taken.resize(regions_);
    state.seizures = context.streams.make(specs_[t].id, "seizure");
  }
}

void Traders::start(Context& context) {
  for (std::size_t t = 0; t < specs_.size(); ++t) {
    context.schedule(context.first_time(specs_[t].id, "trade_phase", kDaysPerMonth),
                     EventKind::kTradeOpened, t);
  }
}

void Traders::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  switch (event.kind) {
    case EventKind::kTradeOpened:  // the subject counts the months
      if (subject > 0) settle_month(context, TraderId{std::size_t{event.agent}});
      open_trade(context, TraderId{std::size_t{event.agent}});
      if (context.trace != nullptr) {
        context.trace->event().set(Number::kLimit,
                                   static_cast<double>(states_[event.agent].month.capacity));
      }
      context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kTradeOpened,
                       event.agent, subject + 1);
      return;
    case EventKind::kGreyOrderPlaced:
      return take_order(context, OrderId{subject});
    case EventKind::kHubDelivery:
      return receive(context, ShipmentId{subject});
    case EventKind::kHubOrderCancelled:
      return pass_on_cancellation(context, OrderId{subject});
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the traders");
  }
}

void Traders::open_trade(Context& context, TraderId trader) {
  reopen_legs(context);
  begin_month(context, trader);
  for (std::size_t c = 0; c < context.chips.size(); ++c) dispatch(context, trader, ChipId{c});
  renew_quotes(context, trader);
  show_cheapest_where_served(context, trader);
}

void Traders::reopen_legs(const Context& context) {
  const auto month =
      static_cast<std::int64_t>(in_days(context.now() - context.spec.start) / kDaysPerMonth);
  if (month == legs_month_) return;
  legs_month_ = month;
  routes_.reopen();
}

/// What a whole month would have asked for, over what was asked until the trader sold out: nobody
/// asks when nothing is on offer. (n - 1) / T is the unbiased estimate of a Poisson rate when one
/// stops at the n-th visit, so a single large order is not taken for a rush.
double Traders::whole_month_factor(const Month& month, double days) {
  const double sale_days = in_days(month.sold_out - month.opened);
  if (month.visits < 2 || sale_days <= 0) return 1;
  const auto visits = static_cast<double>(month.visits);
  return std::max(1.0, (visits - 1) / visits * days / sale_days);
}

// Mark-ups and capacity follow the month that has passed. The regions share the capacity: each sees
// what the others leave. Idle capacity earns nothing, so that traders leave when their business has
// gone.
void Traders::settle_month(const Context& context, TraderId trader) {
  const TraderSpec& spec = specs_[trader.index()];
  State& state = states_[trader.index()];
  const Month& month = state.month;
  const double days = in_days(context.now() - month.opened);
  const double whole_month = month.free > 0 ? 1 : whole_month_factor(month, days);
  std::int64_t all_taken = 0;
  for (const std::int64_t taken : month.taken) all_taken += taken;
  for (const RegionId region : spec.serves) {
    const std::size_t r = region.index();
    const double asked = static_cast<double>(month.asked[r]) * whole_month;
    const double there = static_cast<double>(month.capacity - (all_taken - month.taken[r]));
    state.log_price[r] =
        groped_log_price(state.log_price[r], spec.markup_response, log_excess_demand(asked, there),
                         0, std::log1p(spec.markup_ceiling));
  }

  double earned = 0;
  if (month.capacity > 0 && month.cost_usd > 0) {
    earned = (month.receipts_usd / month.cost_usd - 1) * static_cast<double>(month.sent) /
             static_cast<double>(month.capacity);
  }
  const double weight = 1 - std::exp(-days / spec.return_memory_days);
  state.smoothed_return += weight * (earned - state.smoothed_return);
  state.capacity = capacity_after_entry(
      state.capacity, spec.entry_rate, state.smoothed_return - spec.required_return,
      days / kDaysPerYear, spec.potential_entrants * spec.capacity_per_month);
}

void Traders::begin_month(const Context& context, TraderId trader) {
  State& state = states_[trader.index()];
  Month& month = state.month;
  month.opened = context.now();
  month.sold_out = context.now();
  month.capacity = month.free = static_cast<std::int64_t>(std::llround(state.capacity));
  std::ranges::fill(month.asked, 0);
  std::ranges::fill(month.taken, 0);
  month.sent = month.visits = 0;
  month.receipts_usd = month.cost_usd = 0;
}

void Traders::renew_quotes(const Context& context, TraderId trader) {
  const TraderSpec& spec = specs_[trader.index()];
  const CustomerId customer{context.spec.buyers.size() + trader.index()};
  const double enforcement = context.law.enforcement();
  for (const RegionId region : spec.serves) {
    for (std::size_t c = 0; c < context.chips.size(); ++c) {
      const ChipId chip{c};
      Quote& mine = quote(trader, chip, region);
      mine.offer.is_open = false;
      const ChipOffer& hub = context.offers.chip(chip, spec.hub);
      const bool is_stuck = states_[trader.index()].stock[c] > 0;  // it lacks a way as it is
      if (is_stuck || !hub.is_open || context.law.conditions(chip, customer).is_barred ||
          context.is_sold_openly(chip, region)) {
        continue;
      }
      const double value = in_usd(context.law.conditions(chip, customer).outlay(hub.price));
      const auto passage = routes_.least_expected_cost(spec.hub, region, value, enforcement);
      if (!passage) continue;
      const double cost_usd = (value + passage->cost_usd) / passage->survival;
      const double markup = std::exp(states_[trader.index()].log_price[region.index()]);
      mine.offer = {true, trader, from_usd(cost_usd * markup), hub.delay_days + passage->delay_days,
                    1 - passage->survival};
      mine.passage = *passage;
      mine.enforcement = enforcement;
      mine.legs_month = legs_month_;
    }
  }
}

// Among traders that ask the same, the first.
void Traders::show_cheapest(Context& context, ChipId chip, RegionId region) const {
  GreyOffer& shown = context.offers.grey(chip, region);
  shown.is_open = false;
  for (std::size_t t = 0; t < states_.size(); ++t) {
    const GreyOffer& offer = quote(TraderId{t}, chip, region).offer;
    if (!offer.is_open || states_[t].month.free <= 0) continue;
    if (!shown.is_open || offer.price < shown.price) shown = offer;
  }
}

void Traders::show_cheapest_where_served(Context& context, TraderId trader) const {
  for (const RegionId region : specs_[trader.index()].serves) {
    for (std::size_t c = 0; c < context.chips.size(); ++c) {
      show_cheapest(context, ChipId{c}, region);
    }
  }
}

void Traders::take_order(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  const TraderId trader = order.trader;
  State& state = states_[trader.index()];
  Month& month = state.month;
  const std::int64_t taken = std::min(order.waiting, month.free);
  const std::int64_t refused = order.waiting - taken;
  const BuyerId visitor{std::size_t{order.customer}};
  if (month.visits == 0 || visitor != month.visitor || order.placed != month.visited) {
    ++month.visits;
    month.visitor = visitor;
    month.visited = order.placed;
  }
  month.asked[order.region.index()] += order.waiting;
  month.taken[order.region.index()] += taken;
  month.free -= taken;
  if (refused > 0) {
    order.waiting = taken;
    if (context.trace != nullptr) context.trace->event().why(Reason::kTraderFull).units(taken);
    context.cancel_units(id, refused);
  }
  if (taken == 0) return;
  if (month.free == 0) {  // the next cheapest takes over
    month.sold_out = context.now();
    show_cheapest_where_served(context, trader);
  }
  const ChipOffer& hub = context.offers.chip(order.chip, specs_[trader.index()].hub);
  const double list = context.chips[order.chip.index()].price_usd;
  price_ratio_sum_[order.region.index()] +=
      in_usd(order.unit_price) / list * static_cast<double>(taken);
  sold_[order.region.index()] += taken;
  state.queues[order.chip.index()].push_back(id);

  Order purchase;
  purchase.customer_kind = CustomerKind::kTrader;
  purchase.customer = trader.value;
  purchase.chip = order.chip;
  purchase.region = specs_[trader.index()].hub;
  purchase.workload = order.workload;
  purchase.waiting = taken;
  purchase.unit_price = hub.price;
  const Conditions& conditions = context.conditions_of(purchase);
  purchase.unit_duty = share_of(hub.price, conditions.duty_rate);
  purchase.unit_outlay = conditions.outlay(hub.price);
  purchase.placed = context.now();
  const OrderId bought = context.book.orders.open(purchase);
  if (context.trace != nullptr) {
    context.trace->decide(Decision::kOrdered, Reason::kChosen)
        .opens(context, bought)
        .set(Number::kOutlay, in_usd(purchase.unit_outlay));
  }
  context.send(EventKind::kOrderPlaced, context.chips[purchase.chip.index()].vendor.index(),
               bought.index());
}

void Traders::receive(Context& context, ShipmentId id) {
  const Shipment shipment = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& purchase = context.book.orders[shipment.order];
  const TraderId trader{std::size_t{purchase.customer}};
  const ChipId chip = purchase.chip;
  State& state = states_[trader.index()];
  const Cents cost = times(purchase.unit_price + purchase.unit_duty, shipment.units) +
                     shipment.tariff - shipment.subsidy;
  purchase.in_transit -= shipment.units;
  state.received += shipment.units;
  state.stock[chip.index()] += shipment.units;
  state.stock_cost[chip.index()] = state.stock_cost[chip.index()] + cost;
  state.paid = state.paid + cost;
  context.record.add(series_.grey_bought, shipment.units, purchase.region.index());
  if (purchase.is_settled()) context.book.orders.close(shipment.order);
  dispatch(context, trader, chip);
}

// What the trader cannot get, its last customers do not get.
void Traders::pass_on_cancellation(Context& context, OrderId id) {
  Order& purchase = context.book.orders[id];
  const TraderId trader{std::size_t{purchase.customer}};
  std::deque<OrderId>& queue = states_[trader.index()].queues[purchase.chip.index()];
  std::int64_t left = purchase.cancelled;
  purchase.cancelled = 0;
  if (purchase.is_settled()) context.book.orders.close(id);
  while (left > 0 && !queue.empty()) {
    const OrderId last = queue.back();
    Order& order = context.book.orders[last];
    const std::int64_t units = std::min(left, order.waiting);
    order.waiting -= units;
    left -= units;
    context.cancel_units(last, units);
    if (order.waiting == 0) queue.pop_back();
  }
}

// First come first served. What no leg has room for stays in the hub for another month.
void Traders::dispatch(Context& context, TraderId trader, ChipId chip) {
  State& state = states_[trader.index()];
  std::deque<OrderId>& queue = state.queues[chip.index()];
  std::int64_t& stock = state.stock[chip.index()];
  Cents& stock_cost = state.stock_cost[chip.index()];
  while (stock > 0 && !queue.empty()) {
    const OrderId id = queue.front();
    Order& order = context.book.orders[id];
    const Passage* passage = find_way(context, trader, order);
    if (passage == nullptr) {
      if (context.trace != nullptr && context.trace->is_news(id, Reason::kNoRoute)) {
        context.trace->decide(Decision::kHeldUp, Reason::kNoRoute)
            .by(Actor::kTrader, trader.index())
            .of(context, id);
      }
      return;
    }
    const std::int64_t units = std::min({stock, order.waiting, routes_.free_units(*passage)});
    const Cents cost =
        share_of(stock_cost, static_cast<double>(units) / static_cast<double>(stock));
    stock -= units;
    stock_cost = stock_cost - cost;
    order.waiting -= units;
    order.in_transit += units;
    send_lots(context, trader, id, *passage, units, cost);
    if (order.waiting == 0) queue.pop_front();
  }
}

// The way of the quote, or a new one if enforcement has changed since, or a leg is full; none if
// all are.
const Passage* Traders::find_way(const Context& context, TraderId trader, const Order& order) {
  reopen_legs(context);
  Quote& way = quote(trader, order.chip, order.region);
  const double enforcement = context.law.enforcement();
  const bool is_fresh = way.enforcement == enforcement && way.legs_month == legs_month_;
  if (!is_fresh || routes_.free_units(way.passage) <= 0) {
    const RegionId hub = specs_[trader.index()].hub;
    const double value = in_usd(context.offers.chip(order.chip, hub).price);
    const auto passage = routes_.least_expected_cost(hub, order.region, value, enforcement);
    if (!passage) return nullptr;
    way.passage = *passage;
    way.enforcement = enforcement;
    way.legs_month = legs_month_;
  }
  return &way.passage;
}

// `cost` is what the units have cost in the hub. A seized lot is the trader's loss: it has paid the
// vendor and the passage, and the buyer does not pay for what does not come.
void Traders::send_lots(Context& context, TraderId trader, OrderId id, const Passage& passage,
                        std::int64_t units, Cents cost) {
  State& state = states_[trader.index()];
  Order& order = context.book.orders[id];
  routes_.use(passage, units);
  const Cents fare = from_usd(passage.cost_usd * static_cast<double>(units));
  context.ledger.transfer(context.accounts.traders[trader.index()], context.accounts.outside, fare);
  const std::int64_t lost = seize(context, trader, units, passage.survival);
  const std::int64_t through = units - lost;
  const Cents receipts = times(order.unit_price, through);
  state.passed += through;
  state.seized += lost;
  state.paid = state.paid + fare;
  state.earned = state.earned + receipts;
  state.month.sent += units;
  state.month.receipts_usd += in_usd(receipts);
  state.month.cost_usd += in_usd(cost + fare);
  receipts_usd_[order.region.index()] += in_usd(receipts);
  cost_usd_[order.region.index()] += in_usd(cost + fare);
  if (through > 0) {
    const ShipmentId shipment =
        context.book.shipments.open({.order = id, .units = through, .shipped = context.now()});
    context.schedule(context.now() + days_rounded(passage.delay_days), EventKind::kGreyLotDelivered,
                     order.customer, shipment.index());
    if (context.trace != nullptr) {
      context.trace->decide(Decision::kGreyLotSent, Reason::kThrough)
          .by(Actor::kTrader, trader.index())
          .opens(context, shipment)
          .set(Number::kProbability, passage.survival)
          .set(Number::kDays, passage.delay_days);
    }
  }
  if (lost > 0 && context.trace != nullptr) {
    context.trace->decide(Decision::kGreyLotSeized, Reason::kSeizedOnTheWay)
        .by(Actor::kTrader, trader.index())
        .of(context, id)
        .units(lost)
        .cents(cost)
        .set(Number::kProbability, 1 - passage.survival);
  }
  context.record.add(series_.grey_units, through, order.region.index());
  context.record.add(series_.grey_seized, lost, order.region.index());
  if (lost > 0) {
    order.in_transit -= lost;
    context.cancel_units(id, lost);
  }
}

/// Of `units` that leave, how many are seized: lot by lot, or the expected number without noise.
std::int64_t Traders::seize(const Context& context, TraderId trader, std::int64_t units,
                            double survival) {
  State& state = states_[trader.index()];
  if (!context.spec.noise) {
    state.seizure_carry += static_cast<double>(units) * (1 - survival);
    const auto lost = std::min(units, static_cast<std::int64_t>(std::floor(state.seizure_carry)));
    state.seizure_carry -= static_cast<double>(lost);
    return lost;
  }
  const auto lot_units = std::max<std::int64_t>(1, std::llround(specs_[trader.index()].lot_units));
  std::int64_t lost = 0;
  for (std::int64_t sent = 0; sent < units; sent += lot_units) {
    if (draw_bernoulli(1 - survival, state.seizures)) lost += std::min(lot_units, units - sent);
  }
  return lost;
}

}  // namespace tollgate
