#include "agents/regulator/customs_house.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/draws.hpp"

namespace tollgate {

CustomsHouse::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : levies(layout, axes),
      governments(layout, axes),
      charged_by_instrument(layout.add_series(
          {"charged_by_instrument",
           {axes.instrument},
           ValueType::kInteger,
           Aggregation::kSumOverQuarter,
           "cents",
           "Charges by instrument",
           "Levies and tariffs charged, or subsidies paid, under the instrument, in US cents."})) {}

CustomsHouse::CustomsHouse(const Context& context, const Series& series)
    : charged_by_instrument_(series.charged_by_instrument),
      levies_(context, series.levies),
      governments_(context, series.governments),
      inspections_(context.streams_by_customer("border_inspection")),
      seizures_(context.streams_by_customer("border_seizure")),
      seizure_carry_(context.law.customers(), 0.0) {}

void CustomsHouse::test_shipment(Context& context, ShipmentId id) {
  levies_.enter_transit(context, id, charged_by_instrument_);
  const Order& order = context.book.orders[context.book.shipments[id].order];
  const double shipping = context.spec.regions[order.region.index()].shipping_days;
  context.schedule(context.now() + days_rounded(shipping), EventKind::kShipmentAtBorder, 0,
                   id.index());
}

void CustomsHouse::pass_border(Context& context, ShipmentId id) {
  const Order& order = context.book.orders[context.book.shipments[id].order];
  const Conditions& conditions = context.conditions_of(order);
  if (conditions.stops_goods && conditions.bars(order.placed)) {
    if (context.trace != nullptr) {
      context.trace->event().why(Reason::kBarred).instrument(conditions.decided_by);
    }
    return stop(context, id, 0);
  }
  const double p = conditions.stop_probability();
  Stream& stream = inspections_[context.customer_of(order).index()];
  const bool is_stopped = context.spec.noise ? draw_bernoulli(p, stream) : p > 0.5;
  if (context.trace != nullptr) {
    context.trace->event()
        .why(is_stopped ? Reason::kInspected : Reason::kPassed)
        .set(Number::kProbability, p);
  }
  if (is_stopped) return stop(context, id, conditions.seized_share);
  levies_.clear(context, id, charged_by_instrument_);
  governments_.clear(context, id, charged_by_instrument_);
  context.send(EventKind::kShipmentCleared, context.chips[order.chip.index()].vendor.index(),
               id.index());
}

// What the law turns back at the border goes back; customs may keep what they stop.
void CustomsHouse::stop(Context& context, ShipmentId id, double seized_share) {
  Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  shipment.seized = seize(context, shipment, seized_share);
  context.send(EventKind::kShipmentStopped, context.chips[order.chip.index()].vendor.index(),
               id.index());
}

/// How many chips of a stopped shipment are kept: all or none, or the expected number without
/// noise.
std::int64_t CustomsHouse::seize(const Context& context, const Shipment& shipment, double share) {
  if (share <= 0) return 0;
  const Order& order = context.book.orders[shipment.order];
  const std::size_t customer = context.customer_of(order).index();
  if (context.spec.noise) return draw_bernoulli(share, seizures_[customer]) ? shipment.units : 0;
  double& carry = seizure_carry_[customer];
  carry += share * static_cast<double>(shipment.units);
  const auto kept = std::min(shipment.units, static_cast<std::int64_t>(std::floor(carry)));
  carry -= static_cast<double>(kept);
  return kept;
}

void CustomsHouse::check(const Context& context, std::span<const Cents> fined) const {
  levies_.check(context);
  governments_.check(context, fined);
}

}  // namespace tollgate
