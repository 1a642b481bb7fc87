/// Grey traders and landlords: mark-ups, entry, losses, rents.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>

#include "agents/intermediary/adjustment.hpp"
#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// China can get foreign chips by the grey way only, or wait; it wants more than its constant
/// budget buys, and the hub is never short. No noise: what moves is the grey market.
WorldSpec grey_world() {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.until = date("2038-01-01");
  spec.policies = {instrument(Ban{})};
  spec.landlords.clear();
  spec.chips[kDomesticChip.index()].markets.clear();
  spec.chips[kForeignChip.index()].initial_stock = 1e8;
  spec.vendors[kForeignVendor.index()].pricing = PricingBehaviour::kListPrice;
  spec.buyers[kChineseBuyer.index()].need_h100e = {1e9, 1e9};
  spec.buyers[kChineseBuyer.index()].budget_usd_per_quarter = 3e8;
  spec.buyers[kUsBuyer.index()].budget_usd_per_quarter = 0;
  spec.demand.growth = {1, 1};
  spec.traders[0].markup_response = 0.2;
  spec.traders[0].entry_rate = 2;
  return spec;
}

/// A trader who buys in the US, and a way from there like that from the hub.
void add_trader_in_us(WorldSpec& spec, TraderSpec trader) {
  trader.hub = kUs;
  spec.traders.push_back(std::move(trader));
  RouteSpec route = spec.routes[0];
  route.id = "us_china";
  route.from = kUs;
  spec.routes.push_back(route);
}

double real(const Record& record, const char* series, std::size_t quarter, RegionId region) {
  return record.real(record.layout().find(series), quarter, region.index());
}

/// Mean over the last `quarters` quarters.
double late_mean(const Record& record, const char* series, std::size_t quarters, RegionId region) {
  const std::size_t all = record.layout().quarters();
  double sum = 0;
  for (std::size_t q = all - quarters; q < all; ++q) sum += real(record, series, q, region);
  return sum / static_cast<double>(quarters);
}

}  // namespace

TEST_CASE("excess demand is the log of asked over capacity, cut at a factor e") {
  CHECK(log_excess_demand(0, 0) == 0);
  CHECK(log_excess_demand(999, 999) == 0);
  CHECK(log_excess_demand(1499, 999) == doctest::Approx(std::log(1.5)));
  CHECK(log_excess_demand(1e9, 10) == 1);
  CHECK(log_excess_demand(0, 1e9) == -1);
}

TEST_CASE("capacity grows by exp(rate x excess return x years), and keeps its floor") {
  CHECK(capacity_after_entry(100, 2, 0, 1, 5) == 100);
  CHECK(capacity_after_entry(100, 2, 0.25, 2, 5) == doctest::Approx(100 * std::exp(1.0)));
  CHECK(capacity_after_entry(100, 2, 7, 1, 5) == doctest::Approx(100 * std::exp(2.0)));
  CHECK(capacity_after_entry(100, 2, -0.9, 100, 5) == 5);
}

TEST_CASE("little capacity lifts the mark-up, and entry brings the margin to the required return") {
  WorldSpec spec = grey_world();
  spec.until = date("2060-01-01");
  spec.demand.planning_days = 5;
  spec.traders[0].capacity_per_month = 200;
  spec.traders[0].required_return = 0.2;
  spec.traders[0].initial_markup = 0.2;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(real(record, "grey_markup", 3, kChina) > 0.4);
  CHECK(real(record, "trade_capacity", 0, kHub) < 250);

  // The return of a quarter is the margin of what is sent times the share of capacity that is used.
  // Its mean over the last ten years moves capacity by exp(10 x entry_rate x (mean - required)): an
  // error of 0.01 would be a trend of 20%. Capacity is used whole, so that the margin is the return
  // (up and down as capacity overshoots: a cycle of a few years, whole ones of which are averaged).
  constexpr std::size_t kLate = 40;
  const std::size_t quarters = layout.record().quarters();
  double earned = 0;
  for (std::size_t q = quarters - kLate; q < quarters; ++q) {
    const std::int64_t sent =
        record.integer(layout.record().find("grey_units"), q, kChina.index()) +
        record.integer(layout.record().find("grey_seized"), q, kChina.index());
    earned += real(record, "grey_margin", q, kChina) * static_cast<double>(sent) /
              (3 * real(record, "trade_capacity", q, kHub) * kLate);
  }
  CHECK(late_mean(record, "trade_capacity", kLate, kHub) > 600);
  CHECK(std::abs(earned - 0.2) < 0.01);
  CHECK(std::abs(late_mean(record, "grey_margin", kLate, kChina) - 0.2) < 0.01);
}

TEST_CASE("traders leave a market that has gone, and come back from the few that stay") {
  WorldSpec spec = grey_world();
  spec.traders[0].capacity_per_month = 1000;
  spec.traders[0].potential_entrants = 0.05;
  spec.policies[0].until = date("2032-01-01");
  spec.policies.push_back(spec.policies[0]);
  spec.policies[0].id = "late_ban";
  spec.policies[0].effective = date("2026-01-01");
  spec.policies[0].until = date("2026-02-01");
  spec.policies[1].effective = date("2033-01-01");
  spec.policies[1].until.reset();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(real(record, "trade_capacity", 27, kHub) == doctest::Approx(50));  // end of 2032
  CHECK(real(record, "grey_markup", 27, kChina) == 0);
  CHECK(late_mean(record, "trade_capacity", 4, kHub) > 150);
}

TEST_CASE("tighter enforcement raises the grey price and lowers the volume") {
  WorldSpec spec = grey_world();
  InstrumentSpec enforcement = instrument(Enforcement{});
  spec.policies = {instrument(Ban{}), enforcement};
  const WorldLayout layout(spec);
  double last_price = 0;
  std::int64_t last_units = std::int64_t{1} << 60;
  for (const double strength : {0.5, 1.0, 2.0, 4.0}) {
    enforcement.as<Enforcement>().strength = strength;
    spec.policies.back() = enforcement;
    const Record record = run_world(spec, layout);
    const double price = late_mean(record, "grey_price_ratio", 16, kChina);
    const std::int64_t units = total(record, "grey_units");
    CAPTURE(strength);
    CHECK(price > last_price);
    CHECK(units < last_units);
    last_price = price;
    last_units = units;
  }
}

TEST_CASE("without cost, detection and scarcity the grey price is the hub price") {
  WorldSpec spec = grey_world();
  spec.routes[0].cost_usd = 0;
  spec.routes[0].detection = 0;
  spec.traders[0].capacity_per_month = 1e9;
  spec.traders[0].initial_markup = 0.5;
  spec.traders[0].entry_rate = 0;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(real(record, "grey_price_ratio", 0, kChina) > 1);
  CHECK(total(record, "grey_units") > 0);
  for (std::size_t q = 4; q < layout.record().quarters(); ++q) {
    CHECK(real(record, "grey_markup", q, kChina) == 0);
    CHECK(real(record, "grey_price_ratio", q, kChina) == doctest::Approx(1).epsilon(1e-12));
    CHECK(real(record, "grey_margin", q, kChina) == doctest::Approx(0).epsilon(1e-12));
  }
}

TEST_CASE("without capacity there are no grey chips, and none enter") {
  WorldSpec spec = grey_world();
  spec.traders[0].capacity_per_month = 0;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(total(record, "grey_bought") == 0);
  CHECK(total(record, "grey_units") == 0);
  CHECK(total(record, "spend", kChineseBuyer.index()) == 0);
}

TEST_CASE("without response and entry the mark-up and the capacity stay those of the start") {
  WorldSpec spec = grey_world();
  spec.traders[0].markup_response = 0;
  spec.traders[0].entry_rate = 0;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q < layout.record().quarters(); ++q) {
    CHECK(real(record, "trade_capacity", q, kHub) == 1000);
    CHECK(real(record, "grey_markup", q, kChina) == doctest::Approx(0.3));
    CHECK(real(record, "grey_price_ratio", q, kChina) ==
          doctest::Approx((27000 + 500) / 0.9 * 1.3 / 27000));
  }
}

TEST_CASE("what traders bought was delivered, is under way, was seized or lies in the hub") {
  WorldSpec spec = small_world();
  spec.policies = {instrument(Ban{})};
  spec.traders[0].markup_response = 0.3;
  const WorldLayout layout(spec);
  const SeriesId markup = layout.record().find("grey_markup");
  for (std::uint32_t replica = 0; replica < 10; ++replica) {
    const Record record = run_world(spec, layout, replica);  // checks units and cents each quarter
    const std::int64_t bought = total(record, "grey_bought");
    const std::int64_t passed = total(record, "grey_units");
    const std::size_t last = layout.record().quarters() - 1;
    const std::int64_t stock =
        record.integer(layout.record().find("grey_stock"), last, kHub.index());
    const std::int64_t delivered =
        total(record, "purchases", kChineseBuyer.index(), static_cast<std::size_t>(Origin::kGrey));
    CHECK(bought > 0);
    CHECK(bought == passed + total(record, "grey_seized") + stock);
    CHECK(delivered > 0);
    CHECK(delivered <= passed);
    // A passage takes 20 days, so what is under way at the end left in the last quarter.
    CHECK(passed - delivered <=
          record.integer(layout.record().find("grey_units"), last, kChina.index()));
    for (std::size_t q = 0; q <= last; ++q) {
      CHECK(record.real(markup, q, kChina.index()) >= 0);
      CHECK(record.real(markup, q, kChina.index()) <= spec.traders[0].markup_ceiling + 1e-12);
    }
  }
}

TEST_CASE("lots are seized as often as the passage says") {
  WorldSpec spec = grey_world();
  spec.noise = true;
  spec.traders[0].capacity_per_month = 20000;
  spec.routes[0].detection = 0.2;
  const WorldLayout layout(spec);
  for (const double lot_units : {1.0, 16.0}) {
    spec.traders[0].lot_units = lot_units;
    const Record record = run_world(spec, layout);
    const auto seized = static_cast<double>(total(record, "grey_seized"));
    const double sent = seized + static_cast<double>(total(record, "grey_units"));
    CHECK(sent > 10000);
    // Variance of the chips seized: sum of lot^2 q (1-q) <= lot_units x sent x q (1-q). Four
    // standard errors: a false alarm in 1 of 16,000 seeds.
    const double error = std::sqrt(lot_units * 0.2 * 0.8 / sent);
    CAPTURE(lot_units);
    CHECK(std::abs(seized / sent - 0.2) < 4 * error);
  }
}

TEST_CASE("without noise the expected number of chips is seized, to the chip") {
  const WorldSpec spec = grey_world();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const auto seized = static_cast<double>(total(record, "grey_seized"));
  const double sent = seized + static_cast<double>(total(record, "grey_units"));
  CHECK(sent > 1000);
  CHECK(std::abs(seized - 0.1 * sent) <= 1);
}

TEST_CASE("when the cheapest trader has sold out, the next cheapest holds the offer") {
  WorldSpec spec = grey_world();
  spec.until = date("2027-01-01");
  spec.demand.planning_days = 10;
  spec.traders[0].capacity_per_month = 50;
  spec.traders[0].markup_response = 0;
  spec.traders[0].entry_rate = 0;
  TraderSpec dear = spec.traders[0];
  dear.id = "trader_dear";
  dear.capacity_per_month = 1e6;
  dear.initial_markup = 0.5;
  add_trader_in_us(spec, dear);
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  CHECK(total(record, "grey_bought", kHub.index()) > 0);
  CHECK(total(record, "grey_bought", kHub.index()) <= 12 * 50);
  CHECK(total(record, "grey_bought", kUs.index()) > 0);

  spec.traders[0].capacity_per_month = 1e6;
  const Record ample = run_world(spec, layout);
  CHECK(total(ample, "grey_bought", kHub.index()) > 12 * 50);
  CHECK(total(ample, "grey_bought", kUs.index()) == 0);
}

TEST_CASE("no more chips pass a leg in a month than it takes, the others wait or go round") {
  WorldSpec spec = grey_world();
  spec.until = date("2028-01-01");
  spec.routes[0].detection = 0;
  const WorldLayout layout(spec);
  const Record without_limit = run_world(spec, layout);
  const std::size_t last = layout.record().quarters() - 1;
  const SeriesId units = layout.record().find("grey_units");
  const SeriesId stock = layout.record().find("grey_stock");
  CHECK(without_limit.integer(stock, last, kHub.index()) == 0);

  spec.routes[0].capacity_per_month = 100;
  const Record narrow = run_world(spec, layout);
  for (std::size_t q = 0; q <= last; ++q) {
    // A quarter of 90 to 92 days touches at most four months of legs.
    CHECK(narrow.integer(units, q, kChina.index()) <= 4 * 100);
  }
  CHECK(total(narrow, "grey_units") <= 24 * 100);
  CHECK(total(narrow, "grey_units") > 20 * 100);
  CHECK(narrow.integer(stock, last, kHub.index()) > 0);

  spec.routes[0].capacity_per_month = 0;
  CHECK(total(run_world(spec, layout), "grey_bought") == 0);

  spec.routes[0].capacity_per_month = 100;
  RouteSpec detour = spec.routes[0];
  detour.id = "hub_us";
  detour.to = kUs;
  detour.capacity_per_month.reset();
  spec.routes.push_back(detour);
  detour.id = "us_china";
  detour.from = kUs;
  detour.to = kChina;
  spec.routes.push_back(detour);
  const Record round = run_world(spec, layout);
  CHECK(total(round, "grey_units") > total(narrow, "grey_units"));
  CHECK(round.integer(stock, last, kHub.index()) == 0);
}

TEST_CASE("an idle trader lowers its mark-up until it takes the trade from a dearer one") {
  WorldSpec spec = grey_world();
  spec.until = date("2028-01-01");
  spec.traders[0].capacity_per_month = 1e6;
  spec.traders[0].markup_response = 0;
  spec.traders[0].entry_rate = 0;
  TraderSpec keen = spec.traders[0];
  keen.id = "trader_keen";
  keen.initial_markup = 0.9;
  keen.markup_response = 0.1;
  add_trader_in_us(spec, keen);
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const SeriesId bought = layout.record().find("grey_bought");
  const std::size_t last = layout.record().quarters() - 1;
  CHECK(record.integer(bought, 0, kHub.index()) > 0);
  CHECK(record.integer(bought, 0, kUs.index()) == 0);
  CHECK(record.integer(bought, last, kHub.index()) == 0);
  CHECK(record.integer(bought, last, kUs.index()) > 0);
}

TEST_CASE("rents rise in a full house and fall in an empty one, between floor and ceiling") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.until = date("2031-01-01");
  spec.landlords[0].price_response = 0.3;
  spec.landlords[0].target_occupancy = 0.8;
  spec.landlords[0].price_floor = 0.7;
  spec.landlords[0].price_ceiling = 1.4;
  const WorldLayout layout(spec);
  const std::size_t last = layout.record().quarters() - 1;
  spec.landlords[0].capacity_h100e = 10;  // always let
  const Record full = run_world(spec, layout);
  CHECK(real(full, "rental_price", last, kHub) == doctest::Approx(900 * 1.4));
  for (std::size_t q = 0; q <= last; ++q) CHECK(real(full, "rental_price", q, kHub) <= 1260.001);
  spec.landlords[0].capacity_h100e = 1e9;  // never
  const Record empty = run_world(spec, layout);
  CHECK(real(empty, "rental_price", last, kHub) == doctest::Approx(900 * 0.7));
  for (std::size_t q = 0; q <= last; ++q) CHECK(real(empty, "rental_price", q, kHub) >= 629.999);
  CHECK(std::isnan(real(full, "rental_price", last, kUs)));
}

TEST_CASE("rents follow occupancy to where the target is let") {
  WorldSpec spec = small_world();
  spec.until = date("2034-01-01");
  spec.landlords[0].capacity_h100e = 20000;
  spec.landlords[0].contract_days = 90;
  spec.landlords[0].price_response = 0.1;
  spec.landlords[0].price_floor = 0.01;
  spec.landlords[0].price_ceiling = 100;
  spec.landlords[0].target_occupancy = 0.6;
  const WorldLayout layout(spec);
  double occupancy = 0;
  for (std::uint32_t replica = 0; replica < 5; ++replica) {
    occupancy += late_mean(run_world(spec, layout, replica), "rented_h100e", 16, kHub) / 20000 / 5;
  }
  // A mean off by 0.05 would move the rent by exp(0.1 x 48 x 0.05), a quarter, over those years.
  CHECK(std::abs(occupancy - 0.6) < 0.05);
}

TEST_CASE("remote_access closes new contracts, those that run end by their term") {
  WorldSpec spec = small_world();
  spec.landlords[0].capacity_h100e = 1e6;  // never full
  InstrumentSpec rule = instrument(RemoteAccess{});
  rule.effective = date("2027-01-01");
  rule.vendors.clear();
  rule.destinations.clear();
  rule.headquarters = {kChina};
  spec.policies = {rule};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const SeriesId spend = layout.record().find("rental_spend");
  double running = 0;  // H100e signed from April to December 2026, for 365 days at 900 USD a month
  for (std::size_t q = 1; q < 4; ++q) {
    running += static_cast<double>(record.integer(spend, q, kHub.index())) /
               static_cast<double>(from_usd(900 * 365 / (kDaysPerYear / 12)).value);
  }
  CHECK(running > 0);
  CHECK(real(record, "rented_h100e", 4, kHub) == doctest::Approx(running));
  for (std::size_t q = 4; q < 8; ++q) CHECK(record.integer(spend, q, kHub.index()) == 0);
  CHECK(real(record, "rented_h100e", 6, kHub) <= real(record, "rented_h100e", 5, kHub));
  CHECK(real(record, "rented_h100e", 7, kHub) == 0);
  // The chips of others do not count as the tenant's own.
  const SeriesId compute = layout.record().find("compute_h100e");
  CHECK(record.real(compute, 4, kChina.index(), static_cast<std::size_t>(Origin::kRentedAbroad)) ==
        doctest::Approx(running));

  spec.policies[0].headquarters = {kUs};  // a door that the tenants do not use
  const Record other = run_world(spec, layout);
  spec.policies.clear();
  CHECK(same_bits(other, run_world(spec, layout)));
}

TEST_CASE("a duty at the hub is paid by the trader, who asks it of its customers") {
  WorldSpec spec = small_world();
  spec.noise = false;
  for (VendorSpec& vendor : spec.vendors) vendor.pricing = PricingBehaviour::kListPrice;
  InstrumentSpec ban = instrument(Ban{});
  InstrumentSpec duty = instrument(Levy{});
  duty.destinations = {kHub};
  duty.as<Levy>().base = LevyBase::kCustomsValue;
  spec.policies = {ban, duty};
  const WorldLayout layout(spec);
  const SeriesId ratio = layout.record().find("grey_price_ratio");
  const Record free = run_world(spec, layout);
  const double cost = 27000 + 500;  // list price and passage
  // Within the quarter the mark-up moves a little, by what is asked.
  const double before = free.real(ratio, 0, kChina.index());
  CHECK(total(free, "levy_receipts") == 0);
  spec.policies[1].as<Levy>().rate = 0.5;
  const Record levied = run_world(spec, layout);
  CHECK(total(levied, "levy_receipts") > 0);
  CHECK(levied.real(ratio, 0, kChina.index()) ==
        doctest::Approx(before * (cost + 0.5 * 27000) / cost).epsilon(0.02));
}
