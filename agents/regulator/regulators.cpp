#include "agents/regulator/regulators.hpp"

#include <algorithm>
#include <optional>

#include "engine/kernel/check.hpp"

namespace tollgate {
Regulators::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : customs(layout, axes),
      licensing(layout, axes),
      politics(layout, axes),
      response(layout, axes),
      antitrust(layout, axes) {}

Regulators::Regulators(const Context& context, const Series& series)
    : customs_(context, series.customs),
      licensing_(context, series.licensing),
      politics_(context, series.politics),
      response_(context, series.response),
      retaliations_(context),
      antitrust_(context, series.antitrust) {}

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
    case EventKind::kHazardsRevised:
      return politics_.revise_hazards(context, Politics::is_monthly(subject),
                                      customs_.levies_charged());
    case EventKind::kRegimeTurns:
      return change_law(context, politics_.turn(context, TransitionId{subject}) ? News::kNewRule
                                                                                : News::kTakenBack);
    case EventKind::kStrictnessReviewed:
      return review_strictness(context);
    case EventKind::kAnswerGiven:
      return change_law(context, retaliations_.give(context, InstrumentId{subject}) ? News::kNewRule
                                                                                    : News::kNone);
    case EventKind::kAnswerEnded:
      retaliations_.end(context, InstrumentId{subject});
      return change_law(context, News::kTakenBack);
    case EventKind::kFineDecided:
      return antitrust_.decide(context, subject);
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
      return customs_.test_shipment(context, ShipmentId{subject});
    case EventKind::kShipmentAtBorder:
      return customs_.pass_border(context, ShipmentId{subject});
    case EventKind::kLevyRemitted:
      return customs_.remit(context, subject, event.agent);
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the regulators");
  }
}

void Regulators::turn_instrument(Context& context, InstrumentId instrument) {
  const InstrumentSpec& rule = context.law.instrument(instrument);
  News news = News::kNone;
  if (context.now() == rule.withdrawn) news = News::kTakenBack;
  if (context.now() == rule.announced.value_or(rule.effective)) news = News::kNewRule;
  if (context.trace != nullptr) trace_turn(context, instrument);
  change_law(context, context.law.is_live(instrument) ? news : News::kNone,
             is_published_today(context));
}

void Regulators::trace_turn(const Context& context, InstrumentId instrument) {
  const InstrumentSpec& rule = context.law.instrument(instrument);
  const SimTime now = context.now();
  context.trace->event().why(!context.law.is_live(instrument) ? Reason::kSwitchedOff
                             : rule.withdrawn == now          ? Reason::kTakenBack
                             : rule.effective == now          ? Reason::kInForce
                             : rule.announced == now          ? Reason::kAnnounced
                                                              : Reason::kEnded);
}

// All rules of an instant are compiled by the event of the first: that one of them is published
// lets everybody know.
bool Regulators::is_published_today(const Context& context) {
  return std::ranges::any_of(context.spec.policies, [&](const InstrumentSpec& rule) {
    const SimTime now = context.now();
    const bool turns = rule.announced == now || rule.effective == now || rule.until == now ||
                       rule.withdrawn == now;
    return rule.enabled && rule.is_published && turns;
  });
}

// It opens and closes nothing, and is nowhere written: buyers feel it, and vendors find it in what
// buyers want when they price at their own time.
void Regulators::review_strictness(Context& context) {
  const bool has_moved = response_.review(context);
  if (context.trace != nullptr) {
    context.trace->event()
        .why(has_moved ? Reason::kMoved : Reason::kUnmoved)
        .set(Number::kRate, context.law.strictness());
  }
  if (!has_moved || !context.law.compile(context.now())) return;
  context.send(EventKind::kLawSeen, 0);
  context.send(EventKind::kTastesRevised, 0);
}

void Regulators::change_law(Context& context, News news, bool is_published) {
  // A rule without effect disturbs nobody: a levy of zero is no levy, bit for bit.
  const bool is_changed = context.law.compile(context.now());
  response_.see_law(context);
  retaliations_.see_law(context);
  antitrust_.see_law(context);
  if (news != News::kNone || is_changed) context.send(EventKind::kLawSeen, 0);
  if (news == News::kNewRule) context.send(EventKind::kRulesHeard, 0);
  if (!is_changed) return;
  context.send(EventKind::kTastesRevised, 0);  // before vendors price for them
  if (is_published) return context.send(EventKind::kRulesChanged, 0);
  for (std::size_t v = 0; v < context.spec.vendors.size(); ++v) {
    if (context.law.has_changed_for(VendorId{v})) context.send(EventKind::kRulesChanged, v, 1);
  }
}

void Regulators::close_quarter(Context& context) {
  politics_.close_quarter(context);
  licensing_.close_quarter(context);
  customs_.close_quarter(context);
  response_.close_quarter(context);
}

void Regulators::check(const Context& context) const {
  customs_.check(context, antitrust_.fined());
  licensing_.check(context);
}

}  // namespace tollgate
