#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {

TableSpec response_keys() {
  using R = ResponseSpec;
  constexpr Range kWeight{-100, 100};
  TableBuilder<R> t(
      "response",
      "How the government of the focus region reacts: the strictness of its responsive "
      "rules, 1 at the start, moves with foreign supply and domestic output.");
  t.number("lag_days", &R::lag_days, "days", kPeriodDays,
           "Time constant with which the logarithm of strictness follows its target.");
  t.number(
      "opening_weight", &R::opening_weight, "1", kWeight,
      "Added to the target by foreign rules that open all that there is (the best foreign chip "
      "on sale, to every buyer of the region).");
  t.number("tightening_weight", &R::tightening_weight, "1", kWeight,
           "The same by foreign rules that close it.");
  t.number("memory_days", &R::memory_days, "days", kPeriodDays,
           "Time constant with which moves of foreign rules are forgotten.");
  t.number("supply_weight", &R::supply_weight, "1", kWeight,
           "Added to the target as the output of domestic vendors rises from none to all of what "
           "the region's buyers look for and can pay for.");
  t.number("floor", &R::floor, "1", {0, 1, true}, "Least strictness.");
  t.number("ceiling", &R::ceiling, "1", {1, 1000}, "Greatest strictness.");
  t.number("step", &R::step, "1", {0, 1},
           "Change of the logarithm of strictness from which on it is carried out; looked at every "
           "month.");
  return std::move(t).build();
}

}  // namespace tollgate
