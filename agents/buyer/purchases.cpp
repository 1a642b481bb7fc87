// What a choice leads to: orders and rents, and what comes of them.

#include <algorithm>
#include <cmath>

#include "agents/buyer/buyers.hpp"

namespace tollgate {
void Buyers::take(Context& context, BuyerId buyer, Workload workload, const Option& option,
                  double throughput_wanted) {
  State& state = states_[buyer.index()];
  const auto units = static_cast<std::int64_t>(std::floor(throughput_wanted / option.throughput));
  if (units == 0 || times(option.outlay, units) > state.budget) {
    if (context.trace != nullptr) trace_nothing_bought(context, workload, option);
    return;
  }
  state.budget = state.budget - times(option.outlay, units);
  state.ordered[place(workload, option.chip)] += units;

  const RegionId site = specs_[buyer.index()].site;
  Order order;
  order.customer = buyer.value;
  order.chip = option.chip;
  order.region = site;
  order.workload = workload;
  order.waiting = units;
  order.unit_outlay = option.outlay;
  order.placed = context.now();
  if (option.origin == Origin::kGrey) {
    order.trader = context.offers.grey(option.chip, site).trader;
    order.unit_price = option.outlay;
    const OrderId id = context.book.orders.open(order);
    if (context.trace != nullptr) trace_order(context, id, option);
    return context.send(EventKind::kGreyOrderPlaced, order.trader.index(), id.index());
  }
  state.last_order[place(workload, option.chip)] = units;
  order.unit_price = option.price;
  order.unit_duty = option.duty;
  const OrderId id = context.book.orders.open(order);
  if (context.trace != nullptr) trace_order(context, id, option);
  context.send(EventKind::kOrderPlaced, chips_[option.chip.index()].vendor.index(), id.index());
}

void Buyers::rent(Context& context, BuyerId buyer, Workload workload, const Option& option,
                  double h100e_wanted) {
  State& state = states_[buyer.index()];
  RentalOffer& offer = context.offers.rental(option.landlord);
  const double h100e = std::floor(std::min(h100e_wanted, offer.free_h100e));
  const Cents price = times(option.outlay, static_cast<std::int64_t>(h100e));
  if (h100e < 1 || price > state.budget) {
    if (context.trace != nullptr) trace_nothing_bought(context, workload, option);
    return;
  }
  offer.free_h100e -= h100e;
  state.budget = state.budget - price;
  state.spent = state.spent + price;
  state.rented[workload] += h100e;
  context.record.add(series_.spend, price.value, buyer.index());
  const auto contract =
      context.book.rentals.open({buyer, option.landlord, workload, h100e, price, true});
  if (context.trace != nullptr) {
    context.trace->decide(Decision::kRented, Reason::kChosen)
        .opens(context, contract)
        .set(Number::kOutlay, in_usd(option.outlay));
  }
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
  if (context.trace != nullptr) {
    const Origin origin = legal_origin(context, BuyerId{std::size_t{order.customer}}, order.chip);
    context.trace->event()
        .origin(static_cast<std::size_t>(origin))
        .cents(times(order.unit_price + order.unit_duty, shipment.units) + shipment.tariff -
               shipment.subsidy);
  }
  pay(context, order, shipment.units,
      times(order.unit_price + order.unit_duty, shipment.units) + shipment.tariff -
          shipment.subsidy);
  install(context, order, legal_origin(context, BuyerId{std::size_t{order.customer}}, order.chip),
          shipment.units);
  if (order.is_settled()) context.book.orders.close(shipment.order);
}

void Buyers::receive_grey(Context& context, ShipmentId id) {
  const Shipment lot = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& order = context.book.orders[lot.order];
  order.in_transit -= lot.units;
  const Cents price = times(order.unit_price, lot.units);
  if (context.trace != nullptr) {
    context.trace->event().origin(static_cast<std::size_t>(Origin::kGrey));
  }
  context.ledger.transfer(context.accounts.buyers[order.customer],
                          context.accounts.traders[order.trader.index()], price);
  pay(context, order, lot.units, price);
  install(context, order, Origin::kGrey, lot.units);
  if (order.is_settled()) context.book.orders.close(lot.order);
}

// What was set aside for the chips and was not needed comes back. A tariff that was raised while
// they were under way takes more than that, so that the budget may be below zero until it accrues.
void Buyers::pay(Context& context, const Order& order, std::int64_t units, Cents paid) {
  State& state = states_[order.customer];
  const Cents kept = times(order.unit_outlay, units) - paid;
  state.budget = state.budget + kept;
  state.spent = state.spent + paid;
  if (kept < Cents{0}) state.surcharged = state.surcharged - kept;
  context.record.add(series_.spend, paid.value, order.customer);
}

void Buyers::release(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  State& state = states_[order.customer];
  if (context.trace != nullptr) {
    context.trace->event().units(order.cancelled).cents(times(order.unit_outlay, order.cancelled));
  }
  state.budget = state.budget + times(order.unit_outlay, order.cancelled);
  state.ordered[place(order.workload, order.chip)] -= order.cancelled;
  order.cancelled = 0;
  if (order.is_settled()) context.book.orders.close(id);
}

}  // namespace tollgate
