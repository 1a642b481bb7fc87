// Applications for licences: filed for orders, withdrawn when they have lost their point, decided.

#include <algorithm>
#include <cmath>

#include "agents/vendor/vendors.hpp"

namespace tollgate {
namespace {

/// Orders stand in the order in which the vendor took them.
void put_in_turn(const Context& context, std::vector<OrderId>& orders, OrderId id) {
  const auto number = [&](OrderId order) { return context.book.orders[order].number; };
  orders.insert(std::ranges::upper_bound(orders, number(id), {}, number), id);
}

}  // namespace

void Vendors::file(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  order.state = OrderState::kUnderReview;
  Product& product = products_[order.chip.index()];
  product.units_under_review += order.waiting;
  put_in_turn(context, product.under_review, id);
  hold_stock(context, order);
  if (context.trace != nullptr) {
    context.trace->decide(Decision::kLicenceSought, Reason::kLicenceNeeded)
        .by(chips_[order.chip.index()].vendor)
        .of(context, id)
        .instrument(context.conditions_of(order).decided_by);
  }
  context.send(EventKind::kLicenceFiled, 0, id.index());
}

// The caller takes the order off those under review.
void Vendors::withdraw(Context& context, OrderId id, Reason reason) {
  if (context.trace != nullptr) {
    context.trace->decide(Decision::kApplicationWithdrawn, reason)
        .by(chips_[context.book.orders[id].chip.index()].vendor)
        .of(context, id);
  }
  end_review(context.book.orders[id]);
  context.send(EventKind::kLicenceWithdrawn, 0, id.index());
}

// Of an order under review the vendor keeps a share of what can be expected to be granted.
void Vendors::hold_stock(const Context& context, Order& order) {
  const double share = specs_[chips_[order.chip.index()].vendor.index()].licence_stock_share;
  const std::int64_t held =
      share > 0
          ? std::llround(share * context.grant_chance(order) * static_cast<double>(order.waiting))
          : 0;
  products_[order.chip.index()].held += held - order.held;
  order.held = held;
}

void Vendors::end_review(Order& order) {
  Product& product = products_[order.chip.index()];
  order.state = OrderState::kBacklog;
  product.units_under_review -= order.waiting;
  product.held -= order.held;
  order.held = 0;
}

// Applications lose their point when the sale is barred, the order given up or what is left of a
// stranded chip sold, and when the rule that asked for a licence has gone; then the order goes on.
void Vendors::look_through_applications(Context& context, ChipId chip) {
  Product& product = products_[chip.index()];
  std::erase_if(product.under_review, [&](OrderId id) {
    Order& order = context.book.orders[id];
    const Conditions& conditions = context.conditions_of(order);
    const bool is_of_no_use =
        conditions.bars(order.placed) || is_given_up(context, order) || is_sold_out(product, order);
    if (!is_of_no_use && conditions.needs_licence_for(order.placed)) {
      hold_stock(context, order);
      return false;
    }
    const Reason reason = is_of_no_use ? why_void(context, order) : Reason::kLicenceNotNeeded;
    withdraw(context, id, reason);
    if (is_of_no_use) {
      cancel(context, id, reason);
    } else {
      put_in_turn(context, product.backlog, id);
    }
    return true;
  });
}

// A decision that crossed with a withdrawal comes too late. After a denial the chips held for the
// order are free for those behind it.
void Vendors::hear_decision(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  if (order.state != OrderState::kUnderReview) {
    if (context.trace != nullptr) context.trace->event().why(Reason::kCrossed);
    return;
  }
  Product& product = products_[order.chip.index()];
  const bool is_holding = order.held > 0;
  end_review(order);
  std::erase(product.under_review, id);
  if (!order.is_licensed) {
    if (context.trace != nullptr) context.trace->event().why(Reason::kDenied);
    cancel(context, id, Reason::kDenied);
    if (is_holding) serve(context, order);
    return;
  }
  put_in_turn(context, product.backlog, id);
  cut_to_licence(context, id);
  context.record.add(series_.units_licensed, order.waiting, order.chip.index(),
                     order.region.index());
  serve(context, order);
}

// The licence is for fewer chips: the others are cancelled, and the customer may order them anew.
void Vendors::cut_to_licence(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  const double most = context.conditions_of(order).licence_units;
  if (static_cast<double>(order.waiting) <= most) return;
  const std::int64_t units = order.waiting - static_cast<std::int64_t>(most);
  order.waiting -= units;
  products_[order.chip.index()].waiting -= units;
  context.record.add(series_.units_cancelled, units, order.chip.index(), order.region.index());
  if (context.trace != nullptr) trace_cancelled(context, id, units, Reason::kLicenceForFewer);
  context.cancel_units(id, units);
}

}  // namespace tollgate
