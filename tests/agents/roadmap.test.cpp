/// Chips that appear by themselves: the next generation out of research, redesigns under rules.
#include <doctest/doctest.h>

#include <cmath>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr ChipId kThird{std::size_t{2}};
constexpr ChipId kFourth{std::size_t{3}};

/// The foreign chip has two slots for redesigns; a ban on TPP 4800 and above is announced on 10
/// March 2026 and comes on 10 April.
WorldSpec redesign_world() {
  WorldSpec spec = small_world();
  spec.scripted_redesigns = false;
  for (const char* id : {"slot_1", "slot_2"}) {
    ChipSpec slot;
    slot.id = id;
    slot.vendor = kForeignVendor;
    slot.launch = date(spec.chips.size() == 2 ? "2026-02-01" : "2026-03-01");
    slot.markets = {kChina};
    slot.redesign_of = kForeignChip;
    slot.fp16_tflops = 1;  // of no use: a redesign has the attributes that it is given
    slot.dram_bandwidth_tbs = 1;
    slot.foundries = {SupplierId{std::size_t{0}}};
    slot.price_usd = 5000;
    slot.chips_per_wafer = 20;
    slot.initial_stock = 1000;
    spec.chips.push_back(slot);
  }
  InstrumentSpec ban = instrument(Ban{});
  ban.announced = date("2026-03-10");
  ban.effective = date("2026-04-10");
  ban.tpp.low = 4800;
  spec.policies = {ban};
  return spec;
}

/// The foreign vendor has a successor of its chip on the roadmap for 2027-03-01.
WorldSpec roadmap_world() {
  WorldSpec spec = small_world();
  ChipSpec next = spec.chips[kForeignChip.index()];
  next.id = "next";
  next.launch = date("2027-03-01");
  next.fp16_tflops = 2000;
  next.initial_stock = 10000;
  next.initial_pipeline = 0;
  next.successor_of = kForeignChip;
  spec.chips.push_back(next);
  VendorSpec& vendor = spec.vendors[kForeignVendor.index()];
  vendor.research_share = 0.2;
  vendor.research_depreciation = 0.3;
  vendor.reference_research_usd_per_year = 1e9;
  vendor.reference_research_growth = 1.5;
  return spec;
}

SimTime launch_of(const WorldSpec& spec, ChipId chip, std::uint32_t replica = 0) {
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, replica});
  world.run();
  return world.context().chips[chip.index()].launch;
}

double at_end(const Record& record, const char* series, std::size_t i) {
  return record.real(record.layout().find(series), record.layout().quarters() - 1, i);
}

bool was_launched(const Record& record, std::size_t quarter, ChipId chip) {
  return record.integer(record.layout().find("launched"), quarter, chip.index()) == 1;
}

}  // namespace

TEST_CASE("a chip that a rule bars gets a redesign under the rule, which is sold") {
  const WorldSpec spec = redesign_world();
  const WorldLayout layout(spec);
  for (const std::uint32_t replica : {0U, 1U, 2U}) {
    const Record record = run_world(spec, layout, replica);
    CHECK(at_end(record, "chip_tpp", kThird.index()) == doctest::Approx(4800 * 0.99));
    CHECK(at_end(record, "chip_dram_bandwidth", kThird.index()) == 4.8);
    CHECK_FALSE(was_launched(record, 0, kThird));
    CHECK(was_launched(record, record.layout().quarters() - 1, kThird));
    CHECK(total(record, "units_cleared", kThird.index(), kChina.index()) > 1000);
    CHECK(total(record, "units_cleared", kThird.index(), kUs.index()) == 0);
    // One redesign does it: the second slot stays empty.
    CHECK(std::isnan(at_end(record, "chip_tpp", kFourth.index())));
    CHECK(total(record, "units_ordered", kFourth.index(), kChina.index()) == 0);
    CHECK(total(record, "stock", kFourth.index()) == 0);
  }
}

TEST_CASE(
    "a redesign starts with the news and comes after its lead time, at the price of its compute") {
  WorldSpec spec = redesign_world();
  spec.noise = false;
  spec.vendors[kForeignVendor.index()].redesign_days = 77;
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const ChipSpec& base = spec.chips[kForeignChip.index()];
  const ChipSpec& chip = world.context().chips[kThird.index()];
  CHECK(chip.launch == date("2026-03-10") + days(77));
  CHECK(chip.fp16_tflops == doctest::Approx(base.fp16_tflops * chip.tpp / base.tpp));
  CHECK(chip.unit_cost_usd == base.unit_cost_usd);
  CHECK(chip.price_usd < base.price_usd);
  // Training falls with compute, inference less; the price with their geometric mean.
  CHECK(chip.price_usd > base.price_usd * chip.tpp / base.tpp);
}

TEST_CASE("without a rule, under a rule by name, or with the script on there is no redesign") {
  WorldSpec spec = redesign_world();
  const WorldLayout layout(spec);
  spec.policies.clear();
  CHECK(std::isnan(at_end(run_world(spec, layout), "chip_tpp", kThird.index())));

  spec = redesign_world();
  spec.policies[0].tpp = {};
  spec.policies[0].chips = {kForeignChip};  // another name for the same chip would not do
  CHECK(std::isnan(at_end(run_world(spec, layout), "chip_tpp", kThird.index())));

  spec = redesign_world();
  spec.policies[0].effect = Licence{};
  spec.policies[0].as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  CHECK(std::isnan(at_end(run_world(spec, layout), "chip_tpp", kThird.index())));

  spec = redesign_world();
  spec.scripted_redesigns = true;
  const Record record = run_world(spec, layout);
  CHECK(at_end(record, "chip_tpp", kThird.index()) == 0);
  CHECK(was_launched(record, 0, kThird));  // on its date in the scenario
}

TEST_CASE(
    "a rule that bars the redesign calls for the next one, or begins it anew while it is under "
    "way") {
  WorldSpec spec = redesign_world();
  spec.noise = false;
  spec.vendors[kForeignVendor.index()].redesign_days = 60;
  InstrumentSpec memory = spec.policies[0];
  memory.id = "memory";
  memory.tpp = {};
  memory.dram_bandwidth_gbs.low = 1400;
  memory.announced.reset();
  memory.effective = date("2027-01-15");
  spec.policies.push_back(memory);
  const WorldLayout layout(spec);
  {
    World world(spec, layout, StreamFactory{1, 0});
    world.run();
    const std::vector<ChipSpec>& chips = world.context().chips;
    CHECK(chips[kThird.index()].dram_bandwidth_tbs == 4.8);
    CHECK(chips[kFourth.index()].launch == date("2027-01-15") + days(60));
    CHECK(chips[kFourth.index()].dram_bandwidth_tbs == doctest::Approx(1.4 * 0.99));
    CHECK(chips[kFourth.index()].tpp == doctest::Approx(4800 * 0.99));
  }
  spec.policies[1].effective = date("2026-04-20");  // before the first one is ready
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const std::vector<ChipSpec>& chips = world.context().chips;
  CHECK(chips[kThird.index()].launch == date("2026-04-20") + days(60));
  CHECK(chips[kThird.index()].dram_bandwidth_tbs == doctest::Approx(1.4 * 0.99));
  CHECK(chips[kFourth.index()].launch == kNoDateYet);  // not needed
}

TEST_CASE("a redesign on sale at the start is followed when a rule closes it, not before") {
  WorldSpec spec = redesign_world();
  spec.policies[0].announced.reset();
  spec.policies[0].effective = date("2025-01-01");
  ChipSpec& old = spec.chips[kThird.index()];
  old.launch = date("2025-06-01");
  old.fp16_tflops = 250;
  old.tpp = 4000;
  const WorldLayout layout(spec);
  CHECK(std::isnan(at_end(run_world(spec, layout), "chip_tpp", kFourth.index())));

  InstrumentSpec second = spec.policies[0];
  second.id = "second";
  second.effective = date("2026-06-01");
  second.tpp.low = 3000;
  spec.policies.push_back(second);
  const WorldLayout with_second(spec);
  const Record record = run_world(spec, with_second);
  CHECK(at_end(record, "chip_tpp", kThird.index()) == 4000);
  CHECK(at_end(record, "chip_tpp", kFourth.index()) == doctest::Approx(3000 * 0.99));
}

TEST_CASE("with elasticity zero a successor comes on the date given, and nothing else changes") {
  WorldSpec spec = roadmap_world();
  const WorldLayout layout(spec);
  CHECK(launch_of(spec, kThird) == date("2027-03-01"));
  const Record with_research = run_world(spec, layout);
  CHECK(total(with_research, "units_cleared", kThird.index(), kUs.index()) > 0);
  spec.chips[kThird.index()].successor_of = ChipId{};  // by script
  CHECK(same_bits(with_research, run_world(spec, layout)));
}

TEST_CASE("without sales research decays, and development takes the time of the closed form") {
  WorldSpec spec = roadmap_world();
  spec.until = date("2029-01-01");
  for (BuyerSpec& buyer : spec.buyers) buyer.budget_usd_per_quarter = 0;
  VendorSpec& vendor = spec.vendors[kForeignVendor.index()];
  vendor.research_elasticity = 0.5;
  const double initial = 1e9 / (0.3 + std::log(1.5));
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const Duration month = days_rounded(kDaysPerMonth);
  const auto months = (spec.until - spec.start).minutes / month.minutes;
  CHECK(at_end(record, "research_stock", kForeignVendor.index()) ==
        doctest::Approx(initial * std::exp(-0.3 * static_cast<double>(months) * in_years(month))));

  // In month k the speed is (R / R_ref)^eta at its beginning: exp(-(delta + log g) eta k h).
  const double decay = std::exp(-0.5 * (0.3 + std::log(1.5)) * in_years(month));
  double left = in_years(date("2027-03-01") - spec.start);
  double years = 0;
  double speed = 1;
  for (; left > speed * in_years(month); speed *= decay) {
    left -= speed * in_years(month);
    years += in_years(month);
  }
  years += left / speed;
  const SimTime launch = launch_of(spec, kThird);
  CHECK(in_days(launch - spec.start) == doctest::Approx(years * kDaysPerYear).epsilon(1e-6));
  CHECK(launch > date("2027-03-01"));
}

TEST_CASE("a levy that the vendor bears slows its next generation, a subsidy speeds it up") {
  WorldSpec spec = roadmap_world();
  spec.noise = false;
  VendorSpec& vendor = spec.vendors[kForeignVendor.index()];
  vendor.research_elasticity = 0.5;
  vendor.pricing = PricingBehaviour::kListPrice;  // it bears the levy
  const SimTime free = launch_of(spec, kThird);
  InstrumentSpec levy = instrument(Levy{});
  levy.destinations.clear();
  levy.as<Levy>().rate = 0.5;
  spec.policies = {levy};
  const SimTime levied = launch_of(spec, kThird);
  CHECK(levied > free);
  spec.vendors[kForeignVendor.index()].subsidy_usd_per_year = 5e8;
  CHECK(launch_of(spec, kThird) < levied);
}

TEST_CASE("a chip waits for its process node") {
  WorldSpec spec = roadmap_world();
  spec.chips[kThird.index()].node_delay_years = 1.5;
  CHECK(launch_of(spec, kThird) == spec.start + days_rounded(1.5 * kDaysPerYear));
  spec.chips[kThird.index()].node_delay_years = 0.5;
  CHECK(launch_of(spec, kThird) == date("2027-03-01"));
}

TEST_CASE("what a successor takes over is neither trend nor error of either forecast") {
  WorldSpec spec = roadmap_world();
  VendorSpec& vendor = spec.vendors[kForeignVendor.index()];
  vendor.forecast_handover = 0.4;
  const WorldLayout layout(spec);
  const Context context(spec, layout.record(), StreamFactory{1, 0});
  Products products(spec.chips.size());
  Product& old = products[kForeignChip.index()];
  old.orders_per_day = 10;
  old.smoothed_at = context.now();
  old.forecast.start(10, context.now());
  Roadmap::launch(context, kThird, products);
  CHECK(old.orders_per_day == doctest::Approx(6));
  Product& next = products[kThird.index()];
  CHECK(next.orders_per_day > 0);
  for (const Product* product : {&old, &next}) {
    CHECK(product->forecast.over(0, 30).mean == doctest::Approx(30 * product->orders_per_day));
    OrderForecast forecast = product->forecast;
    forecast.count(std::llround(30 * product->orders_per_day));
    forecast.review(product->orders_per_day, context.now() + days_rounded(30), 90, 180);
    CHECK(forecast.over(0, 30).mean == doctest::Approx(30 * product->orders_per_day));
    CHECK(forecast.over(0, 30).variance < 1);
  }
}

TEST_CASE("a successor without a pipeline is produced for the forecast that it takes over") {
  WorldSpec spec = roadmap_world();
  spec.noise = false;
  spec.chips[kThird.index()].initial_stock = 0;
  const WorldLayout layout(spec);
  const auto pipeline = [&] {
    const Record record = run_world(spec, layout);
    return record.integer(record.layout().find("pipeline"), 5, kThird.index());  // 2027Q2
  };
  const std::int64_t alone = pipeline();
  spec.vendors[kForeignVendor.index()].forecast_handover = 1;
  CHECK(pipeline() > alone);
}
