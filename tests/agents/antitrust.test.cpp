/// Antitrust cases: the fine to the cent, its time, and what vendors make of its threat.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/agents/regulators_alone.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// A case against the foreign vendor over its sales in China.
WorldSpec accused_world(double fine_share, double decisions_per_year) {
  WorldSpec spec = small_world();
  InstrumentSpec rule = instrument(Antitrust{});
  rule.destinations.clear();
  rule.as<Antitrust>().region = kChina;
  rule.as<Antitrust>().fine_share = fine_share;
  rule.as<Antitrust>().decisions_per_year = decisions_per_year;
  spec.policies = {rule};
  return spec;
}

}  // namespace

TEST_CASE("a fine is the share of the last four quarters' revenue in the region, to the cent") {
  WorldSpec spec = accused_world(0.1, 365.25 / 500);  // decided after 500 days: 2027-05-16
  spec.noise = false;
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const Record& record = world.record();
  const SeriesId revenue = layout.record().find("revenue");
  const SeriesId fines = layout.record().find("antitrust_fines");
  std::int64_t base = 0;
  for (std::size_t q = 1; q <= 4; ++q) {  // the quarter of the decision is the sixth
    base += record.integer(revenue, q, kForeignVendor.index(), kChina.index());
  }
  CHECK(base > 0);
  const Cents fine = share_of(Cents{base}, 0.1);
  CHECK(record.integer(fines, 5, kForeignVendor.index()) == fine.value);
  CHECK(total(record, "antitrust_fines") == fine.value);  // it closes the case, and hits no other
  CHECK(world.context().ledger.balance(world.context().accounts.governments[kChina.index()]) ==
        fine);
}

TEST_CASE("no cent is lost by fines, and each case has one at most") {
  WorldSpec spec = accused_world(0.1, 5);
  spec.policies[0].vendors.clear();
  const WorldLayout layout(spec);
  int fined = 0;
  for (std::uint32_t replica = 0; replica < 10; ++replica) {
    World world(spec, layout, StreamFactory{1, replica});
    world.run();  // the ledger is checked every quarter
    CHECK(world.context().ledger.balance(world.context().accounts.governments[kChina.index()]) ==
          Cents{total(world.record(), "antitrust_fines")});
    const SeriesId fines = layout.record().find("antitrust_fines");
    for (std::size_t v = 0; v < 2; ++v) {
      int quarters = 0;
      for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
        quarters += static_cast<int>(world.record().integer(fines, q, v) > 0);
      }
      CHECK(quarters <= 1);
      fined += quarters;
    }
  }
  CHECK(fined > 0);
}

TEST_CASE("the time to a fine is exponential, and that of two vendors independent") {
  WorldSpec spec = accused_world(0.1, 1);
  spec.policies[0].vendors.clear();
  spec.until = date("2046-01-01");  // exp(-20) of the cases are still open
  constexpr std::uint32_t kReplicas = 1000;
  std::vector<double> years[2];
  double both_early = 0;
  for (std::uint32_t replica = 0; replica < kReplicas; ++replica) {
    RegulatorsAlone world(spec, replica);
    int early = 0;
    while (const auto event = world.step()) {
      if (event->kind != EventKind::kFineDecided) continue;
      const double time = in_years(world.context().now() - spec.start);
      years[event->subject].push_back(time);
      early += static_cast<int>(time < std::log(2.0));
    }
    both_early += static_cast<double>(early == 2);
  }
  for (std::vector<double>& times : years) {
    std::ranges::sort(times);
    REQUIRE(times.size() == kReplicas);
    double distance = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double p = 1 - std::exp(-times[i]);
      distance = std::max({distance, p - static_cast<double>(i) / kReplicas,
                           static_cast<double>(i + 1) / kReplicas - p});
    }
    CHECK(distance < 1.95 / std::sqrt(double{kReplicas}));  // Kolmogorov-Smirnov, level 0.1%
  }
  CHECK(std::abs(both_early / kReplicas - 0.25) < 4 * std::sqrt(0.25 * 0.75 / kReplicas));
}

TEST_CASE("a case is open while the rule is in force, one that is closed brings no fine") {
  WorldSpec spec = accused_world(0.1, 1);
  spec.noise = false;
  spec.policies[0].effective = date("2026-02-01");
  spec.policies[0].until = date("2027-02-01");  // 365 days: a quarter of a day before the mean time
  RegulatorsAlone closed(spec);
  while (const auto event = closed.step()) CHECK(event->kind != EventKind::kFineDecided);
  spec.policies[0].until = date("2027-02-02");
  RegulatorsAlone open(spec);
  const auto charge = [&] { return open.context().expected_fine(kForeignVendor, kChina); };
  CHECK(charge() == 0);
  bool is_decided = false;
  while (const auto event = open.step()) {
    if (event->kind == EventKind::kFineDecided) {
      is_decided = true;
      CHECK(open.context().now() == date("2026-02-01") + days_rounded(365.25));
    }
    const double expected = is_decided ? 0.0 : 0.1 * (1 - std::exp(-1.0));
    CHECK(charge() == doctest::Approx(expected).epsilon(1e-12));
  }
  CHECK(is_decided);
}

TEST_CASE("vendors price with the fine that they must expect as with a levy of that rate") {
  // The mean time to a decision is longer than the run: without noise there is none.
  WorldSpec accused = accused_world(0.3, 0.4);
  accused.noise = false;
  WorldSpec levied = accused;
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.3 * (1 - std::exp(-0.4));
  levied.policies = {levy};
  WorldSpec free = accused;
  free.policies = {};
  const WorldLayout layout(accused);
  const Record with_case = run_world(accused, layout);
  const Record with_levy = run_world(levied, layout);
  const Record without = run_world(free, layout);
  const SeriesId price = layout.record().find("price");
  bool differs = false;
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    const auto at = [&](const Record& record) {
      return record.real(price, q, kForeignChip.index(), kChina.index());
    };
    CHECK(at(with_case) == doctest::Approx(at(with_levy)).epsilon(1e-6));
    differs = differs || std::abs(at(with_case) - at(without)) > 1;
  }
  CHECK(differs);
  CHECK(total(with_case, "levy_receipts") == 0);
}

TEST_CASE("a case without a fine changes nothing, bit for bit") {
  const WorldSpec with = accused_world(0, 2);
  WorldSpec without = with;
  without.policies = {};
  const WorldLayout layout(with);
  CHECK(same_bits(run_world(with, layout), run_world(without, layout)));
}
