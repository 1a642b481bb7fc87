#include "agents/trace.hpp"

#include "agents/context.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {

Trace::Trace(const WorldSpec& spec, TraceSink& sink)
    : sink_(sink), vendors_(spec.vendors.size()), traders_(spec.traders.size()) {}

std::uint32_t Trace::Papers::renew(std::size_t slot) {
  if (number.size() <= slot) number.resize(slot + 1, 0);
  return number[slot] = ++given;
}

std::uint32_t Trace::Papers::of(std::size_t slot) {
  return slot < number.size() && number[slot] != 0 ? number[slot] : renew(slot);
}

void Trace::begin(SimTime now, std::uint64_t event) {
  now_ = now;
  events_ = event;
  has_event_ = false;
  used_ = 0;
}

void Trace::begin_opening(SimTime now) { begin(now, 0); }
void Trace::begin_close(SimTime now) { begin(now, events_ + 1); }

void Trace::begin_event(const Context& context, const Event& event) {
  begin(context.now(), events_ + 1);
  has_event_ = true;
  const EventForm& form = form_of(event.kind);
  if (rows_.empty()) rows_.emplace_back();
  TraceRow& row = rows_[used_++];
  row = {};
  row.time = now_;
  row.event = events_;
  row.is_event = true;
  row.what = static_cast<std::uint8_t>(event.kind);
  TraceLine line(*this, row);
  line.why(form.reason);
  if (form.actor == Actor::kOffice) {
    line.by(form.actor, static_cast<std::size_t>(form.office));
  } else {
    line.by(form.actor, form.is_of_one ? event.agent : TraceRow::kNone);
  }
  const std::size_t subject = event.subject;
  switch (form.subject) {
    case Subject::kNone:
    case Subject::kCohort:  // known to the buyers only
      break;
    case Subject::kOrder:
      line.of(context, OrderId{subject});
      break;
    case Subject::kShipment:
      line.of(context, ShipmentId{subject});
      break;
    case Subject::kLot:
      line.of(context, LotId{subject});
      break;
    case Subject::kContract:
      line.of(context, RentalId{subject});
      break;
    case Subject::kChip:
      line.of(form.subject, subject).chip(ChipId{subject});
      break;
    case Subject::kInstrument:
      line.of(form.subject, subject).instrument(InstrumentId{subject});
      break;
    case Subject::kTransition:
      line.of(form.subject, subject);
      break;
  }
  // A letter to one vendor; otherwise it is about all.
  if (event.kind == EventKind::kRulesChanged && event.subject == 1) {
    line.by(Actor::kVendor, event.agent);
  }
}

void Trace::end() {
  if (used_ > 0) sink_.take({rows_.data(), used_});
  used_ = 0;
  has_event_ = false;
}

TraceLine Trace::event() {
  TOLLGATE_CHECK(has_event_, "a trace of an event outside any");
  return {*this, rows_.front()};
}

// The agent is the event's, unless the line names another.
TraceLine Trace::decide(Decision decision, Reason reason) {
  if (used_ == rows_.size()) rows_.emplace_back();
  TraceRow& row = rows_[used_++];
  row = {};
  row.time = now_;
  row.event = events_;
  row.what = static_cast<std::uint8_t>(decision);
  row.reason = static_cast<std::uint8_t>(reason);
  row.agent_kind = has_event_ ? rows_.front().agent_kind : static_cast<std::uint8_t>(Actor::kWorld);
  if (has_event_) row.agent = rows_.front().agent;
  return {*this, row};
}

bool Trace::is_news(OrderId order, Reason reason) {
  if (waits_for_.size() <= order.index()) waits_for_.resize(order.index() + 1, 0);
  const auto code = static_cast<std::uint8_t>(static_cast<std::uint8_t>(reason) + 1);
  if (waits_for_[order.index()] == code) return false;
  waits_for_[order.index()] = code;
  return true;
}

TraceLine& TraceLine::of(const Context& context, OrderId id) {
  const Order& order = context.book.orders[id];
  of(Subject::kOrder, trace_.orders_.of(id.index()));
  chip(order.chip).customer(context.customer_of(order)).region(order.region);
  workload(order.workload).units(order.waiting).cents(times(order.unit_price, order.waiting));
  return order.trader.is_some() ? seller(order.trader)
                                : seller(context.chips[order.chip.index()].vendor);
}

TraceLine& TraceLine::of(const Context& context, ShipmentId id) {
  const Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  of(context, shipment.order);
  of(Subject::kShipment, trace_.shipments_.of(id.index()));
  return units(shipment.units).cents(times(order.unit_price, shipment.units));
}

TraceLine& TraceLine::of(const Context& context, LotId id) {
  const Lot& lot = context.book.lots[id];
  return of(Subject::kLot, trace_.lots_.of(id.index())).chip(lot.chip).units(lot.units);
}

TraceLine& TraceLine::of(const Context& context, RentalId id) {
  const RentalContract& contract = context.book.rentals[id];
  of(Subject::kContract, trace_.contracts_.of(id.index()));
  customer(CustomerId{contract.buyer.index()}).workload(contract.workload);
  origin(static_cast<std::size_t>(Origin::kRentedAbroad)).seller(contract.landlord);
  return set(Number::kH100e, contract.h100e).cents(contract.price);
}

TraceLine& TraceLine::opens(const Context& context, OrderId id) {
  trace_.orders_.renew(id.index());
  if (id.index() < trace_.waits_for_.size()) trace_.waits_for_[id.index()] = 0;
  return of(context, id);
}
TraceLine& TraceLine::opens(const Context& context, ShipmentId id) {
  trace_.shipments_.renew(id.index());
  return of(context, id);
}
TraceLine& TraceLine::opens(const Context& context, LotId id) {
  trace_.lots_.renew(id.index());
  return of(context, id);
}
TraceLine& TraceLine::opens(const Context& context, RentalId id) {
  trace_.contracts_.renew(id.index());
  return of(context, id);
}

TraceLine& TraceLine::seller(TraderId trader) {
  return label(Label::kSeller, Id<void>{trace_.vendors_ + trader.index()});
}
TraceLine& TraceLine::seller(LandlordId landlord) {
  return label(Label::kSeller, Id<void>{trace_.vendors_ + trace_.traders_ + landlord.index()});
}

}  // namespace tollgate
