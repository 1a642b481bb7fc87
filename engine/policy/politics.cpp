#include "engine/policy/politics.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"
#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

constexpr double kLargestEffect = 50;
constexpr double kMinutesPerYear = kDaysPerYear * static_cast<double>(kMinutesPerDay);
/// Moves further off than this never come.
constexpr double kNeverMinutes = 1e3 * kMinutesPerYear;

}  // namespace

double hazard(const TransitionSpec& transition, const Covariates& covariates) {
  const double effect = transition.capability_gap * covariates.capability_gap +
                        transition.receipts * covariates.receipts +
                        transition.election * covariates.election +
                        transition.summit * covariates.summit;
  return transition.rate_per_year * std::exp(std::clamp(effect, -kLargestEffect, kLargestEffect));
}

double nearness(std::span<const CalendarDay> days, SimTime now, double before_days,
                double after_days) {
  double largest = 0;
  for (const CalendarDay& day : days) {
    const bool is_near =
        day.date - days_rounded(before_days) <= now && now <= day.date + days_rounded(after_days);
    if (is_near) largest = std::max(largest, day.weight);
  }
  return largest;
}

void read_calendars(const PoliticsSpec& spec, SimTime now, Covariates& covariates) {
  covariates.election = nearness(spec.elections, now, spec.election_days, 0);
  covariates.summit = nearness(spec.summits, now, spec.summit_days, spec.summit_days);
}

RegimeChain::RegimeChain(std::span<const TransitionSpec> transitions,
                         std::span<const RegimeSpec> regimes, RegimeId initial,
                         const std::optional<StreamFactory>& streams)
    : transitions_(transitions), regime_(initial) {
  const PoliticsId politics = regimes[initial.index()].politics;
  for (std::size_t t = 0; t < transitions.size(); ++t) {
    if (regimes[transitions[t].from.index()].politics != politics) continue;
    Clock clock;
    clock.transition = TransitionId{t};
    if (streams) clock.stream = streams->make(transitions[t].id, "hazard");
    wind(clock);
    clocks_.push_back(clock);
  }
}

void RegimeChain::wind(Clock& clock) {
  clock.left = clock.stream ? draw_exponential(*clock.stream) : 1.0;
}

void RegimeChain::run_clocks(SimTime now) {
  const auto minutes = static_cast<double>((now - updated_at_).minutes);
  for (Clock& clock : clocks_) {
    if (is_running(clock)) clock.left -= clock.rate * minutes;
  }
  updated_at_ = now;
}

void RegimeChain::update(SimTime now, const Covariates& covariates) {
  run_clocks(now);  // before the first update every rate is 0
  for (Clock& clock : clocks_) {
    clock.rate = hazard(transitions_[clock.transition.index()], covariates) / kMinutesPerYear;
  }
}

std::optional<RegimeChain::Move> RegimeChain::next() const {
  std::optional<Move> first;
  for (const Clock& clock : clocks_) {
    if (!is_running(clock) || clock.rate <= 0) continue;
    // At least a minute, so that no chain moves without end at one instant.
    const double minutes = std::max(1.0, std::ceil(clock.left / clock.rate));
    if (minutes > kNeverMinutes) continue;
    const SimTime time = updated_at_ + Duration{static_cast<std::int64_t>(minutes)};
    if (!first || time < first->time) first = Move{clock.transition, time};
  }
  return first;
}

void RegimeChain::make(TransitionId transition, SimTime now) {
  run_clocks(now);
  for (Clock& clock : clocks_) {
    if (clock.transition != transition) continue;
    TOLLGATE_CHECK(is_running(clock), "a government left a regime that it was not in");
    wind(clock);
  }
  regime_ = transitions_[transition.index()].to;
}

}  // namespace tollgate
