#include "agents/regulator/politics.hpp"

#include <algorithm>
#include <cmath>

#include "engine/market/chip.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kMonthsPerYear = 12;
constexpr double kUsdPerBillion = 1e9;

/// Subjects of kHazardsRevised; see is_monthly.
constexpr std::size_t kMonthly = 0;
constexpr std::size_t kCalendar = 1;

/// Chips in the region, in H100e; one at least, so that ratios are finite.
double installed_h100e(const Context& context, RegionId region) {
  double sum = 1;
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    sum +=
        static_cast<double>(context.installed_units(region, ChipId{c})) * h100e(context.chips[c]);
  }
  return sum;
}

double log_compute_ratio(const Context& context) {
  return std::log(installed_h100e(context, context.spec.reference_region) /
                  installed_h100e(context, context.spec.focus_region));
}

}  // namespace

Politics::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  if (!axes.politics || !axes.regime) return;
  regime_index =
      layout.add_series({"regime_index",
                         {*axes.politics},
                         ValueType::kInteger,
                         Aggregation::kAtQuarterEnd,
                         "1",
                         "Regime of a government",
                         "Place on the axis regime, counted from 0, of the regime in which "
                         "the government is at the end of the quarter."});
  regime_share = layout.add_series({"regime_share",
                                    {*axes.regime},
                                    ValueType::kReal,
                                    Aggregation::kAtQuarterEnd,
                                    "1",
                                    "Share of the quarter in a regime",
                                    "Share of the quarter, or of the part of it that the run "
                                    "covers, for which the regime lasted; the regimes of one "
                                    "government add up to 1."});
  regime_changes = layout.add_series({"regime_changes",
                                      {*axes.politics},
                                      ValueType::kInteger,
                                      Aggregation::kSumOverQuarter,
                                      "1",
                                      "Changes of regime",
                                      "Moves of the government from one regime to another."});
}

Politics::Politics(const Context& context, const Series& series)
    : series_(series), minutes_(context.spec.regimes.size(), 0) {
  const WorldSpec& world = context.spec;
  std::optional<StreamFactory> streams;
  if (world.noise) streams = context.streams;
  for (const PoliticsSpec& spec : world.politics) {
    governments_.push_back({RegimeChain(world.transitions, world.regimes, spec.initial, streams),
                            std::max(spec.begins.value_or(world.start), world.start),
                            {},
                            {},
                            {},
                            world.start});
  }
}

void Politics::start(Context& context) {
  if (governments_.empty()) return;
  tell_law(context);
  receipts_.assign(kMonthsPerYear, Cents{0});
  context.schedule(context.now(), EventKind::kHazardsRevised, 0, kMonthly);
  for (std::size_t g = 0; g < governments_.size(); ++g) {
    const SimTime begins = governments_[g].begins;
    if (begins > context.now() && begins < context.spec.until) {
      context.schedule(begins, EventKind::kHazardsRevised, 0, kCalendar);
    }
    look_at_calendars(context, context.spec.politics[g]);
  }
}

// At the first minute of each nearness, and at the first one after it.
void Politics::look_at_calendars(Context& context, const PoliticsSpec& spec) const {
  const auto look = [&](SimTime time) {
    if (time > context.now() && time < context.spec.until) {
      context.schedule(time, EventKind::kHazardsRevised, 0, kCalendar);
    }
  };
  for (const CalendarDay& day : spec.elections) {
    look(day.date - days_rounded(spec.election_days));
    look(day.date + Duration{1});
  }
  for (const CalendarDay& day : spec.summits) {
    look(day.date - days_rounded(spec.summit_days));
    look(day.date + days_rounded(spec.summit_days) + Duration{1});
  }
}

void Politics::revise_hazards(Context& context, bool is_monthly, Cents receipts) {
  const SimTime now = context.now();
  const double gap = log_compute_ratio(context);
  const double receipts_usd = in_usd(receipts - receipts_.front());
  if (is_monthly) {
    std::rotate(receipts_.begin(), receipts_.begin() + 1, receipts_.end());
    receipts_.back() = receipts;
    context.schedule(now + days_rounded(kDaysPerMonth), EventKind::kHazardsRevised, 0, kMonthly);
  }
  for (std::size_t g = 0; g < governments_.size(); ++g) {
    Government& government = governments_[g];
    if (now < government.begins) continue;
    Covariates& covariates = government.covariates;
    if (is_monthly || !government.initial_gap) {
      if (!government.initial_gap) government.initial_gap = gap;
      covariates.capability_gap = gap - *government.initial_gap;
      covariates.receipts = receipts_usd / kUsdPerBillion;
    }
    read_calendars(context.spec.politics[g], now, covariates);
    government.chain.update(now, covariates);
    if (context.trace != nullptr) trace_hazards(context, g);
    schedule_next(context, g);
  }
}

void Politics::schedule_next(Context& context, std::size_t government) {
  Government& mine = governments_[government];
  context.events.cancel(mine.pending);
  const auto move = mine.chain.next();
  if (!move || move->time >= context.spec.until) return;
  mine.pending = context.schedule_cancellable(move->time, EventKind::kRegimeTurns, government,
                                              move->transition.index());
}

// Of the moves that the government may make from where it is.
void Politics::trace_hazards(const Context& context, std::size_t government) const {
  const Government& mine = governments_[government];
  for (std::size_t t = 0; t < context.spec.transitions.size(); ++t) {
    const TransitionSpec& transition = context.spec.transitions[t];
    if (transition.from != mine.chain.regime()) continue;
    context.trace->decide(Decision::kHazardRevised, Reason::kHazard)
        .by(Actor::kGovernment, government)
        .of(Subject::kTransition, t)
        .set(Number::kRate, hazard(transition, mine.covariates));
  }
}

bool Politics::turn(Context& context, TransitionId transition) {
  const RegimeId from = context.spec.transitions[transition.index()].from;
  const std::size_t government = context.spec.regimes[from.index()].politics.index();
  if (context.trace != nullptr) {
    context.trace->event().set(Number::kRate, hazard(context.spec.transitions[transition.index()],
                                                     governments_[government].covariates));
  }
  count_time(government, context.now());
  governments_[government].chain.make(transition, context.now());
  context.record.add(*series_.regime_changes, 1, government);
  schedule_next(context, government);
  return tell_law(context);
}

bool Politics::tell_law(Context& context) const {
  const auto current = [&](PoliticsId government) {
    return governments_[government.index()].chain.regime();
  };
  bool is_news = false;
  for (std::size_t i = 0; i < context.law.instruments(); ++i) {
    const InstrumentId instrument{i};
    const std::vector<RegimeId>& regimes = context.law.instrument(instrument).regimes;
    if (regimes.empty()) continue;
    const bool is_on = do_hold(regimes, context.spec.regimes, current);
    const bool was_on = context.law.is_regime_on(instrument);
    context.law.set_regime_on(instrument, is_on);
    is_news = is_news || (is_on && !was_on && context.law.is_known(instrument, context.now()));
  }
  return is_news;
}

void Politics::count_time(std::size_t government, SimTime until) {
  Government& mine = governments_[government];
  minutes_[mine.chain.regime().index()] += (until - mine.counted_until).minutes;
  mine.counted_until = until;
}

void Politics::close_quarter(Context& context) {
  if (governments_.empty()) return;
  const RecordLayout& layout = context.record.layout();
  const int quarter =
      layout.first_quarter().index + static_cast<int>(context.record.open_quarter());
  const SimTime begin = std::max(start_of({quarter}), context.spec.start);
  const SimTime end = std::min(start_of({quarter + 1}), context.spec.until);
  for (std::size_t g = 0; g < governments_.size(); ++g) {
    count_time(g, end);
    context.record.set(*series_.regime_index,
                       static_cast<std::int64_t>(governments_[g].chain.regime().index()), g);
  }
  for (std::size_t r = 0; r < minutes_.size(); ++r) {
    context.record.set_real(
        *series_.regime_share,
        static_cast<double>(minutes_[r]) / static_cast<double>((end - begin).minutes), r);
    minutes_[r] = 0;
  }
}

}  // namespace tollgate
