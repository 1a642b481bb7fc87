/// Beijing reacts: what it takes for a move of Washington, and what it does then.
#include "agents/regulator/response.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/market/throughput.hpp"
#include "tests/agents/regulators_alone.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// Guidance against foreign chips that follows strictness.
InstrumentSpec responsive_guidance() {
  InstrumentSpec rule = instrument(Guidance{});
  rule.as<Guidance>().strength = 1;
  rule.as<Guidance>().is_responsive = true;
  return rule;
}

/// Denied since before the start; case by case from June on, announced in March.
WorldSpec opening_world() {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.response.lag_days = 40;
  spec.response.memory_days = 300;
  spec.response.opening_weight = 2;
  spec.response.step = 0;
  InstrumentSpec denial = instrument(Licence{});
  denial.id = "denial";
  denial.as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
  InstrumentSpec opening = denial;
  opening.id = "opening";
  opening.as<Licence>().review = ReviewPolicy::kCaseByCase;
  opening.announced = date("2026-03-15");
  opening.effective = date("2026-06-01");
  opening.supersedes = {"denial"};
  spec.policies = {denial, opening, responsive_guidance()};
  return spec;
}

double strictness(const Record& record, std::size_t quarter) {
  return record.real(record.layout().find("strictness"), quarter);
}

/// The last monthly look before the end of a quarter of the small world.
SimTime last_look(std::size_t quarter) {
  const SimTime end =
      start_of({quarter_of(date("2026-01-01")).index + static_cast<int>(quarter) + 1});
  SimTime look = date("2026-01-01");
  while (look + days_rounded(kDaysPerMonth) < end) look = look + days_rounded(kDaysPerMonth);
  return look;
}

}  // namespace

TEST_CASE("an opening counts from its announcement, by the chance of a grant that it brings") {
  const WorldSpec spec = opening_world();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  // The foreign chip is the only one, and so the best: chances of a grant, case by case and denied.
  const double opened =
      spec.licence_office.grant_case_by_case - spec.licence_office.grant_presumption_of_denial;
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    const double t = in_days(last_look(q) - date("2026-03-15"));
    const double log_strictness =
        t <= 0
            ? 0
            : 2 * opened / 40 * (std::exp(-t / 300) - std::exp(-t / 40)) / (1.0 / 40 - 1.0 / 300);
    CAPTURE(q);
    CHECK(std::log(strictness(record, q)) == doctest::Approx(log_strictness).epsilon(1e-9));
  }
}

TEST_CASE("a tightening is weighed as such") {
  WorldSpec spec = opening_world();
  spec.response.opening_weight = 0;
  spec.response.tightening_weight = 1;
  const WorldLayout layout(spec);
  CHECK(strictness(run_world(spec, layout), 3) == 1.0);
  spec.policies[1].effect = Ban{};
  const double t = in_days(last_look(3) - date("2026-03-15"));
  const double closed = spec.licence_office.grant_presumption_of_denial;
  CHECK(std::log(strictness(run_world(spec, layout), 3)) ==
        doctest::Approx(closed / 40 * (std::exp(-t / 300) - std::exp(-t / 40)) /
                        (1.0 / 40 - 1.0 / 300))
            .epsilon(1e-9));
}

TEST_CASE("an opening to buyers abroad, or of a chip that is not the best, is no move") {
  WorldSpec spec = opening_world();
  spec.policies[1].destinations = {kUs};
  const WorldLayout layout(spec);
  CHECK(strictness(run_world(spec, layout), 4) == 1.0);
  WorldSpec worse = opening_world();
  ChipSpec small = worse.chips[kForeignChip.index()];
  small.id = "small";
  small.fp16_tflops /= 10;
  small.dram_bandwidth_tbs /= 10;
  worse.chips.push_back(small);
  for (BuyerSpec& buyer : worse.buyers) buyer.installed.clear();
  worse.policies[0].as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  worse.policies[0].chips = {kForeignChip};
  worse.policies[1].chips = {ChipId{std::size_t{2}}};
  const WorldLayout worse_layout(worse);
  CHECK(strictness(run_world(worse, worse_layout), 4) == 1.0);
}

TEST_CASE("what the buyer's own government does is no move of a foreign one") {
  WorldSpec spec = opening_world();
  spec.response.tightening_weight = 5;
  spec.policies[1] = instrument(StopOrder{});
  spec.policies[1].effective = date("2026-03-15");
  spec.policies.push_back(instrument(Customs{}));
  spec.policies.back().effective = date("2026-06-15");
  spec.policies.back().as<Customs>().probability = 0.9;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) CHECK(strictness(record, q) == 1.0);
}

TEST_CASE("strictness follows the share of demand that domestic vendors cover, against the start") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.response.supply_weight = 0.5;
  spec.response.lag_days = 40;
  spec.response.step = 0;
  spec.policies = {responsive_guidance()};
  RegulatorsAlone world(spec);
  Context& context = world.context();
  const ChipSpec& chip = spec.chips[kDomesticChip.index()];
  const VendorSpec& vendor = spec.vendors[kDomesticVendor.index()];
  const double made_per_day = 900 / chip.lead_time_days *
                              general_throughput(chip, spec.demand.inference_technology()) *
                              std::sqrt(vendor.utilisation.training * vendor.utilisation.inference);
  const double left_of_lag = std::exp(-in_days(days_rounded(kDaysPerMonth)) / 40);
  context.book.in_production[kDomesticChip.index()] = 900;
  context.book.in_production[kForeignChip.index()] = 70000;  // foreign ones do not count
  double& wanted = context.demand.want(kChineseBuyer, Workload::kInference).h100e_per_day;
  context.demand.want(kUsBuyer, Workload::kInference).h100e_per_day = 1e6;  // nor buyers abroad
  // Nobody has asked yet; a quarter is covered, which is the start; half; more than all; nobody.
  const double demand[] = {0, made_per_day * 4, made_per_day * 2, made_per_day / 3, 0, 0};
  const double gained[] = {0, 0, 0.25, 0.75, 0.75, 0.75};
  double log_strictness = 0;
  double held = 0;
  for (std::size_t month = 0; month < std::size(demand); ++month) {
    wanted = demand[month];
    REQUIRE(world.step().has_value());
    log_strictness = log_strictness * left_of_lag + 0.5 * held * (1 - left_of_lag);
    held = gained[month];
    CAPTURE(month);
    CHECK(std::log(context.law.strictness()) == doctest::Approx(log_strictness).epsilon(1e-9));
  }
  CHECK(context.law.strictness() > 1.2);
}

TEST_CASE("a change is carried out when it is as large as the step") {
  WorldSpec spec = opening_world();
  spec.response.step = 0.2;
  RegulatorsAlone world(spec);
  double told = 1;
  int changes = 0;
  while (world.step()) {
    const double now = world.context().law.strictness();
    if (now == told) continue;
    CHECK(std::abs(std::log(now / told)) >= 0.2);
    CHECK(world.context().law.conditions(kForeignChip, CustomerId{std::size_t{0}}).guidance == now);
    told = now;
    ++changes;
  }
  CHECK(changes >= 2);
}

TEST_CASE("a government that sees an opening lets fewer foreign chips come") {
  WorldSpec spec = opening_world();
  spec.demand.guidance_weight = 2;
  spec.policies[1].as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  const WorldLayout layout(spec);
  const Record strict = run_world(spec, layout);
  spec.response.opening_weight = 0;
  const Record same = run_world(spec, layout);
  const auto cleared = [](const Record& record) {
    return total(record, "units_cleared", kForeignChip.index(), kChina.index());
  };
  CHECK(cleared(same) > 0);
  CHECK(static_cast<double>(cleared(strict)) < 0.9 * static_cast<double>(cleared(same)));
}

TEST_CASE("without weights, or without a rule that follows it, nothing reacts, bit for bit") {
  WorldSpec spec = opening_world();
  spec.noise = true;
  spec.response = {};
  const WorldLayout layout(spec);
  const Record weightless = run_world(spec, layout);
  spec.policies.back().as<Guidance>().is_responsive = false;
  const Record none = run_world(spec, layout);
  spec.response.opening_weight = spec.response.supply_weight = 3;
  const Record unfollowed = run_world(spec, layout);
  CHECK(same_bits(weightless, none));
  CHECK(same_bits(unfollowed, none));
  CHECK(weightless.events == none.events);
  CHECK(unfollowed.events == none.events);
  CHECK(strictness(none, 7) == 1.0);
}

TEST_CASE("a letter makes only those vendors price anew whose sales it changes") {
  WorldSpec spec = small_world();
  spec.noise = false;
  const auto solves = [&](bool is_published) {
    InstrumentSpec levy = instrument(Levy{});
    levy.as<Levy>().rate = 0.1;
    levy.effective = date("2026-05-20");
    levy.is_published = is_published;
    spec.policies = {levy};
    const WorldLayout layout(spec);
    const Record record = run_world(spec, layout);
    return std::pair{total(record, "pricing_solves", kDomesticVendor.index()),
                     total(record, "pricing_solves", kForeignVendor.index())};
  };
  const auto letter = solves(false);
  const auto published = solves(true);
  CHECK(letter.first == published.first - 1);
  CHECK(letter.second == published.second);
}
