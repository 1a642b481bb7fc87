/// Precedence: what two rules of any two kinds make of a sale that both touch, and of supply.
///
/// The table is docs/model.md, "Rule resolution". It is stated here once more, field by field, from
/// what each rule does alone; every ordered pair of kinds is held to it.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/policy/law.hpp"
#include "tests/engine/policy/sample_effects.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr RegionId kChina{std::size_t{0}};
constexpr RegionId kUs{std::size_t{1}};
constexpr ChipId kChip{std::size_t{0}};
constexpr SupplierId kFab{std::size_t{0}};
constexpr VendorId kVendor{std::size_t{0}};
const SimTime kDay = parse_iso_date("2026-01-01").value();

struct Outcome {
  Conditions conditions;  ///< of buyer 0, whom lists of buyers list
  Conditions unlisted;    ///< of buyer 1
  bool is_cut = false;
  double supply_factor = 1;
  double enforcement = 1;
  bool is_rental_closed = false;

  bool operator==(const Outcome&) const = default;
};

/// Both rules in their places, each in force or not.
Outcome outcome(std::vector<InstrumentSpec> rules, bool with_first, bool with_second) {
  rules[0].enabled = with_first;
  rules[1].enabled = with_second;
  std::vector<ChipSpec> chips(1);
  chips[0].vendor = kVendor;
  chips[0].tpp = 10000;
  const std::vector<RegionId> headquarters{kUs};
  Law law(rules, chips, headquarters,
          {{BuyerId{std::size_t{0}}, kChina, kChina, "cloud"},
           {BuyerId{std::size_t{1}}, kChina, kChina, "state"}},
          1);
  law.compile(kDay);
  return {law.conditions(kChip, CustomerId{std::size_t{0}}),
          law.conditions(kChip, CustomerId{std::size_t{1}}),
          law.is_cut(kFab, kVendor),
          law.supply_factor(kFab),
          law.enforcement(),
          law.is_rental_closed(CustomerId{std::size_t{0}})};
}

InstrumentSpec rule(const char* id, const Effect& effect) {
  InstrumentSpec spec;
  spec.id = id;
  spec.effect = effect;
  spec.effective = kDay - days(1);
  return spec;
}

Conditions combined(const Conditions& a, const Conditions& b) {
  Conditions c;
  c.is_barred = a.is_barred || b.is_barred;
  c.needs_licence = a.needs_licence || b.needs_licence;
  c.stops_goods = a.stops_goods || b.stops_goods;
  c.review = std::max(a.review, b.review);
  c.levy_rate = a.levy_rate + b.levy_rate;
  c.duty_rate = a.duty_rate + b.duty_rate;
  c.tariff_rate = a.tariff_rate + b.tariff_rate;
  c.subsidy_rate = std::min(1.0, a.subsidy_rate + b.subsidy_rate);
  c.testing_days = a.testing_days + b.testing_days;
  c.guidance = a.guidance + b.guidance;
  c.pass_probability = a.pass_probability * b.pass_probability;
  c.seized_share = std::max(a.seized_share, b.seized_share);
  c.licence_days = std::min(a.licence_days, b.licence_days);
  c.licence_units = std::min(a.licence_units, b.licence_units);
  c.caps = a.caps | b.caps;
  // The last rule that bars; of licences the strictest, of equals the first.
  if (c.is_barred) {
    c.decided_by = b.is_barred ? b.decided_by : a.decided_by;
  } else if (c.needs_licence) {
    const bool is_first = a.needs_licence && (!b.needs_licence || a.review >= b.review);
    c.decided_by = is_first ? a.decided_by : b.decided_by;
  }
  return c;
}

}  // namespace

TEST_CASE("every pair of kinds combines as the table says: all conditions, all caps, all charges") {
  for (const Effect& first : sample_effects()) {
    for (const Effect& second : sample_effects()) {
      const std::vector<InstrumentSpec> rules{rule("first", first), rule("second", second)};
      const std::string pair =
          std::string{rules[0].kind_name()} + " with " + std::string{rules[1].kind_name()};
      CAPTURE(pair);
      const Outcome a = outcome(rules, true, false);
      const Outcome b = outcome(rules, false, true);
      const Outcome both = outcome(rules, true, true);
      CHECK(both.conditions == combined(a.conditions, b.conditions));
      CHECK(both.unlisted == combined(a.unlisted, b.unlisted));
      CHECK(both.is_cut == (a.is_cut || b.is_cut));
      CHECK(both.supply_factor == a.supply_factor * b.supply_factor);
      CHECK(both.enforcement == a.enforcement * b.enforcement);
      CHECK(both.is_rental_closed == (a.is_rental_closed || b.is_rental_closed));
    }
  }
}

TEST_CASE("of every pair of kinds the one that supersedes holds alone for what both touch") {
  for (const Effect& first : sample_effects()) {
    for (const Effect& second : sample_effects()) {
      std::vector<InstrumentSpec> rules{rule("first", first), rule("second", second)};
      const std::string pair =
          std::string{rules[1].kind_name()} + " over " + std::string{rules[0].kind_name()};
      CAPTURE(pair);
      rules[1].supersedes = {"first"};
      const Outcome b = outcome(rules, false, true);
      const Outcome both = outcome(rules, true, true);
      // Lists touch one of the two buyers only, the other one keeps the older rule.
      const Conditions a = outcome(rules, true, false).conditions;
      const Conditions a_unlisted = outcome(rules, true, false).unlisted;
      const bool touches_listed = !rules[1].is_a<ApprovedCustomers>();
      const bool touches_unlisted = !rules[1].is_a<EntityList>();
      CHECK(both.conditions == (touches_listed ? b.conditions : a));
      CHECK(both.unlisted == (touches_unlisted ? b.unlisted : a_unlisted));
    }
  }
}

TEST_CASE("the order in which rules stand changes nothing but which of equals is named") {
  for (const Effect& first : sample_effects()) {
    for (const Effect& second : sample_effects()) {
      const std::vector<InstrumentSpec> rules{rule("first", first), rule("second", second)};
      const std::vector<InstrumentSpec> swapped{rules[1], rules[0]};
      Outcome one = outcome(rules, true, true);
      Outcome other = outcome(swapped, true, true);
      for (Outcome* o : {&one, &other}) {
        for (Conditions* c : {&o->conditions, &o->unlisted}) {
          c->decided_by = {};
          c->caps = c->caps != 0 ? 1 : 0;
        }
      }
      CAPTURE(rules[0].kind_name());
      CAPTURE(rules[1].kind_name());
      CHECK(one == other);
    }
  }
}

TEST_CASE("a rule that is over, not yet in force, switched off or disabled adds nothing") {
  for (const Effect& effect : sample_effects()) {
    const Outcome nothing = outcome({rule("a", effect), rule("b", effect)}, false, false);
    std::vector<InstrumentSpec> rules{rule("a", effect), rule("b", effect)};
    rules[0].until = kDay;
    rules[1].effective = kDay + days(1);
    CAPTURE(rules[0].kind_name());
    CHECK(outcome(rules, true, true) == nothing);
  }
}

TEST_CASE("levies that leave nothing of a sale bar it") {
  const Outcome half = outcome(
      {rule("a", Levy{0.5, LevyBase::kProceeds, 1}), rule("b", Levy{0.5, LevyBase::kProceeds, 1})},
      true, false);
  CHECK_FALSE(half.conditions.is_barred);
  const Outcome whole = outcome(
      {rule("a", Levy{0.5, LevyBase::kProceeds, 1}), rule("b", Levy{0.5, LevyBase::kProceeds, 1})},
      true, true);
  CHECK(whole.conditions.is_barred);
  // Duties on top may exceed the price.
  const Outcome duties = outcome({rule("a", Levy{0.9, LevyBase::kCustomsValue, 1}),
                                  rule("b", Levy{0.9, LevyBase::kCustomsValue, 1})},
                                 true, true);
  CHECK_FALSE(duties.conditions.is_barred);
}

TEST_CASE("an order placed before a rule that exempts orders is free of it, of two rules of both") {
  InstrumentSpec kind = rule("kind", Ban{});
  kind.grandfathers = Grandfathering::kOrdered;
  kind.effective = kDay - days(10);
  InstrumentSpec strict = rule("strict", Ban{});
  strict.grandfathers = Grandfathering::kOrdered;
  strict.effective = kDay - days(20);
  const Conditions one = outcome({kind, strict}, true, false).conditions;
  CHECK(one.bars(kDay - days(10)));
  CHECK_FALSE(one.bars(kDay - days(10) - Duration{1}));
  const Conditions two = outcome({kind, strict}, true, true).conditions;
  CHECK(two.bars(kDay - days(15)));
  CHECK_FALSE(two.bars(kDay - days(21)));
  strict.grandfathers = Grandfathering::kShipped;
  CHECK(outcome({kind, strict}, true, true).conditions.bars(kDay - days(1000)));
  strict.grandfathers = Grandfathering::kNothing;
  CHECK(outcome({kind, strict}, true, true).conditions.stops_goods);
}
