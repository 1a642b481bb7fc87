#include "agents/regulator/licensing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/rule_book.hpp"
#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/policy/grant_criteria.hpp"

namespace tollgate {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

std::vector<int> priorities_by_customer(const Context& context) {
  std::vector<int> priorities;
  for (std::size_t k = 0; k < context.law.customers(); ++k) {
    priorities.push_back(
        context.spec.licence_office.priority.of(context.class_of_customer(CustomerId{k})));
  }
  return priorities;
}

}  // namespace

Licensing::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto count = [&](const char* name, const char* long_name, const char* description) {
    return layout.add_series(
        {name, {}, ValueType::kInteger, Aggregation::kSumOverQuarter, "1", long_name, description});
  };
  const auto level = [&](const char* name, const char* long_name, const char* description) {
    return layout.add_series({name,
                              {axes.review_stage},
                              ValueType::kInteger,
                              Aggregation::kAtQuarterEnd,
                              "1",
                              long_name,
                              description});
  };
  const auto real = [&](const char* name, std::vector<AxisId> by, const char* units,
                        const char* long_name, const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kReal, Aggregation::kAtQuarterEnd,
                              units, long_name, description});
  };
  filed = count("licences_filed", "Licence applications",
                "Applications filed with the licence office.");
  granted =
      count("licences_granted", "Licences granted", "Applications granted by the licence office.");
  denied =
      count("licences_denied", "Licences denied", "Applications denied by the licence office.");
  lapsed = count("licences_lapsed", "Licences lapsed",
                 "Licences that expired before all chips had shipped.");
  withdrawn = count("licences_withdrawn", "Applications withdrawn",
                    "Applications taken back before a decision, as the order was given up, barred, "
                    "or no longer in need of a licence.");
  queue = level("licence_queue", "Applications pending",
                "Applications at the stage, waiting or under review.");
  waiting =
      level("licence_waiting", "Applications waiting",
            "Of the applications at the stage, those that no one works on: before they begin, or "
            "interrupted.");
  wait_days = real("licence_wait_days", {}, "days", "Mean time from filing to decision",
                   "Mean over the applications decided in the quarter; NaN if there was none.");
  expected_days = real("licence_expected_days", {}, "days", "Expected time to a decision",
                       "What an applicant who files at the end of the quarter can expect.");
  utilisation = real("licence_utilisation", {axes.review_stage}, "1", "Utilisation of desks",
                     "Share of the time of desks at work in which they had an application, over "
                     "the quarter; NaN if no desk was at work.");
}

Licensing::Licensing(const Context& context, const Series& series)
    : series_(series),
      office_(context.spec.licence_office, context.spec.start),
      work_(context.streams_by_customer("licence_review")),
      decisions_(context.streams_by_customer("licence_decision")),
      priorities_(priorities_by_customer(context)) {}

void Licensing::start(Context& context) {
  const LicenceOfficeSpec& spec = context.spec.licence_office;
  post_grant_chances(context.spec, context.law);
  for (std::size_t i = 0; i < spec.staffing.size(); ++i) {
    if (spec.staffing[i].date > context.now() && spec.staffing[i].date < context.spec.until) {
      context.schedule(spec.staffing[i].date, EventKind::kOfficeStaffed, 0, i);
    }
  }
  post_expectation(context);
}

// Without noise the share of referred applications is kept to by carrying on what is owed.
ReviewWork Licensing::work_of(const Context& context, const Order& order) {
  const LicenceOfficeSpec& spec = context.spec.licence_office;
  if (context.spec.noise) return draw_work(spec, work_[context.customer_of(order).index()]);
  referred_ += spec.referral_probability;
  const bool is_referred = referred_ >= 0.5;
  if (is_referred) referred_ -= 1;
  return mean_work(spec, is_referred);
}

void Licensing::file(Context& context, OrderId id) {
  const Order& order = context.book.orders[id];
  if (filed_.size() <= id.index()) {
    filed_.resize(id.index() + 1);
    reviews_.resize(id.index() + 1);
  }
  filed_[id.index()] = context.now();
  ++filed_count_;
  context.record.add(series_.filed, 1);
  office_.file(id.value, work_of(context, order), priorities_[context.customer_of(order).index()],
               context.now());
  follow_turns(context);
}

// The vendor may have withdrawn the application at this very instant: its message is on the way.
void Licensing::go_on(Context& context, OrderId id) {
  if (context.book.orders[id].state != OrderState::kUnderReview) {
    if (context.trace != nullptr) context.trace->event().why(Reason::kCrossed);
    return;
  }
  if (office_.finish(id.value, context.now())) decide(context, id);
  follow_turns(context);
}

void Licensing::decide(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  const double p = context.grant_chance(order);
  Stream& stream = decisions_[context.customer_of(order).index()];
  order.is_licensed = context.spec.noise ? draw_bernoulli(p, stream) : p >= 0.5;
  if (order.is_licensed) {
    const double by_rule = context.conditions_of(order).licence_days;
    order.licence_expires =
        context.now() +
        days_rounded(std::isfinite(by_rule) ? by_rule : context.spec.licence_office.validity_days);
  }
  if (context.trace != nullptr) {
    const Conditions& conditions = context.conditions_of(order);
    context.trace->event()
        .why(order.is_licensed ? Reason::kGranted : Reason::kDenied)
        .instrument(conditions.decided_by)
        .set(Number::kProbability, p)
        .set(Number::kDays, in_days(context.now() - filed_[id.index()]))
        .set(Number::kRate,
             context.law.grant_odds(order.chip, context.customer_of(order)) *
                 odds_of_order(context.spec.licence_office, order.workload, order.waiting));
  }
  ++decided_count_;
  context.record.add(order.is_licensed ? series_.granted : series_.denied, 1);
  wait_days_in_quarter_ += in_days(context.now() - filed_[id.index()]);
  ++decided_in_quarter_;
  context.send(EventKind::kLicenceDecided, context.chips[order.chip.index()].vendor.index(),
               id.index());
}

// A withdrawal and a decision may cross: then the decision stands in the books, and the vendor,
// who has given up the order, does not listen to it.
void Licensing::withdraw(Context& context, OrderId id) {
  if (!office_.withdraw(id.value, context.now())) return;
  context.events.cancel(reviews_[id.index()]);
  ++withdrawn_count_;
  context.record.add(series_.withdrawn, 1);
  follow_turns(context);
}

void Licensing::staff(Context& context) {
  office_.staff(context.now());
  follow_turns(context);
}

void Licensing::follow_turns(Context& context) {
  for (const ReviewTurn& turn : office_.turns()) {
    if (turn.is_under_way) {
      reviews_[turn.application] =
          context.schedule_cancellable(turn.done, EventKind::kReviewDone, 0, turn.application);
    } else {
      context.events.cancel(reviews_[turn.application]);
    }
  }
  post_expectation(context);
}

void Licensing::post_expectation(Context& context) const {
  context.law.expected_review_days = office_.expected_days(context.now());
}

void Licensing::close_quarter(Context& context) {
  Record& record = context.record;
  for (std::size_t s = 0; s < kReviewStages; ++s) {
    const auto stage = static_cast<ReviewStage>(s);
    const std::size_t waiting = office_.waiting(stage);
    record.set(series_.queue, static_cast<std::int64_t>(waiting + office_.at_desks(stage)), s);
    record.set(series_.waiting, static_cast<std::int64_t>(waiting), s);
    const StageTally now = office_.tally(stage, context.now());
    const std::int64_t desks = now.desk_minutes - closed_[s].desk_minutes;
    const std::int64_t busy = now.busy_minutes - closed_[s].busy_minutes;
    record.set_real(
        series_.utilisation,
        desks > 0 ? static_cast<double>(busy) / static_cast<double>(desks) : kNotANumber, s);
    closed_[s] = now;
  }
  record.set_real(series_.wait_days,
                  decided_in_quarter_ > 0
                      ? wait_days_in_quarter_ / static_cast<double>(decided_in_quarter_)
                      : kNotANumber);
  record.set_real(series_.expected_days, office_.expected_days(context.now()));
  decided_in_quarter_ = 0;
  wait_days_in_quarter_ = 0;
}

void Licensing::check(const Context& context) const {
  std::int64_t under_review = 0;
  for (std::size_t i = 0; i < context.book.orders.items().size(); ++i) {
    const Order& order = context.book.orders.items()[i];
    if (!order.is_open || order.state != OrderState::kUnderReview) continue;
    ++under_review;
    TOLLGATE_CHECK(office_.is_pending(static_cast<std::uint32_t>(i)),
                   "an order is under review that the licence office does not know");
  }
  const auto pending = static_cast<std::int64_t>(office_.pending());
  TOLLGATE_CHECK(pending == under_review, "the licence office reviews what nobody asks for");
  TOLLGATE_CHECK(filed_count_ == decided_count_ + withdrawn_count_ + pending,
                 "licence applications were lost or made up");
}

}  // namespace tollgate
