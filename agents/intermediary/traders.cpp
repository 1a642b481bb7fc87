#include "agents/intermediary/traders.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

constexpr double kMonthDays = kDaysPerYear / 12;

}  // namespace

Traders::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : grey_units(layout.add_series({"grey_units",
                                    {axes.region},
                                    ValueType::kInteger,
                                    Aggregation::kSumOverQuarter,
                                    "1",
                                    "Grey chips delivered",
                                    "Chips that traders brought to buyers at the region."})),
      grey_seized(layout.add_series({"grey_seized",
                                     {axes.region},
                                     ValueType::kInteger,
                                     Aggregation::kSumOverQuarter,
                                     "1",
                                     "Grey chips seized",
                                     "Chips lost on the way to the region."})),
      grey_price_ratio(layout.add_series(
          {"grey_price_ratio",
           {axes.region},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "1",
           "Grey price over list price",
           "Mean over the chips ordered in the quarter; NaN if there was none."})) {}

Traders::Traders(const Context& context, const Series& series)
    : series_(series),
      specs_(context.spec.traders),
      routes_(context.spec.regions.size()),
      states_(specs_.size()),
      price_ratio_sum_(context.spec.regions.size()),
      sold_(context.spec.regions.size()) {
  for (const RouteSpec& route : context.spec.routes) {
    routes_.add_leg(route.from, route.to, {route.cost_usd, route.delay_days, route.detection});
  }
  for (std::size_t t = 0; t < specs_.size(); ++t) {
    states_[t].queues.resize(context.chips.size());
    states_[t].stock.resize(context.chips.size());
    states_[t].seizures = context.streams.make(specs_[t].id, "seizure");
  }
}

void Traders::start(Context& context) {
  for (std::size_t t = 0; t < specs_.size(); ++t) {
    context.schedule(context.first_time(specs_[t].id, "trade_phase", kMonthDays),
                     EventKind::kTradeOpened, t);
  }
}

void Traders::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  switch (event.kind) {
    case EventKind::kTradeOpened:
      open_trade(context, TraderId{std::size_t{event.agent}});
      context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kTradeOpened,
                       event.agent);
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
  const TraderSpec& spec = specs_[trader.index()];
  states_[trader.index()].free_capacity = static_cast<std::int64_t>(
      std::llround(grown(spec.capacity_per_month, spec.capacity_growth, context)));
  post_offers(context, trader);
}

// The cheapest trader holds the offer; a trader renews its own every month.
void Traders::post_offers(Context& context, TraderId trader) {
  const TraderSpec& spec = specs_[trader.index()];
  const CustomerId customer{context.spec.buyers.size() + trader.index()};
  for (const RegionId region : spec.serves) {
    for (std::size_t c = 0; c < context.chips.size(); ++c) {
      const ChipId chip{c};
      GreyOffer& offer = context.offers.grey(chip, region);
      if (offer.is_open && offer.trader == trader) offer.is_open = false;
      const ChipOffer& hub = context.offers.chip(chip, spec.hub);
      if (states_[trader.index()].free_capacity <= 0 || !hub.is_open ||
          context.law.conditions(chip, customer).is_barred ||
          context.is_sold_openly(chip, region)) {
        continue;
      }
      const double value = in_usd(hub.price);
      const auto passage =
          routes_.least_expected_cost(spec.hub, region, value, context.law.enforcement());
      if (!passage) continue;
      const Cents price =
          from_usd((value + passage->cost_usd) / passage->survival * (1 + spec.margin));
      if (offer.is_open && offer.price <= price) continue;
      offer = {true, trader, price, hub.delay_days + passage->delay_days, 1 - passage->survival};
    }
  }
}

void Traders::take_order(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  const TraderId trader = order.trader;
  State& state = states_[trader.index()];
  const std::int64_t taken = std::min(order.waiting, state.free_capacity);
  const std::int64_t refused = order.waiting - taken;
  state.free_capacity -= taken;
  if (refused > 0) {
    order.waiting = taken;
    context.cancel_units(id, refused);
  }
  if (taken == 0) return;
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
  purchase.placed = context.now();
  const OrderId bought = context.book.orders.open(purchase);
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
  purchase.in_transit -= shipment.units;
  state.received += shipment.units;
  state.stock[chip.index()] += shipment.units;
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

void Traders::dispatch(Context& context, TraderId trader, ChipId chip) {
  State& state = states_[trader.index()];
  std::deque<OrderId>& queue = state.queues[chip.index()];
  std::int64_t& stock = state.stock[chip.index()];
  while (stock > 0 && !queue.empty()) {
    Order& order = context.book.orders[queue.front()];
    const std::int64_t units = std::min(stock, order.waiting);
    stock -= units;
    order.waiting -= units;
    order.in_transit += units;
    send_lots(context, trader, queue.front(), units);
    if (order.waiting == 0) queue.pop_front();
  }
}

// The passage is chosen anew when the goods leave: enforcement may have changed since the offer.
void Traders::send_lots(Context& context, TraderId trader, OrderId id, std::int64_t units) {
  State& state = states_[trader.index()];
  const TraderSpec& spec = specs_[trader.index()];
  Order& order = context.book.orders[id];
  const auto passage = routes_.least_expected_cost(spec.hub, order.region, in_usd(order.unit_price),
                                                   context.law.enforcement());
  TOLLGATE_CHECK(passage.has_value(), "a grey order was taken for a region without a route");
  state.sent += units;
  context.ledger.transfer(context.accounts.traders[trader.index()], context.accounts.outside,
                          from_usd(passage->cost_usd * static_cast<double>(units)));
  const auto lot_units = std::max<std::int64_t>(1, std::llround(spec.lot_units));
  std::int64_t lost = 0;
  std::int64_t through = 0;
  for (std::int64_t sent = 0; sent < units; sent += lot_units) {
    const std::int64_t lot = std::min(lot_units, units - sent);
    const bool is_seized =
        context.spec.noise && draw_bernoulli(1 - passage->survival, state.seizures);
    (is_seized ? lost : through) += lot;
  }
  if (!context.spec.noise) {
    lost =
        static_cast<std::int64_t>(std::floor(static_cast<double>(units) * (1 - passage->survival)));
    through = units - lost;
  }
  if (through > 0) {
    const ShipmentId shipment = context.book.shipments.open({id, through, 0, Cents{0}, true});
    context.schedule(context.now() + days_rounded(passage->delay_days),
                     EventKind::kGreyLotDelivered, order.customer, shipment.index());
  }
  context.record.add(series_.grey_units, through, order.region.index());
  if (lost > 0) {  // the buyer does not pay for what does not come
    order.in_transit -= lost;
    context.record.add(series_.grey_seized, lost, order.region.index());
    context.cancel_units(id, lost);
  }
}

void Traders::close_quarter(Context& context) {
  for (std::size_t r = 0; r < sold_.size(); ++r) {
    context.record.set_real(series_.grey_price_ratio,
                            sold_[r] > 0 ? price_ratio_sum_[r] / static_cast<double>(sold_[r])
                                         : std::numeric_limits<double>::quiet_NaN(),
                            r);
    price_ratio_sum_[r] = 0;
    sold_[r] = 0;
  }
}

void Traders::check(const Context&) const {
  for (std::size_t t = 0; t < states_.size(); ++t) {
    std::int64_t stock = 0;
    for (const std::int64_t units : states_[t].stock) {
      TOLLGATE_CHECK(units >= 0, "negative stock of trader " + specs_[t].id);
      stock += units;
    }
    TOLLGATE_CHECK(states_[t].received == states_[t].sent + stock,
                   "chips of trader " + specs_[t].id + " were lost or made up");
  }
}

}  // namespace tollgate
