/// What happens to shipments: seizure, licences for a quantity and a time, goods and orders that a
/// rule leaves alone.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"
#include "tests/agents/watch.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

InstrumentSpec customs_of(double probability, double seized_share) {
  InstrumentSpec rule = instrument(Customs{});
  rule.as<Customs>().probability = probability;
  rule.as<Customs>().seized_share = seized_share;
  return rule;
}

}  // namespace

TEST_CASE("of what customs stop they keep a share, shipment by shipment, and no chip is lost") {
  WorldSpec spec = small_world();
  const double share = 0.4;
  spec.policies = {customs_of(0.6, share)};
  const WorldLayout layout(spec);
  double stopped = 0;
  double seized = 0;
  for (std::uint32_t replica = 0; replica < 12; ++replica) {
    World world(spec, layout, StreamFactory{1, replica});  // throws if chips are not conserved
    std::int64_t units_stopped = 0;
    std::int64_t units_seized = 0;
    for (const SeenShipment& shipment : watch_shipments(world)) {
      if (!shipment.is_stopped) continue;
      CHECK((shipment.seized == 0 || shipment.seized == shipment.units));
      units_stopped += shipment.units;
      units_seized += shipment.seized;
      ++stopped;
      if (shipment.seized > 0) ++seized;
    }
    CHECK(total(world.record(), "units_stopped") == units_stopped);
    CHECK(total(world.record(), "units_seized", kForeignChip.index(), kChina.index()) ==
          units_seized);
    const std::int64_t cleared =
        total(world.record(), "units_cleared", kForeignChip.index(), kChina.index()) +
        total(world.record(), "units_cleared", kForeignChip.index(), kUs.index());
    CHECK(total(world.record(), "cost_of_sales", kForeignVendor.index()) ==
          (cleared + units_seized) * 8000 * 100);
  }
  // Binomial: a false alarm once in 16,000 seeds.
  CHECK(stopped > 50);
  CHECK(std::abs(seized - share * stopped) <= 4 * std::sqrt(share * (1 - share) * stopped));
}

TEST_CASE(
    "without noise customs keep the expected number, a share of one keeps all, one of zero "
    "nothing") {
  WorldSpec spec = small_world();
  spec.policies = {customs_of(0.6, 0.25)};
  const WorldLayout layout(spec);
  SUBCASE("without noise") {
    spec.noise = false;
    const Record record = run_world(spec, layout);
    const std::int64_t stopped = total(record, "units_stopped");
    CHECK(stopped > 100);
    CHECK(total(record, "units_cleared", kForeignChip.index(), kChina.index()) == 0);
    CHECK(total(record, "units_seized") == stopped / 4);
  }
  SUBCASE("all is kept, or nothing") {
    spec.policies = {customs_of(0.6, 1)};
    const Record all = run_world(spec, layout);
    CHECK(total(all, "units_seized") == total(all, "units_stopped"));
    spec.policies = {customs_of(0.6, 0)};
    const Record nothing = run_world(spec, layout);
    CHECK(total(nothing, "units_stopped") > 0);
    CHECK(total(nothing, "units_seized") == 0);
  }
}

TEST_CASE("a duty stays paid when the border stops the goods, a levy on proceeds is not due") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.25;
  for (const auto base : {LevyBase::kProceeds, LevyBase::kCustomsValue}) {
    levy.as<Levy>().base = base;
    spec.policies = {customs_of(0.9, 0.5), levy};
    const WorldLayout layout(spec);
    World world(spec, layout, StreamFactory{1, 0});
    Cents on_stopped{0};
    Cents on_all{0};
    for (const SeenShipment& shipment : watch_shipments(world)) {
      on_all = on_all + shipment.levies;
      if (shipment.is_stopped) on_stopped = on_stopped + shipment.levies;
    }
    CHECK((on_stopped > Cents{0}) == (base == LevyBase::kCustomsValue));
    CHECK(total(world.record(), "levy_receipts") == on_all.value);
    CHECK(total(world.record(), "units_stopped") > 0);
  }
}

TEST_CASE("a licence is for a number of chips at most, and the rest of the order is cancelled") {
  WorldSpec spec = small_world();
  InstrumentSpec licence = instrument(Licence{});
  licence.as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  spec.licence_office.grant_presumption_of_approval = 1;
  const std::int64_t most = 300;
  licence.as<Licence>().max_units = most;
  licence.as<Licence>().validity_days = 20;
  spec.policies = {licence};
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  const Context& context = world.context();
  std::int64_t largest = 0;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> by_order;  // slot and date
  watch(world, [&](const Event& event) {
    if (event.kind == EventKind::kLicenceFiled) {
      largest = std::max(largest, context.book.orders[OrderId{std::size_t{event.subject}}].waiting);
    }
    if (event.kind == EventKind::kReviewDone) {
      const Order& order = context.book.orders[OrderId{std::size_t{event.subject}}];
      CHECK(order.licence_expires == context.now() + days(20));
    }
    if (event.kind == EventKind::kShipmentTested) {
      const Shipment& shipment = context.book.shipments[ShipmentId{std::size_t{event.subject}}];
      const Order& order = context.book.orders[shipment.order];
      if (order.region != kChina || order.chip != kForeignChip) return;
      by_order[{shipment.order.value, order.placed.minutes}] += shipment.units;
    }
  });
  CHECK(largest > most);
  CHECK(by_order.size() > 5);
  for (const auto& [order, units] : by_order) CHECK(units <= most);
  const Record& record = world.record();
  CHECK(total(record, "units_licensed") <= most * total(record, "licences_granted"));
  CHECK(total(record, "units_cancelled", kForeignChip.index(), kChina.index()) > 0);
}

TEST_CASE("the shorter validity counts: what a licence did not ship in time lapses") {
  WorldSpec spec = small_world();
  spec.chips[kForeignChip.index()].initial_stock = 0;
  spec.chips[kForeignChip.index()].initial_pipeline = 3000;
  InstrumentSpec licence = instrument(Licence{});
  licence.as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  spec.policies = {licence};
  const WorldLayout layout(spec);
  const std::int64_t by_office = total(run_world(spec, layout), "licences_lapsed");
  licence.as<Licence>().validity_days = 5;
  spec.policies = {licence};
  CHECK(total(run_world(spec, layout), "licences_lapsed") > by_office);
}

namespace {

/// A ban in the middle of the run, with orders waiting and goods on their way when it comes.
struct BanInMidRun {
  WorldSpec spec = small_world();
  SimTime from = date("2026-09-01");
  int shipped_after = 0;
  int under_way = 0, under_way_cleared = 0, under_way_stopped = 0;
  std::unique_ptr<WorldLayout> layout;
  Record record;

  explicit BanInMidRun(Grandfathering grandfathers) : record(run(grandfathers)) {}

 private:
  Record run(Grandfathering grandfathers) {
    spec.demand.patience_days = 700;
    spec.regions[kChina.index()].shipping_days = 45;
    ChipSpec& chip = spec.chips[kForeignChip.index()];
    chip.markets = {kChina};
    chip.initial_stock = 0;
    chip.initial_pipeline = 6000;
    InstrumentSpec ban = instrument(Ban{});
    ban.effective = from;
    ban.grandfathers = grandfathers;
    spec.policies = {ban};
    layout = std::make_unique<WorldLayout>(spec);
    World world(spec, *layout, StreamFactory{1, 0});
    for (const SeenShipment& shipment : watch_shipments(world)) {
      if (shipment.chip != kForeignChip || shipment.region != kChina) continue;
      if (shipment.shipped >= from) {
        ++shipped_after;
        CHECK(shipment.ordered < from);
      } else if (shipment.at_border >= from) {
        ++under_way;
        ++(shipment.is_stopped ? under_way_stopped : under_way_cleared);
      }
    }
    for (const Order& order : world.context().book.orders.items()) {
      const bool is_open = order.is_open && order.chip == kForeignChip && order.region == kChina;
      CHECK_FALSE((is_open && order.waiting > 0));  // all was delivered or cancelled
    }
    return world.record();
  }
};

}  // namespace

TEST_CASE("goods on their way when a ban comes are delivered, and orders that wait are cancelled") {
  const BanInMidRun run(Grandfathering::kShipped);
  CHECK(run.shipped_after == 0);
  CHECK(run.under_way > 0);
  CHECK(run.under_way_stopped == 0);
  CHECK(total(run.record, "units_cancelled") > 0);
}

TEST_CASE("orders placed before a ban that spares them are all made and delivered") {
  const BanInMidRun run(Grandfathering::kOrdered);
  CHECK(run.shipped_after > 0);
  CHECK(run.under_way > 0);
  CHECK(run.under_way_stopped == 0);
  CHECK(total(run.record, "units_cancelled", kForeignChip.index(), kChina.index()) == 0);
  CHECK(total(run.record, "units_cleared", kForeignChip.index(), kChina.index()) ==
        total(run.record, "units_ordered", kForeignChip.index(), kChina.index()));
}

TEST_CASE("a ban that spares nothing turns back what is on its way, and customs keep none of it") {
  const BanInMidRun run(Grandfathering::kNothing);
  CHECK(run.shipped_after == 0);
  CHECK(run.under_way > 0);
  CHECK(run.under_way_cleared == 0);
  CHECK(total(run.record, "units_stopped") > 0);
  CHECK(total(run.record, "units_seized") == 0);
}

TEST_CASE("what is made for orders that a ban spares is not written down") {
  const BanInMidRun spared(Grandfathering::kOrdered);
  const BanInMidRun barred(Grandfathering::kShipped);
  CHECK(total(barred.record, "units_written_down") > 0);
  CHECK(total(spared.record, "units_written_down") < total(barred.record, "units_written_down"));
}
