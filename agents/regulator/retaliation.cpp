#include "agents/regulator/retaliation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

std::vector<InstrumentId> places_of(const std::vector<std::string>& ids,
                                    const std::vector<InstrumentSpec>& rules) {
  std::vector<InstrumentId> places;
  for (const std::string& id : ids) {
    if (const InstrumentId rule = find_rule(rules, id); rule.is_some()) places.push_back(rule);
  }
  return places;
}

}  // namespace

Retaliations::Retaliations(const Context& context)
    : answers_(context.spec.policies.size()), on_until_(context.spec.policies.size()) {
  const std::vector<InstrumentSpec>& rules = context.spec.policies;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].is_a<Retaliation>()) continue;
    const Retaliation& retaliation = rules[i].as<Retaliation>();
    answers_[i] = places_of(retaliation.answer, rules);
    for (const InstrumentId watched : places_of(retaliation.watched, rules)) {
      // A luck of its own, so that the other rules that are watched do not change it.
      watches_.push_back(
          {InstrumentId{i}, watched, false,
           context.streams.make(rules[i].id, "answer to " + rules[watched.index()].id)});
    }
  }
}

void Retaliations::start(Context& context) {
  for (const std::vector<InstrumentId>& answer : answers_) {
    for (const InstrumentId rule : answer) context.law.set_switch(rule, false);
  }
  for (Watch& watch : watches_) {
    watch.was_in_force = context.law.is_in_force(watch.rule, context.now());
  }
}

void Retaliations::see_law(Context& context) {
  const SimTime now = context.now();
  for (Watch& watch : watches_) {
    const bool is_in_force = context.law.is_in_force(watch.rule, now);
    if (std::exchange(watch.was_in_force, is_in_force) || !is_in_force) continue;
    if (!context.law.is_in_force(watch.retaliation, now)) continue;
    const auto& retaliation = context.law.instrument(watch.retaliation).as<Retaliation>();
    const bool is_answered = context.spec.noise
                                 ? draw_bernoulli(retaliation.probability, watch.luck)
                                 : retaliation.probability >= 0.5;
    if (context.trace != nullptr) {
      context.trace
          ->decide(Decision::kAnswerDecided, is_answered ? Reason::kAnswered : Reason::kNotAnswered)
          .by(Actor::kOffice, static_cast<std::size_t>(Office::kMinistry))
          .of(Subject::kInstrument, watch.retaliation.index())
          .instrument(watch.rule)
          .set(Number::kProbability, retaliation.probability)
          .set(Number::kDays, retaliation.lag_days);
    }
    if (!is_answered) continue;
    context.schedule(now + days_rounded(retaliation.lag_days), EventKind::kAnswerGiven, 0,
                     watch.retaliation.index());
  }
}

bool Retaliations::give(Context& context, InstrumentId retaliation) {
  const SimTime now = context.now();
  const SimTime until =
      now + days_rounded(context.law.instrument(retaliation).as<Retaliation>().lasting_days);
  bool is_news = false;
  for (const InstrumentId rule : answers_[retaliation.index()]) {
    const bool was_known = context.law.is_known(rule, now);
    context.law.set_switch(rule, true);
    is_news = is_news || (!was_known && context.law.is_known(rule, now));
    SimTime& on_until = on_until_[rule.index()];
    on_until = std::max(on_until, until);
  }
  context.schedule(until, EventKind::kAnswerEnded, 0, retaliation.index());
  return is_news;
}

void Retaliations::end(Context& context, InstrumentId retaliation) const {
  for (const InstrumentId rule : answers_[retaliation.index()]) {
    if (on_until_[rule.index()] <= context.now()) context.law.set_switch(rule, false);
  }
}

}  // namespace tollgate
