/// Stockpiling before a cut that is expected, and satiation after it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr std::size_t kQuarterOfNotice = 3;  ///< 2026Q4: the ban of 2027-01-01 is announced

/// Buyers have money for more than they need, and chips are there; buyers look a year ahead.
WorldSpec ample_world() {
  WorldSpec spec = small_world();
  for (BuyerSpec& buyer : spec.buyers) {
    buyer.budget_usd_per_quarter = 4e9;
    buyer.installed = {{kForeignChip, 60000}};
  }
  for (ChipSpec& chip : spec.chips) chip.initial_stock = 1e6;
  spec.traders.clear();
  spec.routes.clear();
  spec.landlords.clear();
  spec.demand.precaution_gain = 1;
  spec.demand.precaution_horizon_days = 365;
  spec.demand.announcement_belief = 0.9;
  return spec;
}

/// The same with a ban on foreign chips in China from 2027-01-01.
WorldSpec banned_world(std::optional<SimTime> announced) {
  WorldSpec spec = ample_world();
  InstrumentSpec ban = instrument(Ban{});
  ban.announced = announced;
  ban.effective = date("2027-01-01");
  spec.policies = {ban};
  return spec;
}

/// Chips of both origins that buyers in China order in the quarter.
std::int64_t ordered(const Record& record, std::size_t quarter) {
  const SeriesId id = record.layout().find("units_ordered");
  return record.integer(id, quarter, kDomesticChip.index(), kChina.index()) +
         record.integer(id, quarter, kForeignChip.index(), kChina.index());
}

/// Orders in the quarter of notice and in the two after it, announced less unannounced.
struct Difference {
  std::int64_t before, after;
};
Difference announced_less_sudden(bool noise, std::uint32_t replica) {
  WorldSpec told = banned_world(date("2026-10-01"));
  WorldSpec sudden = banned_world(std::nullopt);
  told.noise = sudden.noise = noise;
  const WorldLayout layout(told);
  const Record a = run_world(told, layout, replica);
  const Record b = run_world(sudden, layout, replica);
  const auto later = [](const Record& record) {
    return ordered(record, kQuarterOfNotice + 1) + ordered(record, kQuarterOfNotice + 2);
  };
  return {ordered(a, kQuarterOfNotice) - ordered(b, kQuarterOfNotice), later(a) - later(b)};
}

}  // namespace

TEST_CASE("a ban that is announced is stockpiled for, and orders fall when it is in force") {
  const Difference difference = announced_less_sudden(false, 0);
  CHECK(difference.before > 10000);
  CHECK(difference.after < -5000);
}

TEST_CASE("stockpiling and satiation show through the noise") {
  // Replicas of both worlds share their noise until the announcement. By chance a sign would be as
  // often one as the other: 17 of 20 or more have probability 0.0013.
  int before = 0;
  int after = 0;
  constexpr int kReplicas = 20;
  for (std::uint32_t i = 0; i < kReplicas; ++i) {
    const Difference difference = announced_less_sudden(true, i);
    before += difference.before > 0 ? 1 : 0;
    after += difference.after < 0 ? 1 : 0;
  }
  CHECK(before >= 17);
  CHECK(after >= 17);
}

TEST_CASE("the stock held before a cut is belief x exposure x what would be lacking") {
  // All of China's compute is foreign, so exposure is 1; a month before the ban the target is
  // need (1 + 0.9 (e^g - 1 + r)), r = g phi / (1 - phi) with phi = E exp(-g life). Orders and stock
  // reach it from below, short of what need grows between the last plan and the quarter's end.
  WorldSpec spec = banned_world(date("2026-10-01"));
  spec.noise = false;
  spec.buyers[0].need_h100e = {60000, 0};
  spec.chips[kDomesticChip.index()].markets = {kUs};  // so that all orders are foreign
  spec.demand.wait_value = -50;                       // nobody waits
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const double need = record.real(layout.record().find("need"), kQuarterOfNotice, 0, 0);
  const double held = record.real(layout.record().find("effective_h100e"), kQuarterOfNotice, 0, 0);
  const double g = std::log(1.8);
  // Weibull life by Simpson's rule over u = S(x).
  double phi = 0;
  constexpr int kSteps = 2000;
  for (int i = 0; i <= kSteps; ++i) {
    const double u = std::clamp(static_cast<double>(i) / kSteps, 1e-9, 1 - 1e-9);
    const double life =
        spec.demand.lifetime_years * std::pow(-std::log(u), 1 / spec.demand.lifetime_shape);
    phi += (i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2) * std::exp(-g * life) / (3 * kSteps);
  }
  const double horizon = 365 / kDaysPerYear;
  const double lack = std::expm1(g * horizon) + g * phi / (1 - phi) * horizon;
  const double target = 1 + 0.9 * lack;
  const double month = std::exp(g / 12);  // a plan's need may be a month old
  CHECK(held / need < target * 1.002);
  CHECK(held / need > target / month * 0.998);
}

TEST_CASE("without rules that close sales precaution is nothing, bit for bit") {
  const std::vector<Effect> harmless = {Levy{0.2, LevyBase::kProceeds, 1}, Testing{10},
                                        Guidance{1, false}};
  for (const Effect& effect : harmless) {
    WorldSpec spec = ample_world();
    InstrumentSpec rule = instrument(effect);
    rule.announced = date("2026-03-01");
    rule.effective = date("2026-09-01");
    spec.policies = {rule};
    const WorldLayout layout(spec);
    const Record careful = run_world(spec, layout);
    spec.demand.precaution_gain = 0;
    CHECK(same_bits(careful, run_world(spec, layout)));
  }
}

TEST_CASE("a rule that touches nobody, or only those on its list, raises no precaution") {
  WorldSpec spec = banned_world(date("2026-10-01"));
  spec.policies[0].destinations = {kHub};
  const WorldLayout layout(spec);
  const Record careful = run_world(spec, layout);
  spec.demand.precaution_gain = 0;
  CHECK(same_bits(careful, run_world(spec, layout)));

  spec = banned_world(date("2026-10-01"));
  spec.policies[0].effect = ApprovedCustomers{{kChineseBuyer}};
  const Record listed = run_world(spec, layout);
  spec.demand.precaution_gain = 0;
  CHECK(same_bits(listed, run_world(spec, layout)));
}

TEST_CASE("without gain an announcement changes nothing, bit for bit") {
  WorldSpec told = banned_world(date("2026-10-01"));
  WorldSpec sudden = banned_world(std::nullopt);
  told.demand.precaution_gain = sudden.demand.precaution_gain = 0;
  const WorldLayout layout(told);
  CHECK(same_bits(run_world(told, layout), run_world(sudden, layout)));
}

TEST_CASE("a rule nobody believes in, or beyond the horizon, is not stockpiled for") {
  WorldSpec sudden = banned_world(std::nullopt);
  WorldSpec unbelieved = banned_world(date("2026-10-01"));
  sudden.until = unbelieved.until = date("2027-01-01");
  unbelieved.demand.announcement_belief = 0;
  const WorldLayout layout(sudden);
  const Record none = run_world(sudden, layout);
  CHECK(same_bits(none, run_world(unbelieved, layout)));

  // Known for a year, but buyers look a month ahead: until December nothing is different.
  WorldSpec far = banned_world(date("2026-01-15"));
  far.demand.precaution_horizon_days = 30;
  far.until = sudden.until = date("2026-12-01");
  const WorldLayout shorter(far);
  CHECK(same_bits(run_world(sudden, shorter), run_world(far, shorter)));
}

TEST_CASE("a cut without notice makes buyers hold more of what is left, for a while") {
  // One foreign chip is cut on 2026-07-01, another one stays: a later cut of it is feared.
  WorldSpec spec = ample_world();
  spec.noise = false;
  ChipSpec other = spec.chips[kForeignChip.index()];
  other.id = "h20";
  spec.chips.push_back(other);
  InstrumentSpec letter = instrument(Ban{});
  letter.effective = date("2026-07-01");
  letter.chips = {kForeignChip};
  spec.policies = {letter};
  spec.buyers[0].installed = {{kForeignChip, 30000}, {ChipId{std::size_t{2}}, 30000}};
  spec.demand.hazard_memory_days = 60;
  const WorldLayout layout(spec);
  const Record careful = run_world(spec, layout);
  spec.demand.precaution_gain = 0;
  const Record careless = run_world(spec, layout);
  const auto cover = [&](const Record& record, std::size_t quarter) {
    return record.real(layout.record().find("effective_h100e"), quarter, 0, 0) /
           record.real(layout.record().find("need"), quarter, 0, 0);
  };
  CHECK(cover(careful, 1) == cover(careless, 1));
  CHECK(cover(careful, 2) > 1.2 * cover(careless, 2));
  CHECK(cover(careful, 7) < 1.05 * cover(careless, 7));  // nine memories later
}
