#include "agents/regulator/regulators.hpp"

#include <optional>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
Regulators::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : levy_receipts(layout.add_series({"levy_receipts",
                                       {axes.vendor},
                                       ValueType::kInteger,
                                       Aggregation::kSumOverQuarter,
                                       "cents",
                                       "Treasury receipts of the levy",
                                       "Levies on proceeds and duties on customs value charged on "
                                       "shipments of the vendor, in US cents."})),
      licensing(layout, axes),
      politics(layout, axes) {}

Regulators::Regulators(const Context& context, const Series& series)
    : series_(series),
      licensing_(context, series.licensing),
      politics_(context, series.politics),
      inspections_(context.streams_by_customer("border_inspection")) {}

void Regulators::start(Context& context) {
  const std::vector<InstrumentSpec>& policies = context.spec.policies;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const InstrumentSpec& rule = policies[i];
    if (!rule.enabled) continue;
    for (const std::optional<SimTime>& date :
         {rule.announced, std::optional{rule.effective}, rule.until, rule.withdrawn}) {
      if (date && *date > context.now() && *date < context.spec.until) {
        context.schedule(*date, EventKind::kInstrumentTurns, 0, i);
      }
    }
  }
  licensing_.start(context);
  politics_.start(context);
  context.law.compile(context.now());
}

void Regulators::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  switch (event.kind) {
    case EventKind::kInstrumentTurns:
      return turn_instrument(context, InstrumentId{subject});
    case EventKind::kHazardsRevised:
      return politics_.revise_hazards(context, Politics::is_monthly(subject), charged_);
    case EventKind::kRegimeTurns:
      return change_law(
          context, politics_.turn(context, TransitionId{subject}) ? News::kNewRule : News::kNone);
    case EventKind::kLicenceFiled:
      return licensing_.file(context, OrderId{subject});
    case EventKind::kReviewDone:
      return licensing_.go_on(context, OrderId{subject});
    case EventKind::kLicenceLapsed:
      return licensing_.note_lapse(context);
    case EventKind::kLicenceWithdrawn:
      return licensing_.withdraw(context, OrderId{subject});
    case EventKind::kOfficeStaffed:
      return licensing_.staff(context);
    case EventKind::kShipmentTested:
      return test_shipment(context, ShipmentId{subject});
    case EventKind::kShipmentAtBorder:
      return pass_border(context, ShipmentId{subject});
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the regulators");
  }
}

void Regulators::turn_instrument(Context& context, InstrumentId instrument) {
  const InstrumentSpec& rule = context.law.instrument(instrument);
  News news = News::kNone;
  if (context.now() == rule.withdrawn) news = News::kTakenBack;
  if (context.now() == rule.announced.value_or(rule.effective)) news = News::kNewRule;
  change_law(context, context.law.is_live(instrument) ? news : News::kNone);
}

void Regulators::change_law(Context& context, News news) {
  // A rule without effect disturbs nobody: a levy of zero is no levy, bit for bit.
  const bool is_changed = context.law.compile(context.now());
  if (news != News::kNone || is_changed) context.send(EventKind::kLawSeen, 0);
  if (news == News::kNewRule) context.send(EventKind::kRulesHeard, 0);
  if (!is_changed) return;
  context.send(EventKind::kTastesRevised, 0);  // before vendors price for them
  context.send(EventKind::kRulesChanged, 0);
}

void Regulators::charge(Context& context, VendorId vendor, Cents amount) {
  context.ledger.transfer(context.accounts.vendors[vendor.index()], context.accounts.treasury,
                          amount);
  context.record.add(series_.levy_receipts, amount.value, vendor.index());
  charged_ = charged_ + amount;
}

// A duty on customs value is due when the chips enter the country on their way, and stays paid if
// the destination stops them; a levy on proceeds is due when there are proceeds.
void Regulators::test_shipment(Context& context, ShipmentId id) {
  Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const Conditions& conditions = context.conditions_of(order);
  shipment.levy_rate = conditions.levy_rate;
  shipment.duty = share_of(times(order.unit_price, shipment.units), conditions.duty_rate);
  charge(context, context.chips[order.chip.index()].vendor, shipment.duty);
  const double shipping = context.spec.regions[order.region.index()].shipping_days;
  context.schedule(context.now() + days_rounded(shipping), EventKind::kShipmentAtBorder, 0,
                   id.index());
}

void Regulators::pass_border(Context& context, ShipmentId id) {
  const Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const VendorId vendor = context.chips[order.chip.index()].vendor;
  const Conditions& conditions = context.conditions_of(order);
  const bool is_turned_back = conditions.stops_goods && conditions.bars(order.placed);
  const double p = is_turned_back ? 1 : conditions.stop_probability();
  Stream& stream = inspections_[context.customer_of(order).index()];
  const bool is_stopped = context.spec.noise ? draw_bernoulli(p, stream) : p > 0.5;
  if (is_stopped) return context.send(EventKind::kShipmentStopped, vendor.index(), id.index());
  charge(context, vendor, share_of(times(order.unit_price, shipment.units), shipment.levy_rate));
  context.send(EventKind::kShipmentCleared, vendor.index(), id.index());
}

void Regulators::close_quarter(Context& context) {
  politics_.close_quarter(context);
  licensing_.close_quarter(context);
}

void Regulators::check(const Context& context) const {
  TOLLGATE_CHECK(context.ledger.balance(context.accounts.treasury) == charged_,
                 "the treasury holds something other than the levies charged");
  licensing_.check(context);
}

}  // namespace tollgate
