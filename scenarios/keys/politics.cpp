#include "engine/policy/regime.hpp"
#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {
namespace {

constexpr Range kRatePerYear{0, 1000};
/// Of log hazard.
constexpr Range kEffect{-20, 20};

}  // namespace

TableSpec politics_keys() {
  using P = PoliticsSpec;
  TableBuilder<P> t(
      "politics",
      "A government whose policy is not scripted: a continuous-time Markov chain over "
      "its regimes. Policies name the regimes in which they are in force.");
  t.reference("initial", &P::initial, EntityKind::kRegime, "Regime at the start.").required();
  t.date("begins", &P::begins,
         "First day on which the government may move; without it, the start of the run.");
  t.by_date("elections", &P::elections, &CalendarDay::weight, "1", kShare,
            "Elections, and how much each counts against the largest.");
  t.by_date("summits", &P::summits, &CalendarDay::weight, "1", kShare,
            "Summits, and how much each counts against the largest.");
  t.number("election_days", &P::election_days, "days", kDays,
           "An election is near for so long before it.");
  t.number("summit_days", &P::summit_days, "days", kDays,
           "A summit is near for so long before and after it.");
  return std::move(t).build();
}

TableSpec regime_keys() {
  TableBuilder<RegimeSpec> t("regime", "What a government may hold to for a while.");
  t.reference("politics", &RegimeSpec::politics, EntityKind::kPolitics, "Whose regime it is.")
      .required();
  return std::move(t).build();
}

TableSpec transition_keys() {
  using T = TransitionSpec;
  TableBuilder<T> t("transition",
                    "A move of a government from one regime to another. Its hazard is the rate "
                    "times exp(sum of effect times covariate).");
  t.reference("from", &T::from, EntityKind::kRegime, "Regime in which it can happen.").required();
  t.reference("to", &T::to, EntityKind::kRegime, "Regime to which it leads.").required();
  t.number("rate_per_year", &T::rate_per_year, "1/year", kRatePerYear,
           "Hazard while every covariate is 0.")
      .required();
  t.number("capability_gap", &T::capability_gap, "1", kEffect,
           "Effect of the gap: log of installed H100e of the reference region over that of the "
           "focus region, less its value when the government could first move.");
  t.number("receipts", &T::receipts, "1/bn USD", kEffect,
           "Effect of levies and duties charged over the last twelve months.");
  t.number("election", &T::election, "1", kEffect, "Effect of an election that is near.");
  t.number("summit", &T::summit, "1", kEffect, "Effect of a summit that is near.");
  return std::move(t).build();
}

}  // namespace tollgate
