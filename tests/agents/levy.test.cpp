/// Levies, tariffs and subsidies at agents' level: to the cent, in every replica.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"
#include "tests/agents/watch.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

InstrumentSpec named(const char* id, InstrumentSpec rule) {
  rule.id = id;
  return rule;
}

InstrumentSpec levy_of(double rate, LevyBase base = LevyBase::kProceeds) {
  InstrumentSpec rule = instrument(Levy{});
  rule.as<Levy>().rate = rate;
  rule.as<Levy>().base = base;
  return rule;
}

InstrumentSpec tariff_of(double rate) {
  InstrumentSpec rule = instrument(Tariff{});
  rule.as<Tariff>().rate = rate;
  return rule;
}

InstrumentSpec subsidy_of(double rate) {
  InstrumentSpec rule = instrument(PurchaseSubsidy{});
  rule.as<PurchaseSubsidy>().rate = rate;
  return rule;
}

/// Buyers can spend on nothing but the chips of the two vendors.
WorldSpec without_intermediaries() {
  WorldSpec spec = small_world();
  spec.landlords.clear();
  spec.traders.clear();
  spec.routes.clear();
  return spec;
}

std::int64_t at(const Record& record, const char* series, std::size_t quarter, std::size_t i) {
  return record.integer(record.layout().find(series), quarter, i);
}

/// Everything the world can charge, on several sides at once.
std::vector<InstrumentSpec> all_charges() {
  InstrumentSpec proceeds = named("a_proceeds", levy_of(0.137));
  InstrumentSpec everywhere = named("b_everywhere", levy_of(0.0171));
  everywhere.destinations.clear();
  InstrumentSpec duty = named("c_duty", levy_of(0.1, LevyBase::kCustomsValue));
  duty.as<Levy>().value_ratio = 0.83;
  InstrumentSpec at_clearance = named("d_duty_at_clearance", duty);
  at_clearance.as<Levy>().collected = LevyCollection::kClearance;
  InstrumentSpec early = named("e_proceeds_in_transit", levy_of(0.013));
  early.as<Levy>().collected = LevyCollection::kTransit;
  InstrumentSpec tariff = named("f_tariff", tariff_of(0.071));
  tariff.vendors.clear();
  InstrumentSpec us_tariff = named("g_us_tariff", tariff_of(0.0333));
  us_tariff.destinations = {kUs};
  InstrumentSpec subsidy = named("h_subsidy", subsidy_of(0.217));
  subsidy.vendors = {kDomesticVendor};
  InstrumentSpec customs = instrument(Customs{});
  customs.as<Customs>().probability = 0.3;
  customs.as<Customs>().seized_share = 0.4;
  InstrumentSpec testing = instrument(Testing{});
  testing.as<Testing>().delay_days = 25;
  return {proceeds, everywhere, duty,    at_clearance, early,
          tariff,   us_tariff,  subsidy, customs,      testing};
}

}  // namespace

TEST_CASE("what is charged under each instrument is its rate times its base, in every replica") {
  WorldSpec spec = small_world();
  spec.policies = all_charges();
  const WorldLayout layout(spec);
  for (std::uint32_t replica = 0; replica < 6; ++replica) {
    CAPTURE(replica);
    World world(spec, layout, StreamFactory{7, replica});
    const std::vector<SeenShipment> seen = watch_shipments(world);
    const Record& record = world.record();
    for (std::size_t i = 0; i < spec.policies.size(); ++i) {
      const InstrumentSpec& rule = spec.policies[i];
      CAPTURE(rule.id);
      Cents expected{0};
      if (const auto* levy = std::get_if<Levy>(&rule.effect)) {
        Cents base{0};
        for (const SeenShipment& shipment : seen) {
          const bool is_touched = shipment.chip == kForeignChip &&
                                  (rule.destinations.empty() || shipment.region == kChina);
          const bool is_due =
              levy->is_due_in_transit() || (shipment.is_at_border && !shipment.is_stopped);
          if (is_touched && is_due) base = base + shipment.price;
        }
        CHECK(base > Cents{0});
        expected = share_of(base, levy->rate_on_price());
        if (!levy->is_due_in_transit() && !rule.destinations.empty()) {
          CHECK(base.value == total(record, "revenue", kForeignVendor.index(), kChina.index()));
        }
      } else if (rule.is_a<Customs>() || rule.is_a<Testing>()) {
        continue;
      } else {  // by region, of all vendors
        const RegionId region = rule.destinations.front();
        std::int64_t base = 0;
        for (std::size_t v = 0; v < spec.vendors.size(); ++v) {
          const bool is_touched = rule.vendors.empty() || rule.vendors.front() == VendorId{v};
          if (is_touched) base += total(record, "revenue", v, region.index());
        }
        CHECK(base > 0);
        expected = share_of(Cents{base}, rule.is_a<Tariff>() ? rule.as<Tariff>().rate
                                                             : rule.as<PurchaseSubsidy>().rate);
      }
      CHECK(total(record, "charged_by_instrument", i) == expected.value);
    }
    std::int64_t levies = 0;
    for (std::size_t i = 0; i < 5; ++i) levies += total(record, "charged_by_instrument", i);
    CHECK(total(record, "levy_receipts") == levies);
    CHECK(total(record, "levy_receipts", kDomesticVendor.index()) == 0);
    CHECK(total(record, "tariff_receipts", kChina.index()) ==
          total(record, "charged_by_instrument", 5));
    CHECK(total(record, "tariff_receipts", kUs.index()) ==
          total(record, "charged_by_instrument", 6));
    CHECK(total(record, "subsidy_paid", kChina.index()) ==
          total(record, "charged_by_instrument", 7));
    CHECK(total(record, "subsidy_paid", kUs.index()) == 0);
  }
}

TEST_CASE("the outlay of buyers is net proceeds, levies and tariffs less subsidies, to the cent") {
  WorldSpec spec = without_intermediaries();
  spec.policies = all_charges();
  const WorldLayout layout(spec);
  std::int64_t all_under_way = 0;
  std::int64_t seized = 0;
  for (std::uint32_t replica = 0; replica < 6; ++replica) {
    World world(spec, layout, StreamFactory{3, replica});
    world.run();
    const Record& record = world.record();
    std::int64_t under_way = 0;  // levied already and not yet paid for
    for (const Shipment& shipment : world.context().book.shipments.items()) {
      if (shipment.is_open) under_way += shipment.levies.value;
    }
    all_under_way += under_way;
    seized += total(record, "units_seized");
    CHECK(total(record, "spend") == total(record, "net_proceeds") + total(record, "levy_receipts") -
                                        under_way + total(record, "tariff_receipts") -
                                        total(record, "subsidy_paid"));
  }
  CHECK(all_under_way > 0);
  CHECK(seized > 0);
}

TEST_CASE("levies are remitted after the quarter, and what is not yet is owed") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = levy_of(0.25);
  const std::size_t vendor = kForeignVendor.index();
  const auto run = [&](double days) {
    levy.as<Levy>().remittance_days = days;
    spec.policies = {levy};
    const WorldLayout layout(spec);
    World world(spec, layout, StreamFactory{1, 0});
    world.run();
    CHECK(world.context().ledger.balance(world.context().accounts.treasury).value ==
          total(world.record(), "levy_remitted"));
    const std::size_t quarters = layout.record().quarters();
    CHECK(total(world.record(), "levy_receipts") ==
          total(world.record(), "levy_remitted") +
              at(world.record(), "levy_owed", quarters - 1, vendor));
    // The lag moves money and nothing else.
    std::vector<std::int64_t> cells;
    for (const char* series : {"levy_receipts", "revenue", "units_cleared", "spend"}) {
      const SeriesId id = layout.record().find(series);
      const std::int64_t* first = world.record().integers(id);
      cells.insert(cells.end(), first, first + layout.record().size(id));
    }
    std::vector<std::int64_t> receipts;
    std::vector<std::int64_t> remitted;
    std::vector<std::int64_t> owed;
    for (std::size_t q = 0; q < quarters; ++q) {
      receipts.push_back(at(world.record(), "levy_receipts", q, vendor));
      remitted.push_back(at(world.record(), "levy_remitted", q, vendor));
      owed.push_back(at(world.record(), "levy_owed", q, vendor));
    }
    return std::tuple(receipts, remitted, owed, cells);
  };
  const auto [receipts, remitted, owed, cells] = run(30);
  CHECK(receipts[3] > 0);
  CHECK(remitted[0] == 0);
  for (std::size_t q = 0; q < receipts.size(); ++q) {
    CHECK(owed[q] == receipts[q]);
    if (q > 0) CHECK(remitted[q] == receipts[q - 1]);
  }
  SUBCASE("at once") {
    const auto [same, at_once, nothing, same_cells] = run(0);
    CHECK(at_once == same);
    CHECK(nothing == std::vector<std::int64_t>(nothing.size(), 0));
    CHECK(same_cells == cells);
  }
  SUBCASE("after more than a quarter") {
    const auto [same, late, two, same_cells] = run(120);
    for (std::size_t q = 2; q < same.size(); ++q) {
      CHECK(late[q] == same[q - 2]);
      CHECK(two[q] == same[q] + same[q - 1]);
    }
    CHECK(same_cells == cells);
  }
  SUBCASE("a quarter in which the run ends is not over") {
    spec.until = date("2027-11-15");
    const auto [partly, at_once, left, other_cells] = run(0);
    CHECK(partly.back() > 0);
    CHECK(at_once.back() == 0);
    CHECK(left.back() == partly.back());
    CHECK(other_cells.size() == cells.size());
  }
}

TEST_CASE("a levy, tariff or subsidy of zero is none, bit for bit") {
  for (InstrumentSpec rule :
       {levy_of(0), levy_of(0, LevyBase::kCustomsValue), tariff_of(0), subsidy_of(0)}) {
    CAPTURE(rule.id);
    WorldSpec with = small_world();
    rule.effective = date("2026-05-05");  // in the middle of the run
    with.policies = {rule};
    const WorldLayout layout(with);
    CHECK(same_bits(run_world(small_world(), layout), run_world(with, layout)));
  }
}

TEST_CASE("to buyers a tariff is what a duty is, their own government has it") {
  WorldSpec spec = small_world();
  spec.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  WorldSpec other = spec;
  spec.policies = {levy_of(0.25, LevyBase::kCustomsValue)};
  other.policies = {tariff_of(0.25)};
  const WorldLayout layout(spec);
  const Record duty = run_world(spec, layout);
  const Record tariff = run_world(other, layout);
  for (const char* series : {"spend", "units_ordered", "units_cleared", "revenue"}) {
    CAPTURE(series);
    const SeriesId id = layout.record().find(series);
    CHECK(std::memcmp(duty.integers(id), tariff.integers(id), layout.record().size(id) * 8) == 0);
  }
  CHECK(total(tariff, "levy_receipts") == 0);
  CHECK(total(tariff, "tariff_receipts", kChina.index()) ==
        total(tariff, "revenue", kForeignVendor.index(), kChina.index()) / 4);
  CHECK(total(tariff, "net_proceeds", kForeignVendor.index()) ==
        total(tariff, "revenue", kForeignVendor.index(), kChina.index()) +
            total(tariff, "revenue", kForeignVendor.index(), kUs.index()));
}

TEST_CASE("a tariff at home and one abroad each weigh on their own market") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  InstrumentSpec china = named("china", tariff_of(0.5));
  InstrumentSpec us = named("us", tariff_of(0.5));
  us.destinations = {kUs};
  us.tpp = {14000, 17500};
  spec.policies = {china, us};
  const WorldLayout layout(spec);
  WorldSpec only = spec;
  const auto ordered = [&](std::vector<InstrumentSpec> policies, RegionId region) {
    only.policies = std::move(policies);
    return total(run_world(only, layout), "units_ordered", kForeignChip.index(), region.index());
  };
  CHECK(ordered({china}, kChina) < ordered({}, kChina));
  CHECK(ordered({us}, kUs) < ordered({}, kUs));
  CHECK(ordered({us}, kChina) == ordered({}, kChina));
  CHECK(ordered({china}, kUs) == ordered({}, kUs));
}

TEST_CASE("a tariff falls on traders too, and their books hold") {
  WorldSpec spec = small_world();
  InstrumentSpec tariff = tariff_of(0.2);
  tariff.destinations = {kHub};
  spec.policies = {instrument(Ban{}), tariff};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);  // throws InvariantError otherwise
  const std::int64_t bought = total(record, "revenue", kForeignVendor.index(), kHub.index());
  CHECK(bought > 0);
  CHECK(total(record, "tariff_receipts", kHub.index()) == share_of(Cents{bought}, 0.2).value);
}

TEST_CASE("a subsidy sells more of the vendor's chips, at prices of its own, it keeps a part") {
  WorldSpec spec = small_world();
  spec.noise = false;
  InstrumentSpec subsidy = subsidy_of(0.3);
  subsidy.vendors = {kDomesticVendor};
  const auto run = [&](PricingBehaviour pricing, double rate) {
    for (VendorSpec& vendor : spec.vendors) vendor.pricing = pricing;
    subsidy.as<PurchaseSubsidy>().rate = rate;
    spec.policies = {subsidy};
    const WorldLayout layout(spec);
    const Record record = run_world(spec, layout);
    const auto units =
        static_cast<double>(total(record, "units_cleared", kDomesticChip.index(), kChina.index()));
    const auto revenue =
        static_cast<double>(total(record, "revenue", kDomesticVendor.index(), kChina.index()));
    return std::pair(units, revenue / units);
  };
  const auto [units, price] = run(PricingBehaviour::kListPrice, 0);
  const auto [more_units, same_price] = run(PricingBehaviour::kListPrice, 0.3);
  CHECK(more_units > units);
  CHECK(same_price == price);
  const double free_price = run(PricingBehaviour::kBestResponse, 0).second;
  const double subsidised_price = run(PricingBehaviour::kBestResponse, 0.3).second;
  CHECK(subsidised_price > free_price);
  CHECK(subsidised_price * 0.7 < free_price);
}

TEST_CASE("several subsidies pay up to 99% of the price together") {
  WorldSpec spec = small_world();
  InstrumentSpec first = named("first", subsidy_of(0.7));
  InstrumentSpec second = named("second", subsidy_of(0.7));
  first.vendors = second.vendors = {kDomesticVendor};
  spec.policies = {first, second};
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  std::size_t subsidised = 0;
  for (const SeenShipment& shipment : watch_shipments(world)) {
    if (shipment.chip != kDomesticChip || !shipment.is_at_border) continue;
    ++subsidised;
    const auto price = static_cast<double>(shipment.price.value);
    CHECK(std::abs(static_cast<double>(shipment.subsidy.value) - 0.99 * price) <= 3);
  }
  CHECK(subsidised > 0);
}

TEST_CASE("a charge leaves alone what it grandfathers") {
  WorldSpec spec = small_world();
  for (RegionSpec& region : spec.regions) region.shipping_days = 40;
  ChipSpec& chip = spec.chips[kForeignChip.index()];
  chip.markets = {kChina};
  chip.initial_stock = 0;  // so that orders wait
  chip.initial_pipeline = 6000;
  spec.demand.patience_days = 700;
  InstrumentSpec testing = instrument(Testing{});
  testing.as<Testing>().delay_days = 20;
  InstrumentSpec tariff = tariff_of(0.1);
  InstrumentSpec levy = levy_of(0.1);
  tariff.effective = levy.effective = date("2026-09-01");
  for (const auto grandfathers :
       {Grandfathering::kShipped, Grandfathering::kOrdered, Grandfathering::kNothing}) {
    CAPTURE(static_cast<int>(grandfathers));
    tariff.grandfathers = levy.grandfathers = grandfathers;
    spec.policies = {testing, tariff, levy};
    const WorldLayout layout(spec);
    World world(spec, layout, StreamFactory{1, 0});
    int exempt_goods = 0;
    int exempt_orders = 0;
    for (const SeenShipment& shipment : watch_shipments(world)) {
      if (shipment.chip != kForeignChip || shipment.region != kChina || !shipment.is_at_border) {
        continue;
      }
      const SimTime from = tariff.effective;
      if (shipment.at_border >= from && shipment.shipped < from) ++exempt_goods;
      if (shipment.shipped >= from && shipment.ordered < from) ++exempt_orders;
      const bool is_touched = grandfathers == Grandfathering::kShipped ? shipment.shipped >= from
                              : grandfathers == Grandfathering::kOrdered
                                  ? shipment.ordered >= from
                                  : shipment.at_border >= from;
      CHECK((shipment.tariff > Cents{0}) == is_touched);
      // A levy is settled in transit.
      const bool is_levied = grandfathers == Grandfathering::kNothing
                                 ? shipment.shipped + days(20) >= from
                                 : is_touched;
      CHECK((shipment.levies > Cents{0}) == is_levied);
    }
    CHECK(exempt_goods > 0);
    CHECK(exempt_orders > 0);
  }
}
