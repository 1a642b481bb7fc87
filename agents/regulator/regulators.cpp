#include "agents/regulator/regulators.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

std::optional<Stream> service_stream(const Context& context) {
  if (!context.spec.noise) return std::nullopt;
  return context.streams.make("licence_office", "service");
}

/// One stream for each customer, so that one applicant's luck does not depend on the others.
std::vector<Stream> streams_by_customer(const Context& context, std::string_view purpose) {
  std::vector<Stream> streams;
  for (const BuyerSpec& buyer : context.spec.buyers) {
    streams.push_back(context.streams.make(buyer.id, purpose));
  }
  for (const TraderSpec& trader : context.spec.traders) {
    streams.push_back(context.streams.make(trader.id, purpose));
  }
  return streams;
}

}  // namespace

Regulators::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : levy_receipts(layout.add_series({"levy_receipts",
                                       {axes.vendor},
                                       ValueType::kInteger,
                                       Aggregation::kSumOverQuarter,
                                       "cents",
                                       "Treasury receipts of the levy",
                                       "Levies on proceeds and duties on customs value charged on "
                                       "shipments of the vendor, in US cents."})),
      licences_filed(layout.add_series({"licences_filed",
                                        {},
                                        ValueType::kInteger,
                                        Aggregation::kSumOverQuarter,
                                        "1",
                                        "Licence applications",
                                        "Applications filed with the licence office."})),
      licences_granted(layout.add_series({"licences_granted",
                                          {},
                                          ValueType::kInteger,
                                          Aggregation::kSumOverQuarter,
                                          "1",
                                          "Licences granted",
                                          "Applications granted by the licence office."})),
      licences_denied(layout.add_series({"licences_denied",
                                         {},
                                         ValueType::kInteger,
                                         Aggregation::kSumOverQuarter,
                                         "1",
                                         "Licences denied",
                                         "Applications denied by the licence office."})),
      licences_lapsed(layout.add_series({"licences_lapsed",
                                         {},
                                         ValueType::kInteger,
                                         Aggregation::kSumOverQuarter,
                                         "1",
                                         "Licences lapsed",
                                         "Licences that expired before all chips had shipped."})),
      licence_queue(layout.add_series({"licence_queue",
                                       {},
                                       ValueType::kInteger,
                                       Aggregation::kAtQuarterEnd,
                                       "1",
                                       "Applications pending",
                                       "Applications waiting for an officer or at a desk."})),
      licence_wait_days(layout.add_series(
          {"licence_wait_days",
           {},
           ValueType::kReal,
           Aggregation::kAtQuarterEnd,
           "days",
           "Mean time from filing to decision",
           "Mean over the applications decided in the quarter; NaN if there was none."})),
      response(layout, axes),
      antitrust(layout, axes) {}

Regulators::Regulators(const Context& context, const Series& series)
    : series_(series),
      office_(context.spec.licence_office, service_stream(context)),
      response_(context, series.response),
      retaliations_(context),
      antitrust_(context, series.antitrust),
      decisions_(streams_by_customer(context, "licence_decision")),
      inspections_(streams_by_customer(context, "border_inspection")) {}

void Regulators::start(Context& context) {
  const std::vector<InstrumentSpec>& policies = context.spec.policies;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const InstrumentSpec& rule = policies[i];
    if (!rule.enabled) continue;
    for (const std::optional<SimTime>& date :
         {rule.announced, std::optional{rule.effective}, rule.until}) {
      if (date && *date > context.now() && *date < context.spec.until) {
        context.schedule(*date, EventKind::kInstrumentTurns, 0, i);
      }
    }
  }
  for (std::size_t policy = 0; policy < kReviewPolicyNames.size(); ++policy) {
    context.law.grant_probability[policy] =
        grant_probability(context.spec.licence_office, static_cast<ReviewPolicy>(policy));
  }
  post_expectations(context);
  retaliations_.start(context);
  context.law.compile(context.now());
  antitrust_.see_law(context);
  response_.start(context);
}

void Regulators::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  switch (event.kind) {
    case EventKind::kInstrumentTurns:
      return turn_instrument(context, InstrumentId{subject});
    case EventKind::kStrictnessReviewed:
      return review_strictness(context);
    case EventKind::kAnswerGiven:
      return change_law(context, retaliations_.give(context, InstrumentId{subject}));
    case EventKind::kAnswerEnded:
      retaliations_.end(context, InstrumentId{subject});
      return change_law(context, false);
    case EventKind::kFineDecided:
      return antitrust_.decide(context, subject);
    case EventKind::kLicenceFiled:
      return file_licence(context, OrderId{subject});
    case EventKind::kReviewDone:
      return decide(context, OrderId{subject});
    case EventKind::kLicenceLapsed:
      return context.record.add(series_.licences_lapsed, 1);
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
  const bool is_first_news =
      context.law.is_on(instrument) && context.now() == rule.announced.value_or(rule.effective);
  change_law(context, is_first_news, rule.is_published);
}

// It opens and closes nothing, and is nowhere written: buyers feel it, and vendors find it in what
// buyers want when they price at their own time.
void Regulators::review_strictness(Context& context) {
  if (!response_.review(context) || !context.law.compile(context.now())) return;
  context.send(EventKind::kLawSeen, 0);
  context.send(EventKind::kTastesRevised, 0);
}

void Regulators::change_law(Context& context, bool is_first_news, bool is_published) {
  // A rule without effect disturbs nobody: a levy of zero is no levy, bit for bit.
  const bool is_changed = context.law.compile(context.now());
  response_.see_law(context);
  retaliations_.see_law(context);
  antitrust_.see_law(context);
  if (is_first_news || is_changed) context.send(EventKind::kLawSeen, 0);
  if (is_first_news) context.send(EventKind::kRulesHeard, 0);
  if (!is_changed) return;
  context.send(EventKind::kTastesRevised, 0);  // before vendors price for them
  if (is_published) return context.send(EventKind::kRulesChanged, 0);
  for (std::size_t v = 0; v < context.spec.vendors.size(); ++v) {
    if (context.law.has_changed_for(VendorId{v})) context.send(EventKind::kRulesChanged, v, 1);
  }
}

void Regulators::post_expectations(Context& context) const {
  context.law.expected_review_days = office_.expected_days();
}

void Regulators::file_licence(Context& context, OrderId order) {
  if (filed_.size() <= order.index()) filed_.resize(order.index() + 1);
  filed_[order.index()] = context.now();
  context.record.add(series_.licences_filed, 1);
  if (const auto review = office_.file(order.value, context.now())) begin_review(context, *review);
  post_expectations(context);
}

void Regulators::begin_review(Context& context, const Review& review) {
  context.schedule(review.decided, EventKind::kReviewDone, 0, review.application);
}

void Regulators::decide(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  const Conditions& conditions = context.conditions_of(order);
  const double p = conditions.bars(order.placed) ? 0.0
                   : conditions.needs_licence_for(order.placed)
                       ? grant_probability(context.spec.licence_office, conditions.review)
                       : 1.0;
  Stream& stream = decisions_[context.customer_of(order).index()];
  order.is_licensed = context.spec.noise ? draw_bernoulli(p, stream) : p >= 0.5;
  if (order.is_licensed) {
    order.licence_expires = context.now() + days_rounded(context.spec.licence_office.validity_days);
  }
  context.record.add(order.is_licensed ? series_.licences_granted : series_.licences_denied, 1);
  wait_days_in_quarter_ += in_days(context.now() - filed_[id.index()]);
  ++decided_in_quarter_;
  context.send(EventKind::kLicenceDecided, context.chips[order.chip.index()].vendor.index(),
               id.index());
  if (const auto next = office_.finish(context.now())) begin_review(context, *next);
  post_expectations(context);
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
  response_.close_quarter(context);
  context.record.set(series_.licence_queue,
                     static_cast<std::int64_t>(office_.waiting() + office_.in_service()));
  context.record.set_real(series_.licence_wait_days,
                          decided_in_quarter_ > 0
                              ? wait_days_in_quarter_ / static_cast<double>(decided_in_quarter_)
                              : std::numeric_limits<double>::quiet_NaN());
  decided_in_quarter_ = 0;
  wait_days_in_quarter_ = 0;
}

void Regulators::check(const Context& context) const {
  TOLLGATE_CHECK(context.ledger.balance(context.accounts.treasury) == charged_,
                 "the treasury holds something other than the levies charged");
}

}  // namespace tollgate
