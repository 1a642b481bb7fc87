/// Need, budget and installed base of buyers against their formulas.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "agents/world.hpp"
#include "engine/market/throughput.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr std::size_t kBuyers = 500;

/// Many equal buyers of one chip, alone in the world, each with noise of its own.
WorldSpec crowd() {
  WorldSpec spec = small_world();
  spec.traders.clear();
  spec.routes.clear();
  spec.landlords.clear();
  FringeSpec fringe;
  fringe.id = "firms";
  fringe.headquarters = kUs;
  fringe.site = kUs;
  fringe.need_h100e = {10.0 * kBuyers, 10.0 * kBuyers};
  fringe.count = kBuyers;
  fringe.size_sigma = 0;
  spec.buyers.clear();
  spec.fringes = {fringe};
  append_fringe(spec);
  size_fringe(spec);
  return spec;
}

double survival(const WorldSpec& spec, double years) {
  return std::exp(-std::pow(years / spec.demand.lifetime_years, spec.demand.lifetime_shape));
}

std::int64_t installed(const Record& record, std::size_t quarter) {
  return record.integer(record.layout().find("installed_units"), quarter, kForeignChip.index(),
                        kUs.index());
}

/// Logarithm of need over that of the start, by buyer, at the end of the run.
std::vector<double> log_growth(const WorldSpec& spec, const Record& record) {
  std::vector<double> result;
  const SeriesId need = record.layout().find("need");
  for (std::size_t b = 0; b < spec.buyers.size(); ++b) {
    for (std::size_t w = 0; w < kWorkloads; ++w) {
      result.push_back(std::log(record.real(need, record.layout().quarters() - 1, b, w) / 10));
    }
  }
  return result;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double variance(const std::vector<double>& values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(values.size() - 1);
}

}  // namespace

TEST_CASE("chips of the start survive as a Weibull life does, given their age") {
  WorldSpec spec = crowd();
  spec.demand.lifetime_years = 4;
  spec.demand.lifetime_shape = 3;
  // One chip a cohort: two workloads, four ages.
  for (BuyerSpec& buyer : spec.buyers) buyer.installed = {{kForeignChip, 8}};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    const SimTime end = start_of({layout.record().first_quarter().index + static_cast<int>(q) + 1});
    const double years = in_years(end - spec.start);
    double expected = 0;
    double squared_error = 0;
    for (const double age : {0.375, 1.125, 1.875, 2.625}) {
      const double p = survival(spec, age + years) / survival(spec, age);
      expected += 2 * kBuyers * p;
      squared_error += 2 * kBuyers * p * (1 - p);
    }
    // Four standard errors of a sum of independent survivals.
    CHECK(std::abs(static_cast<double>(installed(record, q)) - expected) <
          4 * std::sqrt(squared_error));
  }
}

TEST_CASE("chips bought survive as a Weibull life does") {
  // Everybody buys once, for training alone, then a ban ends all sales. Chips come from day 5 (when
  // a first plan may ship at once) to day 45, so survival lies between those of these ages.
  WorldSpec spec = crowd();
  spec.until = date("2028-07-01");
  for (BuyerSpec& buyer : spec.buyers) {
    buyer.budget_usd_per_quarter = 1e9;
    buyer.need_h100e.inference = 0;
  }
  spec.demand.growth = {1, 1};
  spec.demand.volatility_common = spec.demand.volatility_own = 0;
  spec.demand.wait_value = -50;
  spec.demand.lifetime_years = 3;
  InstrumentSpec ban = instrument(Ban{});
  ban.destinations = {kUs};
  ban.effective = date("2026-02-10");
  spec.policies = {ban};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const std::int64_t bought = installed(record, 0);
  CHECK(bought == total(record, "purchases"));
  REQUIRE(bought % kBuyers == 0);
  REQUIRE(bought > 0);
  for (const std::size_t q : {3U, 5U, 7U, 9U}) {
    const SimTime end = start_of({layout.record().first_quarter().index + static_cast<int>(q) + 1});
    const double oldest = survival(spec, in_years(end - spec.start) - 5 / kDaysPerYear);
    const double youngest = survival(spec, in_years(end - spec.start) - 45 / kDaysPerYear);
    const double share = static_cast<double>(installed(record, q)) / static_cast<double>(bought);
    // One cohort a buyer, all of one size: the standard error is at most sqrt(1/4 / cohorts).
    const double error = std::sqrt(0.25 / kBuyers);
    CHECK(share > oldest - 4 * error);
    CHECK(share < youngest + 4 * error);
  }
}

TEST_CASE("need grows as geometric Brownian motion: own shocks") {
  WorldSpec spec = crowd();
  spec.demand.volatility_common = 0;
  spec.demand.volatility_own = 0.4;
  spec.demand.growth = {1.8, 1.8};
  const WorldLayout layout(spec);
  const std::vector<double> logs = log_growth(spec, run_world(spec, layout));
  // Need moves at plans, of which the last is 0 to 30 days before the end: 15 days on average,
  // which the phases of 500 buyers meet to within half a day.
  const double years = in_years(spec.until - spec.start) - 15 / kDaysPerYear;
  const double sd = 0.4 * std::sqrt(years);
  const auto n = static_cast<double>(logs.size());
  CHECK(std::abs(mean(logs) - (std::log(1.8) * years - 0.5 * sd * sd)) <
        4 * sd / std::sqrt(n) + 2 / kDaysPerYear);
  CHECK(std::abs(variance(logs) - sd * sd) < 4 * sd * sd * std::sqrt(2 / n));
  // The mean of need itself grows at the rate of the key; its variance is e^(sd^2) - 1.
  double sum = 0;
  for (const double log : logs) sum += std::exp(log);
  const double growth = std::pow(1.8, years);
  CHECK(std::abs(sum / n - growth) <
        4 * growth * std::sqrt(std::expm1(sd * sd) / n) + 2 * growth / kDaysPerYear);
}

TEST_CASE("need grows as geometric Brownian motion: the common shock") {
  WorldSpec spec = small_world();
  spec.demand.volatility_own = 0;
  spec.demand.volatility_common = 0.3;
  spec.demand.growth = {1, 1};
  spec.until = date("2027-01-02");  // after the twelfth month
  for (BuyerSpec& buyer : spec.buyers) buyer.budget_usd_per_quarter = 0;
  const WorldLayout layout(spec);
  std::vector<double> logs;
  double sum = 0;
  constexpr std::uint32_t kReplicas = 500;
  for (std::uint32_t i = 0; i < kReplicas; ++i) {
    const Record record = run_world(spec, layout, i);
    const SeriesId need = layout.record().find("need");
    const auto factor = [&](std::size_t b, std::size_t w) {
      return record.real(need, layout.record().quarters() - 1, b, w) /
             spec.buyers[b].need_h100e[static_cast<Workload>(w)];
    };
    CHECK(factor(0, 0) == doctest::Approx(factor(1, 1)).epsilon(1e-12));  // one for all
    logs.push_back(std::log(factor(0, 0)));
    sum += factor(0, 0);
  }
  // Twelve monthly steps of a year of 365.25 days end before the second of January.
  const double n = kReplicas;
  CHECK(std::abs(mean(logs) + 0.045) < 4 * 0.3 / std::sqrt(n));
  CHECK(std::abs(variance(logs) - 0.09) < 4 * 0.09 * std::sqrt(2 / n));
  CHECK(std::abs(sum / n - 1) < 4 * std::sqrt(std::expm1(0.09) / n));
}

TEST_CASE("when nothing can be had nothing is spent, and budgets pile up by their carry-over") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.demand.budget_carry_over = 0.6;
  spec.traders.clear();
  spec.routes.clear();
  spec.landlords.clear();
  spec.suppliers[0].capacity_per_month = 0;
  for (ChipSpec& chip : spec.chips) chip.initial_stock = chip.initial_pipeline = 0;
  InstrumentSpec ban = instrument(Ban{});
  ban.vendors.clear();
  ban.destinations.clear();
  spec.policies = {ban};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(total(record, "spend") == 0);
  CHECK(total(record, "purchases") == 0);

  // Budget accrues at plans, on days 15, 45, ...; what is left lapses by 0.4 at quarter ends.
  const SeriesId unspent = layout.record().find("unspent_budget");
  const double per_day = 1e9 / (kDaysPerYear / 4) * 100;
  double budget = 0;
  double planned = 0;
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    const SimTime end = start_of({layout.record().first_quarter().index + static_cast<int>(q) + 1});
    const double length = in_days(end - spec.start);
    const double last_plan = 15 + 30 * std::floor((length - 15) / 30);
    budget += per_day * (last_plan - planned);
    planned = last_plan;
    CHECK(std::abs(static_cast<double>(record.integer(unspent, q, kChineseBuyer.index())) -
                   budget) < 100);  // rounded to a cent at each of some ten steps
    budget *= 0.6;
  }
}

TEST_CASE("installed chips by chip and region are the compute of the region") {
  const WorldSpec spec = small_world();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const SeriesId units = layout.record().find("installed_units");
  const SeriesId compute = layout.record().find("compute_h100e");
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    for (const RegionId region : {kChina, kUs}) {
      double by_chip = 0;
      double by_origin = 0;
      for (std::size_t c = 0; c < spec.chips.size(); ++c) {
        by_chip +=
            static_cast<double>(record.integer(units, q, c, region.index())) * h100e(spec.chips[c]);
      }
      for (std::size_t o = 0; o + 1 < kOrigins; ++o) {  // rented compute is no chip
        by_origin += record.real(compute, q, region.index(), o);
      }
      CHECK(by_chip > 0);
      CHECK(by_chip == doctest::Approx(by_origin).epsilon(1e-12));
    }
  }
}
