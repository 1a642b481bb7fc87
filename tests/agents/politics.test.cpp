#include <doctest/doctest.h>

#include <cmath>

#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr PoliticsId kWashington{std::size_t{0}};
constexpr PoliticsId kBeijing{std::size_t{1}};
constexpr RegimeId kControls{std::size_t{0}};
constexpr RegimeId kDeal{std::size_t{1}};
constexpr RegimeId kGuided{std::size_t{2}};
constexpr RegimeId kTolerant{std::size_t{3}};

TransitionSpec move(const char* id, RegimeId from, RegimeId to, double rate) {
  TransitionSpec spec;
  spec.id = id;
  spec.from = from;
  spec.to = to;
  spec.rate_per_year = rate;
  return spec;
}

/// Washington swings between controls and a deal, Beijing stays tolerant.
WorldSpec swinging_world() {
  WorldSpec spec = small_world();
  PoliticsSpec washington;
  washington.id = "washington";
  washington.initial = kControls;
  PoliticsSpec beijing;
  beijing.id = "beijing";
  beijing.initial = kTolerant;
  spec.politics = {washington, beijing};
  spec.regimes = {{"controls", kWashington},
                  {"deal", kWashington},
                  {"guided", kBeijing},
                  {"tolerant", kBeijing}};
  spec.transitions = {move("sign", kControls, kDeal, 2), move("break", kDeal, kControls, 2)};
  return spec;
}

InstrumentSpec levy_bound_to(std::vector<RegimeId> regimes) {
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.25;
  levy.effective = SimTime{};
  levy.regimes = std::move(regimes);
  return levy;
}

double share(const Record& record, std::size_t quarter, RegimeId regime) {
  return record.real(record.layout().find("regime_share"), quarter, regime.index());
}

/// Whether the series that both records have hold the same bits.
bool same_in_common(const Record& a, const Record& b) {
  for (const Series& series : a.layout().series()) {
    const SeriesId ia = a.layout().find(series.name);
    const SeriesId ib = b.layout().find(series.name);
    const std::size_t bytes = a.layout().size(ia) * 8;
    const bool is_integer = series.type == ValueType::kInteger;
    if (is_integer ? std::memcmp(a.integers(ia), b.integers(ib), bytes) != 0
                   : std::memcmp(a.reals(ia), b.reals(ib), bytes) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE(
    "without politics there is no series of it, and governments without instruments change "
    "nobody's bits") {
  const WorldSpec plain = small_world();
  const WorldSpec moving = swinging_world();
  const WorldLayout layout(plain);
  const WorldLayout moving_layout(moving);
  CHECK_THROWS_AS((void)layout.record().find("regime_index"), std::out_of_range);
  CHECK_THROWS_AS((void)layout.record().axis("regime"), std::out_of_range);
  for (std::uint32_t replica = 0; replica < 5; ++replica) {
    const Record expected = run_world(plain, layout, replica);
    const Record record = run_world(moving, moving_layout, replica);
    CHECK(same_in_common(expected, record));
    CHECK(record.events > expected.events);
  }
}

TEST_CASE("a levy bound to a regime is charged only while the regime lasts") {
  WorldSpec spec = swinging_world();
  spec.policies = {levy_bound_to({kDeal})};
  const WorldLayout layout(spec);
  const SeriesId receipts = layout.record().find("levy_receipts");
  std::int64_t charged = 0;
  int idle_quarters = 0;
  for (std::uint32_t replica = 0; replica < 30; ++replica) {
    const Record record = run_world(spec, layout, replica);
    for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
      const std::int64_t amount = record.integer(receipts, q, kForeignVendor.index());
      // A shipment keeps the rate of the day on which it was tested, and is charged at the border
      // ten days later: only the quarter after a deal may still bring something.
      const double before = q == 0 ? 0.0 : share(record, q - 1, kDeal);
      if (share(record, q, kDeal) == 0 && before == 0) {
        CHECK(amount == 0);
        ++idle_quarters;
      }
      charged += amount;
    }
  }
  CHECK(charged > 0);
  CHECK(idle_quarters > 10);
}

TEST_CASE(
    "bound to the only regime there is, an instrument works as without politics, bit for bit") {
  WorldSpec spec = swinging_world();
  spec.transitions.clear();
  spec.policies = {levy_bound_to({kControls, kTolerant})};
  WorldSpec plain = small_world();
  plain.policies = spec.policies;
  plain.policies[0].regimes.clear();
  const WorldLayout layout(spec);
  const WorldLayout plain_layout(plain);
  const Record bound = run_world(spec, layout);
  CHECK(same_in_common(run_world(plain, plain_layout), bound));
  CHECK(total(bound, "levy_receipts") > 0);
}

TEST_CASE("of every government named one regime must hold, and dates hold besides") {
  WorldSpec spec = swinging_world();
  spec.transitions.clear();
  const auto receipts = [&](const InstrumentSpec& levy) {
    spec.policies = {levy};
    const WorldLayout layout(spec);
    return total(run_world(spec, layout), "levy_receipts");
  };
  CHECK(receipts(levy_bound_to({kControls})) > 0);
  CHECK(receipts(levy_bound_to({kControls, kDeal})) > 0);  // one government: either will do
  CHECK(receipts(levy_bound_to({kDeal})) == 0);
  CHECK(receipts(levy_bound_to({kControls, kGuided})) == 0);  // two: both must
  CHECK(receipts(levy_bound_to({kControls, kTolerant, kGuided})) > 0);
  InstrumentSpec late = levy_bound_to({kControls});
  late.effective = date("2029-01-01");
  CHECK(receipts(late) == 0);
}

TEST_CASE("a rule that is announced but whose regime is off is no news, not pending, not known") {
  const WorldSpec plain = small_world();
  WorldSpec spec = swinging_world();
  spec.transitions.clear();
  InstrumentSpec ban = instrument(Ban{});
  ban.announced = date("2026-03-01");
  ban.effective = date("2026-09-01");
  ban.regimes = {kDeal};
  spec.policies = {ban};
  const WorldLayout layout(spec);
  const WorldLayout plain_layout(plain);
  CHECK(same_in_common(run_world(plain, plain_layout), run_world(spec, layout)));
  spec.policies[0].regimes = {kControls};
  CHECK_FALSE(same_in_common(run_world(plain, plain_layout), run_world(spec, layout)));

  World world(spec, layout, StreamFactory{1, 0});
  Law law(spec.policies, spec.chips, world.context().vendor_headquarters, {}, 1);
  const InstrumentId rule{std::size_t{0}};
  CHECK(law.is_pending(rule, date("2026-04-01")));
  CHECK(law.is_known(rule, date("2026-04-01")));
  law.set_regime_on(rule, false);
  CHECK_FALSE(law.is_pending(rule, date("2026-04-01")));
  CHECK_FALSE(law.is_known(rule, date("2026-04-01")));
  CHECK_FALSE(law.is_in_force(rule, date("2026-10-01")));
}

TEST_CASE(
    "a change of regime is heard like any change of law: a ban that comes brings precaution") {
  // The ban comes by the calendar or, without noise, at the time at which the integrated hazard is
  // 1: the same minute, the same world.
  WorldSpec dated = small_world();
  dated.noise = false;
  InstrumentSpec ban = instrument(Ban{});
  ban.effective = dated.start + days_rounded(kDaysPerYear / 2);
  dated.policies = {ban};
  WorldSpec moved = swinging_world();
  moved.noise = false;
  moved.transitions.pop_back();  // no way back
  moved.policies = {ban};
  moved.policies[0].effective = SimTime{};
  moved.policies[0].regimes = {kDeal};
  const WorldLayout dated_layout(dated);
  const WorldLayout moved_layout(moved);
  CHECK(same_in_common(run_world(dated, dated_layout), run_world(moved, moved_layout)));
}

TEST_CASE("the record tells regimes: shares add up to 1 and agree with changes and quarter ends") {
  WorldSpec spec = swinging_world();
  spec.start = date("2026-02-10");  // the first and the last quarter are partial
  spec.until = date("2028-01-20");
  const WorldLayout layout(spec);
  const SeriesId regime = layout.record().find("regime_index");
  const SeriesId changes = layout.record().find("regime_changes");
  double in_deal = 0;
  std::int64_t moves = 0;
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    const Record record = run_world(spec, layout, replica);
    std::int64_t before = kControls.index();
    for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
      CHECK(share(record, q, kControls) + share(record, q, kDeal) == doctest::Approx(1));
      CHECK(share(record, q, kTolerant) == 1);
      CHECK(share(record, q, kGuided) == 0);
      const std::int64_t now = record.integer(regime, q, kWashington.index());
      const std::int64_t moved = record.integer(changes, q, kWashington.index());
      CHECK((moved % 2 == 1) == (now != before));
      if (moved == 0) CHECK(share(record, q, RegimeId{static_cast<std::size_t>(now)}) == 1);
      before = now;
      CHECK(record.integer(changes, q, kBeijing.index()) == 0);
      CHECK(record.integer(regime, q, kBeijing.index()) ==
            static_cast<std::int64_t>(kTolerant.index()));
      in_deal += share(record, q, kDeal);
      moves += moved;
    }
  }
  CHECK(in_deal > 0);
  // Rate 2 a year over 1.94 years in 20 replicas: Poisson of mean 77.7, four standard errors.
  const double expected = 2 * 20 * in_years(spec.until - spec.start);
  CHECK(std::abs(static_cast<double>(moves) - expected) < 4 * std::sqrt(expected));
}

TEST_CASE("nobody moves before the day on which a government begins") {
  WorldSpec spec = swinging_world();
  spec.politics[0].begins = date("2027-01-01");
  spec.transitions[0].rate_per_year = 1000;
  spec.transitions[1].rate_per_year = 0;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q < 4; ++q) CHECK(share(record, q, kControls) == 1);
  CHECK(share(record, 4, kDeal) > 0.9);
}

TEST_CASE("hazards follow receipts, the gap in compute and the calendar, each by its own effect") {
  // Without noise the move comes when the integrated hazard is 1.
  WorldSpec spec = swinging_world();
  spec.noise = false;
  spec.transitions.pop_back();
  spec.transitions[0].rate_per_year = 1;
  const auto moved_after_days = [&](const WorldSpec& world) {
    const WorldLayout layout(world);
    const Record record = run_world(world, layout);
    double days_in_controls = 0;
    for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
      const Quarter quarter{layout.record().first_quarter().index + static_cast<int>(q)};
      days_in_controls +=
          share(record, q, kControls) * in_days(start_of({quarter.index + 1}) - start_of(quarter));
    }
    return days_in_controls;
  };
  CHECK(moved_after_days(spec) == doctest::Approx(365.25).epsilon(1e-5));

  SUBCASE("an election: e times the hazard from 100 days before it to it") {
    spec.politics[0].elections = {{date("2026-07-20"), 1}};
    spec.politics[0].election_days = 100;
    spec.transitions[0].election = std::log(2.0);
    CHECK(moved_after_days(spec) == doctest::Approx(265.25).epsilon(1e-4));
  }
  SUBCASE("a summit: on both sides, as much as it weighs") {
    spec.politics[0].summits = {{date("2026-07-20"), 0.5}};
    spec.politics[0].summit_days = 50;
    spec.transitions[0].summit = 2 * std::log(2.0);
    CHECK(moved_after_days(spec) == doctest::Approx(265.25).epsilon(1e-4));
  }
  SUBCASE("receipts: nothing without a levy, sooner with one") {
    spec.transitions[0].receipts = 5;
    CHECK(moved_after_days(spec) == doctest::Approx(365.25).epsilon(1e-5));
    spec.policies = {levy_bound_to({kControls})};
    CHECK(moved_after_days(spec) < 330);
  }
  SUBCASE("the gap: sooner or later as its effect goes") {
    spec.transitions[0].capability_gap = 2;
    const double one_way = moved_after_days(spec);
    spec.transitions[0].capability_gap = -2;
    const double other_way = moved_after_days(spec);
    CHECK(std::min(one_way, other_way) < 360);
    CHECK(std::max(one_way, other_way) > 370);
  }
}

TEST_CASE("chips at sites are counted as buyers have them") {
  const WorldSpec spec = swinging_world();
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const SeriesId units = layout.record().find("installed_units");
  const std::size_t last = layout.record().quarters() - 1;
  for (const RegionId region : {kChina, kHub, kUs}) {
    for (const ChipId chip : {kDomesticChip, kForeignChip}) {
      CHECK(world.context().installed_units(region, chip) ==
            world.record().integer(units, last, chip.index(), region.index()));
    }
  }
}
