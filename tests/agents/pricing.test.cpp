#include "agents/vendor/pricing.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/agents/small_world.hpp"

namespace tollgate {
namespace {

using namespace tests;

double price_at(const Record& record, std::size_t quarter, ChipId chip, RegionId region) {
  return record.real(record.layout().find("price"), quarter, chip.index(), region.index());
}

double largest(const Record& record, const char* series) {
  const SeriesId id = record.layout().find(series);
  double most = 0;
  for (std::size_t i = 0; i < record.layout().size(id); ++i) {
    most = std::max(most, record.reals(id)[i]);
  }
  return most;
}

/// Demand far above what the vendors can make.
WorldSpec short_world() {
  WorldSpec spec = small_world();
  for (ChipSpec& chip : spec.chips) chip.initial_stock = chip.initial_pipeline = 500;
  spec.suppliers[0].capacity_per_month = 20;
  return spec;
}

/// Every sale is banned, and nothing is for rent.
WorldSpec banned_world() {
  WorldSpec spec = small_world();
  InstrumentSpec ban = instrument(Ban{});
  ban.vendors.clear();
  ban.destinations.clear();
  spec.policies = {ban};
  spec.landlords.clear();
  return spec;
}

}  // namespace

TEST_CASE("vendors solve their first-order conditions at every repricing") {
  for (const PricingBehaviour behaviour :
       {PricingBehaviour::kBestResponse, PricingBehaviour::kNash}) {
    WorldSpec spec = small_world();
    for (VendorSpec& vendor : spec.vendors) vendor.pricing = behaviour;
    const WorldLayout layout(spec);
    const Record record = run_world(spec, layout);
    CHECK(total(record, "pricing_solves") > 10);
    CHECK(total(record, "pricing_unsolved") == 0);
    CHECK(largest(record, "pricing_residual") <= 1e-7);
    // Prices have left the list, and no chip is sold below cost.
    const double china = price_at(record, 4, kForeignChip, kChina);
    CHECK(china != spec.chips[kForeignChip.index()].price_usd);
    CHECK(china > spec.chips[kForeignChip.index()].unit_cost_usd);
  }
}

TEST_CASE("a vendor with list prices keeps them, whatever the levy") {
  WorldSpec spec = small_world();
  spec.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.25;
  spec.policies = {levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    CHECK(price_at(record, q, kForeignChip, kChina) == 27000);
  }
  CHECK(total(record, "pricing_solves", kForeignVendor.index()) == 0);
}

TEST_CASE(
    "in shortage a levy is passed on whole: what the vendor keeps is what it gets elsewhere") {
  const double tau = 0.25;
  WorldSpec spec = short_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = tau;
  spec.policies = {levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const std::size_t quarter = 3;
  const double us = price_at(record, quarter, kForeignChip, kUs);
  const double china = price_at(record, quarter, kForeignChip, kChina);
  CHECK((1 - tau) * china == doctest::Approx(us).epsilon(1e-6));
  const double cost = spec.chips[kForeignChip.index()].unit_cost_usd;
  CHECK(record.real(layout.record().find("shadow_price"), quarter, kForeignChip.index()) ==
        doctest::Approx(us - cost).epsilon(1e-6));
}

TEST_CASE("supply that is short raises prices, and ample supply has no shadow price") {
  WorldSpec ample = small_world();
  ample.chips[kForeignChip.index()].initial_stock = 1e6;
  const WorldSpec scarce = short_world();
  const WorldLayout layout(ample);
  const Record a = run_world(ample, layout);
  const Record s = run_world(scarce, layout);
  const SeriesId shadow = layout.record().find("shadow_price");
  CHECK(s.real(shadow, 3, kForeignChip.index()) > 0);
  CHECK(a.real(shadow, 0, kForeignChip.index()) == 0);
  CHECK(price_at(s, 3, kForeignChip, kChina) > price_at(a, 3, kForeignChip, kChina));
}

TEST_CASE("wafers that earn more in another chip make a chip dearer by the weight given to them") {
  WorldSpec spec = small_world();
  ChipSpec other = spec.chips[kForeignChip.index()];  // sold at home only, and short of wafers
  other.id = "u900";
  other.markets = {kUs};
  other.price_usd = 20000;  // its ceiling is below that of the H200: the sale is not lost
  other.initial_stock = other.initial_pipeline = 0;
  spec.chips[kForeignChip.index()].initial_stock = 1e6;
  spec.chips.push_back(other);
  spec.suppliers[0].capacity_per_month = 50;
  const WorldLayout layout(spec);
  const Record indifferent = run_world(spec, layout);
  spec.vendors[kForeignVendor.index()].wafer_opportunity_weight = 1;
  const Record careful = run_world(spec, layout);
  // At full weight a chip earns in China what its wafer area earns in the other chip at least.
  const double margin = price_at(careful, 3, kForeignChip, kChina) - 8000;
  CHECK(margin >= price_at(careful, 3, ChipId{std::size_t{2}}, kUs) - 8000 - 1);
  CHECK(price_at(careful, 3, kForeignChip, kChina) >
        price_at(indifferent, 3, kForeignChip, kChina));
}

TEST_CASE("a levy of the whole proceeds ends the sale") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 1;
  spec.policies = {levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(total(record, "units_cleared", kForeignChip.index(), kChina.index()) == 0);
  CHECK(std::isnan(price_at(record, 4, kForeignChip, kChina)));
  CHECK(total(record, "units_cleared", kForeignChip.index(), kUs.index()) > 0);
}

TEST_CASE("a levy of the whole proceeds that comes during the run ends the sale from then on") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 1;
  levy.effective = date("2026-10-01");
  spec.policies = {levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(price_at(record, 2, kForeignChip, kChina) > 0);
  CHECK(std::isnan(price_at(record, 3, kForeignChip, kChina)));
}

TEST_CASE("a chip that is no longer sold has no shadow price") {
  WorldSpec spec = short_world();
  spec.chips[kDomesticChip.index()].withdrawn = date("2027-01-15");
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const SeriesId shadow = layout.record().find("shadow_price");
  CHECK(record.real(shadow, 3, kDomesticChip.index()) > 0);
  CHECK(record.real(shadow, 4, kDomesticChip.index()) == 0);
}

TEST_CASE("what a house takes at transfer price is no reason to ask more of others") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.until = date("2026-07-01");
  spec.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  spec.chips[kDomesticChip.index()].initial_stock = 1e7;  // supply does not bind
  spec.vendors[kDomesticVendor.index()].price_ceiling = 1000;
  BuyerSpec house = spec.buyers[kChineseBuyer.index()];
  house.id = "house";
  house.need_h100e = {0, 300000};
  house.budget_usd_per_quarter = 1e11;
  house.own_vendor = kDomesticVendor;
  spec.buyers.push_back(house);
  const WorldLayout layout(spec);
  const Record with_house = run_world(spec, layout);
  CHECK(total(with_house, "purchases", 2, static_cast<std::size_t>(Origin::kDomestic)) > 10000);
  spec.buyers[2].need_h100e = {0, 0};
  const Record without = run_world(spec, layout);
  CHECK(price_at(with_house, 1, kDomesticChip, kChina) ==
        doctest::Approx(price_at(without, 1, kDomesticChip, kChina)).epsilon(1e-3));
}

TEST_CASE("where every sale is banned nothing is sold, and budgets stay unspent") {
  const WorldSpec spec = banned_world();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (const char* series : {"units_ordered", "units_cleared", "purchases", "grey_units", "spend",
                             "levy_receipts", "pricing_solves"}) {
    CAPTURE(series);
    CHECK(total(record, series) == 0);
  }
  const SeriesId unspent = layout.record().find("unspent_budget");
  CHECK(record.integer(unspent, 4, kChineseBuyer.index()) >
        record.integer(unspent, 1, kChineseBuyer.index()));
}

TEST_CASE("a buyer tells vendors what it could pay for, also while nothing is on offer") {
  WorldSpec spec = banned_world();
  spec.buyers[kChineseBuyer.index()].need_h100e = {0, 1e9};
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const SeriesId unspent = layout.record().find("unspent_budget");
  const double budget_usd = in_usd(Cents{
      world.record().integer(unspent, layout.record().quarters() - 1, kChineseBuyer.index())});
  const double told =
      world.context().demand.want(kChineseBuyer, Workload::kInference).h100e_per_day;
  CHECK(told * spec.demand.planning_days * spec.demand.reference_price_usd ==
        doctest::Approx(budget_usd));
}

TEST_CASE("one vendor, no vendor and one buyer each run") {
  WorldSpec spec = small_world();
  SUBCASE("one vendor") {
    spec.vendors.pop_back();
    spec.chips.pop_back();
    for (BuyerSpec& buyer : spec.buyers) buyer.installed.clear();
    const WorldLayout layout(spec);
    const Record record = run_world(spec, layout);
    CHECK(total(record, "units_cleared", kDomesticChip.index(), kChina.index()) > 0);
    CHECK(total(record, "units_cleared", kDomesticChip.index(), kUs.index()) == 0);
  }
  SUBCASE("no vendor") {
    spec.vendors.clear();
    spec.chips.clear();
    for (BuyerSpec& buyer : spec.buyers) buyer.installed.clear();
    const WorldLayout layout(spec);
    CHECK(total(run_world(spec, layout), "purchases") == 0);
  }
  SUBCASE("one buyer") {
    spec.buyers.resize(1);
    const WorldLayout layout(spec);
    const Record record = run_world(spec, layout);
    CHECK(total(record, "units_cleared") > 0);
    CHECK(total(record, "units_cleared", kForeignChip.index(), kUs.index()) == 0);
  }
}

}  // namespace tollgate
