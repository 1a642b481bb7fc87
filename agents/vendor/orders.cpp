// The life of an order at the vendor: taken, served from stock, shipped, cleared or taken back.
#include <algorithm>

#include "agents/vendor/supply_orders.hpp"
#include "agents/vendor/vendors.hpp"

namespace tollgate {

void Vendors::take_order(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  Product& product = products_[order.chip.index()];
  context.record.add(series_.units_ordered, order.waiting, order.chip.index(),
                     order.region.index());
  if (is_market(chips_[order.chip.index()], order.region))
    smooth_orders(context, order.chip, order.waiting, product);
  redesigns_.hear_order(context, order);
  product.waiting += order.waiting;
  const Conditions& conditions = context.conditions_of(order);
  if (context.trace != nullptr) trace_taken(context, order);
  if (conditions.bars(order.placed)) return cancel(context, id, Reason::kBarred);
  order.number = product.next_number++;
  if (conditions.needs_licence_for(order.placed)) return file(context, id);
  product.backlog.push_back(id);
  serve(context, order);
}

// With nothing in stock a further order changes nothing for those that wait.
void Vendors::serve(Context& context, const Order& order) {
  const bool is_for_market = is_market(chips_[order.chip.index()], order.region);
  if (products_[order.chip.index()].stock > 0 || !is_for_market) fulfil(context, order.chip);
}

// The caller takes the order off the backlog.
void Vendors::cancel(Context& context, OrderId id, Reason reason) {
  Order& order = context.book.orders[id];
  if (context.trace != nullptr) trace_cancelled(context, id, order.waiting, reason);
  products_[order.chip.index()].waiting -= order.waiting;
  context.record.add(series_.units_cancelled, order.waiting, order.chip.index(),
                     order.region.index());
  const std::int64_t units = order.waiting;
  order.waiting = 0;
  context.cancel_units(id, units);
}

// First come first served; an order that may not ship now does not hold up those behind it. What
// is held for orders under review is not free for those placed later.
void Vendors::fulfil(Context& context, ChipId chip) {
  Product& product = products_[chip.index()];
  const SimTime now = context.now();
  std::int64_t held = 0;
  std::size_t earlier = 0;  // orders under review that were placed before the one at hand
  std::size_t kept = 0;
  for (const OrderId id : product.backlog) {
    Order& order = context.book.orders[id];
    const Conditions& conditions = context.conditions_of(order);
    const bool has_lapsed = order.is_licensed && order.licence_expires <= now;
    if (has_lapsed && order.waiting > 0) context.send(EventKind::kLicenceLapsed, 0, id.index());
    if (conditions.bars(order.placed) || has_lapsed || is_given_up(context, order)) {
      cancel(context, id, why_void(context, order));
      continue;
    }
    if (conditions.needs_licence_for(order.placed) &&
        !order.is_licensed) {  // the rule came after the order
      file(context, id);
      continue;
    }
    if (product.held > 0) {
      for (; earlier < product.under_review.size(); ++earlier) {
        const Order& other = context.book.orders[product.under_review[earlier]];
        if (other.number > order.number) break;
        held += other.held;
      }
    }
    if (product.stock > held) ship(context, id, product.stock - held);
    if (is_sold_out(product, order)) {
      cancel(context, id, Reason::kSoldOut);
      continue;
    }
    if (order.waiting == 0) continue;
    if (context.trace != nullptr) trace_wait(context, product, id, held);
    product.backlog[kept++] = id;
  }
  product.backlog.resize(kept);
}

bool Vendors::is_given_up(const Context& context, const Order& order) {
  return context.now() - order.placed >= days_rounded(context.spec.demand.patience_days);
}

// Stranded stock is sold as far as it goes; no more is made for it.
bool Vendors::is_sold_out(const Product& product, const Order& order) const {
  return order.waiting > 0 && product.stock == 0 &&
         !is_market(chips_[order.chip.index()], order.region);
}

std::int64_t Vendors::ship(Context& context, OrderId id, std::int64_t free_units) {
  Order& order = context.book.orders[id];
  Product& product = products_[order.chip.index()];
  const Conditions& conditions = context.conditions_of(order);
  const CustomerId customer = context.customer_of(order);
  const std::int64_t allowance = conditions.caps != 0
                                     ? context.caps.allowance(order.chip, customer, context.now())
                                     : Caps::kNoCap;
  const std::int64_t units = std::min({order.waiting, free_units, allowance});
  const InstrumentId cap = context.trace != nullptr && allowance < Caps::kNoCap
                               ? context.caps.binding(order.chip, customer, context.now())
                               : InstrumentId{};
  if (units == 0) return 0;
  order.waiting -= units;
  order.in_transit += units;
  product.waiting -= units;
  product.stock -= units;
  product.written_down = std::max<std::int64_t>(0, product.written_down - units);
  const std::uint64_t counted_by = context.caps.count(order.chip, customer, units, context.now());
  context.record.add(series_.units_shipped, units, order.chip.index(), order.region.index());
  const ShipmentId shipment = context.book.shipments.open(
      {.order = id, .units = units, .shipped = context.now(), .counted_by = counted_by});
  context.schedule(context.now() + days_rounded(conditions.testing_days),
                   EventKind::kShipmentTested, 0, shipment.index());
  if (context.trace != nullptr) trace_shipped(context, shipment, free_units, allowance, cap);
  return units;
}

void Vendors::clear_shipment(Context& context, ShipmentId id) {
  const Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const ChipSpec& chip = chips_[order.chip.index()];
  const bool is_buyer = order.customer_kind == CustomerKind::kBuyer;
  const Cents price = times(order.unit_price, shipment.units);
  const Cents paid = price + times(order.unit_duty, shipment.units);
  context.ledger.transfer(context.account_of(order), context.accounts.vendors[chip.vendor.index()],
                          paid);
  const Cents net = paid - shipment.levies;
  const Cents cost = times(from_usd(chip.unit_cost_usd), shipment.units);
  context.record.add(series_.revenue, price.value, chip.vendor.index(), order.region.index());
  context.record.add(series_.net_proceeds, net.value, chip.vendor.index());
  context.record.add(series_.cost_of_sales, cost.value, chip.vendor.index());
  context.record.add(series_.vendor_profit, (net - cost).value, chip.vendor.index());
  context.record.add(series_.units_cleared, shipment.units, order.chip.index(),
                     order.region.index());
  roadmap_.earn(chip.vendor, net);
  Product& product = products_[order.chip.index()];
  product.settled += shipment.units;
  if (order.region == context.spec.focus_region) product.cleared_in_focus += shipment.units;
  context.send(is_buyer ? EventKind::kChipsDelivered : EventKind::kHubDelivery, order.customer,
               id.index());
}

// What the border stopped goes back to stock, but for what customs keep, and the order waits again.
// Levies charged in transit stay paid.
void Vendors::take_back(Context& context, ShipmentId id) {
  const Shipment shipment = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& order = context.book.orders[shipment.order];
  Product& product = products_[order.chip.index()];
  order.in_transit -= shipment.units;
  const ChipSpec& chip = chips_[order.chip.index()];
  const std::int64_t returned = shipment.units - shipment.seized;
  if (context.trace != nullptr) {
    context.trace->event().set(Number::kLimit, static_cast<double>(shipment.seized));
  }
  product.stock += returned;
  product.seized += shipment.seized;
  context.caps.uncount(order.chip, context.customer_of(order), returned, shipment.shipped,
                       shipment.counted_by);
  Record& record = context.record;
  const Cents cost = times(from_usd(chip.unit_cost_usd), shipment.seized);
  record.add(series_.units_stopped, shipment.units, order.chip.index(), order.region.index());
  record.add(series_.units_seized, shipment.seized, order.chip.index(), order.region.index());
  record.add(series_.cost_of_sales, cost.value, chip.vendor.index());
  record.add(series_.net_proceeds, -shipment.levies.value, chip.vendor.index());
  record.add(series_.vendor_profit, -(shipment.levies + cost).value, chip.vendor.index());
  roadmap_.earn(chip.vendor, Cents{0} - shipment.levies);
  // A customer whose goods were turned back does not try the same border again with this order.
  if (order.state == OrderState::kUnderReview) {
    withdraw(context, shipment.order, Reason::kStoppedAtBorder);
    std::erase(product.under_review, shipment.order);
  } else {
    std::erase(product.backlog, shipment.order);
  }
  product.waiting += shipment.units;
  order.waiting += shipment.units;
  cancel(context, shipment.order, Reason::kStoppedAtBorder);
  fulfil(context, order.chip);
}

void Vendors::receive_lot(Context& context, LotId id) {
  const Lot lot = context.book.lots[id];
  context.book.lots.close(id);
  const ChipSpec& chip = chips_[lot.chip.index()];
  Product& product = products_[lot.chip.index()];
  context.book.in_production[lot.chip.index()] -= lot.units;
  product.stock += lot.units;
  product.received += lot.units;
  context.ledger.transfer(context.accounts.vendors[chip.vendor.index()], context.accounts.outside,
                          times(from_usd(chip.unit_cost_usd), lot.units));
  fulfil(context, lot.chip);
}

}  // namespace tollgate
