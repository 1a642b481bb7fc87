#include "agents/world.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/kernel/check.hpp"
#include "tests/agents/small_world.hpp"
#include "tests/engine/policy/sample_effects.hpp"

using namespace tollgate;
using namespace tollgate::tests;

TEST_CASE("a replica runs to its end, and chips and cents are conserved in every quarter") {
  const WorldSpec spec = small_world();
  const WorldLayout layout(spec);
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    const Record record = run_world(spec, layout, replica);  // throws InvariantError otherwise
    CHECK(record.events > 100);
    CHECK(total(record, "revenue") > 0);
  }
}

TEST_CASE("the same seed and replica give the same bits, another replica does not") {
  const WorldSpec spec = small_world();
  const WorldLayout layout(spec);
  const Record first = run_world(spec, layout, 3);
  CHECK(same_bits(first, run_world(spec, layout, 3)));
  CHECK_FALSE(same_bits(first, run_world(spec, layout, 4)));
}

TEST_CASE("an instrument that touches nobody changes nothing, bit for bit") {
  const WorldSpec without = small_world();
  for (const Effect& effect : sample_effects()) {
    WorldSpec with = without;
    InstrumentSpec rule = instrument(effect);
    rule.tpp.low = 1e9;
    rule.vendors = {VendorId{std::size_t{99}}};
    if (auto* list = std::get_if<EntityList>(&rule.effect)) list->suppliers.clear();
    if (auto* control = std::get_if<CounterControl>(&rule.effect)) control->suppliers.clear();
    if (rule.is_a<Enforcement>()) rule.as<Enforcement>().strength = 1;
    if (rule.is_a<RemoteAccess>()) rule.headquarters = {RegionId{std::size_t{99}}};
    with.policies = {rule};
    CAPTURE(rule.id);
    const WorldLayout layout(with);
    CHECK(same_bits(run_world(without, layout), run_world(with, layout)));
  }
}

TEST_CASE("under a ban nothing of the barred vendor is cleared and no levy is received") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.25;
  spec.policies = {instrument(Ban{}), levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(total(record, "units_cleared", kForeignChip.index(), kChina.index()) == 0);
  CHECK(total(record, "levy_receipts") == 0);
  CHECK(total(record, "units_cleared", kForeignChip.index(), kUs.index()) > 0);
}

TEST_CASE("a ban opens the grey market, a free market has none") {
  WorldSpec spec = small_world();
  const WorldLayout free(spec);
  CHECK(total(run_world(spec, free), "grey_units") == 0);
  spec.policies = {instrument(Ban{})};
  const WorldLayout layout(spec);
  CHECK(total(run_world(spec, layout), "grey_units") > 0);
}

TEST_CASE(
    "a duty t on top and a levy t/(1+t) on the outlay give the same outlay, net and receipts") {
  const double t = 0.25;
  WorldSpec duty = small_world();
  duty.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  duty.chips[kForeignChip.index()].markets = {kChina};
  WorldSpec levy = duty;
  levy.chips[kForeignChip.index()].price_usd *= 1 + t;
  InstrumentSpec rule = instrument(Levy{});
  rule.as<Levy>().rate = t;
  rule.as<Levy>().base = LevyBase::kCustomsValue;
  rule.as<Levy>().collected = LevyCollection::kClearance;  // as a levy on proceeds is
  duty.policies = {rule};
  rule.as<Levy>().base = LevyBase::kProceeds;
  rule.as<Levy>().rate = t / (1 + t);
  levy.policies = {rule};
  const WorldLayout layout(duty);
  const Record on_top = run_world(duty, layout);
  const Record inside = run_world(levy, layout);
  const auto vendor = kForeignVendor.index();
  CHECK(total(on_top, "units_cleared", kForeignChip.index(), kChina.index()) ==
        total(inside, "units_cleared", kForeignChip.index(), kChina.index()));
  CHECK(total(on_top, "spend", kChineseBuyer.index()) ==
        total(inside, "spend", kChineseBuyer.index()));
  CHECK(total(on_top, "levy_receipts", vendor) > 0);
  CHECK(total(on_top, "levy_receipts", vendor) == total(inside, "levy_receipts", vendor));
  CHECK(total(on_top, "net_proceeds", vendor) == total(inside, "net_proceeds", vendor));
}

TEST_CASE("under certain denial no licence is granted and nothing is cleared") {
  WorldSpec spec = small_world();
  InstrumentSpec licence = instrument(Licence{});
  licence.as<Licence>().review = ReviewPolicy::kCaseByCase;
  spec.policies = {licence};
  spec.licence_office.grant_case_by_case = 0.5;
  const WorldLayout layout(spec);
  const Record open_door = run_world(spec, layout);
  CHECK(total(open_door, "licences_granted") > 0);
  CHECK(total(open_door, "licences_denied") > 0);
  CHECK(total(open_door, "units_cleared", kForeignChip.index(), kChina.index()) > 0);
  spec.licence_office.grant_case_by_case = 0;
  const Record shut = run_world(spec, layout);
  CHECK(total(shut, "licences_granted") == 0);
  CHECK(total(shut, "units_cleared", kForeignChip.index(), kChina.index()) == 0);
}

TEST_CASE("an idle buyer changes nobody else's bits") {
  const WorldSpec base = small_world();
  WorldSpec more = base;
  BuyerSpec idle = base.buyers[0];
  idle.id = "zzz_idle";
  idle.need_h100e = {0, 0};
  idle.budget_usd_per_quarter = 0;
  idle.installed.clear();
  more.buyers.push_back(idle);
  const WorldLayout layout(base);
  const WorldLayout layout_more(more);
  const Record a = run_world(base, layout);
  const Record b = run_world(more, layout_more);
  for (const char* series : {"revenue", "units_cleared", "units_ordered", "grey_units"}) {
    const SeriesId ia = layout.record().find(series);
    const SeriesId ib = layout_more.record().find(series);
    REQUIRE(layout.record().size(ia) == layout_more.record().size(ib));
    CHECK(std::memcmp(a.integers(ia), b.integers(ib), layout.record().size(ia) * 8) == 0);
  }
}

TEST_CASE("edge worlds run and give the obvious answer") {
  WorldSpec spec = small_world();
  SUBCASE("zero budget: nothing is ordered") {
    for (BuyerSpec& buyer : spec.buyers) buyer.budget_usd_per_quarter = 0;
    const WorldLayout layout(spec);
    CHECK(total(run_world(spec, layout), "units_ordered") == 0);
  }
  SUBCASE("zero capacity: no more is cleared than was there") {
    spec.suppliers[0].capacity_per_month = 0;
    const WorldLayout layout(spec);
    CHECK(total(run_world(spec, layout), "units_cleared", kDomesticChip.index(), kChina.index()) <=
          50000);
  }
  SUBCASE("no buyers: nothing happens in the market") {
    spec.buyers.clear();
    const WorldLayout layout(spec);
    CHECK(total(run_world(spec, layout), "units_cleared") == 0);
  }
  SUBCASE("without noise two seeds agree") {
    spec.noise = false;
    const WorldLayout layout(spec);
    CHECK(same_bits(run_world(spec, layout, 0, 1), run_world(spec, layout, 7, 2)));
  }
}
