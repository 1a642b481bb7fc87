// What becomes of orders and why, for the trace.

#include <algorithm>

#include "agents/vendor/vendors.hpp"

namespace tollgate {

// In the order in which the rules of the backlog look.
Reason Vendors::why_void(const Context& context, const Order& order) {
  if (context.conditions_of(order).bars(order.placed)) return Reason::kBarred;
  if (order.is_licensed && order.licence_expires <= context.now()) return Reason::kLicenceLapsed;
  return is_given_up(context, order) ? Reason::kGivenUp : Reason::kSoldOut;
}

void Vendors::trace_taken(const Context& context, const Order& order) {
  const Conditions& conditions = context.conditions_of(order);
  TraceLine line = context.trace->event();
  if (conditions.bars(order.placed)) {
    line.why(Reason::kBarred).instrument(conditions.decided_by);
  } else if (conditions.needs_licence_for(order.placed)) {
    line.why(Reason::kLicenceNeeded).instrument(conditions.decided_by);
  }
}

void Vendors::trace_cancelled(const Context& context, OrderId id, std::int64_t units,
                              Reason reason) {
  const Order& order = context.book.orders[id];
  TraceLine line = context.trace->decide(Decision::kCancelled, reason);
  line.by(context.chips[order.chip.index()].vendor)
      .of(context, id)
      .units(units)
      .cents(times(order.unit_price, units));
  const bool is_of_a_rule =
      reason == Reason::kBarred || reason == Reason::kDenied || reason == Reason::kLicenceForFewer;
  if (is_of_a_rule) line.instrument(context.conditions_of(order).decided_by);
}

// With no stock free at all, or less than the order needs, it waits for stock; else a cap holds it.
void Vendors::trace_wait(Context& context, const Product& product, OrderId id, std::int64_t held) {
  const Order& order = context.book.orders[id];
  const CustomerId customer = context.customer_of(order);
  const bool is_capped =
      product.stock > held && context.conditions_of(order).caps != 0 &&
      context.caps.allowance(order.chip, customer, context.now()) < order.waiting;
  const Reason reason = is_capped           ? Reason::kCap
                        : product.stock > 0 ? Reason::kHeldForReviews
                                            : Reason::kStock;
  if (!context.trace->is_news(id, reason)) return;
  TraceLine line = context.trace->decide(Decision::kHeldUp, reason);
  line.by(context.chips[order.chip.index()].vendor)
      .of(context, id)
      .set(Number::kLimit, static_cast<double>(std::max<std::int64_t>(0, product.stock - held)));
  if (is_capped) {
    line.instrument(context.caps.binding(order.chip, customer, context.now()))
        .set(Number::kLimit,
             static_cast<double>(context.caps.allowance(order.chip, customer, context.now())));
  }
}

void Vendors::trace_shipped(const Context& context, ShipmentId id, std::int64_t free_units,
                            std::int64_t allowance, InstrumentId cap) {
  const Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const Reason reason = order.waiting == 0            ? Reason::kWholeOrder
                        : allowance == shipment.units ? Reason::kCap
                                                      : Reason::kStock;
  TraceLine line = context.trace->decide(Decision::kShipped, reason);
  line.by(context.chips[order.chip.index()].vendor)
      .opens(context, id)
      .set(Number::kLimit, static_cast<double>(std::min(free_units, allowance)))
      .set(Number::kDays, context.conditions_of(order).testing_days);
  if (reason == Reason::kCap) line.instrument(cap);
}

}  // namespace tollgate
