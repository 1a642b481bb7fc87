/// Licences between vendors, buyers and the office: holding stock, withdrawal, criteria, holds.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <tuple>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// Sales to China need a licence, case by case; a review takes ten days.
WorldSpec licence_world() {
  WorldSpec spec = small_world();
  spec.policies = {instrument(Licence{})};
  spec.licence_office.officers = 1000;
  spec.licence_office.service_days = 10;
  spec.licence_office.grant_case_by_case = 0.5;
  return spec;
}

/// Vendors and regulators alone, without noise: orders are placed by hand, and what goes to other
/// agents is let go.
class Counter {
 public:
  explicit Counter(const WorldSpec& world)
      : spec_(without_noise(world)),
        layout_(spec_),
        context(spec_, layout_.record(), StreamFactory{1, 0}),
        vendors_(context, std::get<Vendors::Series>(layout_.series())),
        regulators_(context, std::get<Regulators::Series>(layout_.series())) {
    regulators_.start(context);
    vendors_.start(context);
  }

  OrderId place(BuyerId buyer, std::int64_t units) {
    Order order;
    order.customer = buyer.value;
    order.chip = kForeignChip;
    order.region = spec_.buyers[buyer.index()].site;
    order.waiting = units;
    order.placed = context.now();
    const OrderId id = context.book.orders.open(order);
    context.send(EventKind::kOrderPlaced, kForeignVendor.index(), id.index());
    return id;
  }

  /// Handles the next event and says of which kind it was.
  EventKind step() {
    const Event event = context.events.pop()->payload;
    tell(event);
    return event.kind;
  }
  void tell(const Event& event) {
    if (owner_of(event.kind) == Owner::kVendor) vendors_.handle(context, event);
    if (owner_of(event.kind) == Owner::kRegulator) regulators_.handle(context, event);
  }
  void run_until(double day) {
    const SimTime until = spec_.start + days_rounded(day);
    while (*context.events.next_time() <= until) step();
  }

  /// Integer of a series in the quarter that is open, levels as of now.
  std::int64_t measured(const char* series, std::size_t i = 0) {
    regulators_.close_quarter(context);
    regulators_.check(context);
    const SeriesId id = layout_.record().find(series);
    return context.record.integer(id, context.record.open_quarter(), i);
  }
  const Order& operator[](OrderId id) const { return context.book.orders[id]; }

 private:
  static WorldSpec without_noise(WorldSpec world) {
    world.noise = false;
    ChipSpec& chip = world.chips[kForeignChip.index()];
    chip.initial_stock = 100;
    chip.initial_pipeline = 0;
    world.suppliers[0].capacity_per_month = 0;
    return world;
  }

  WorldSpec spec_;
  WorldLayout layout_;

 public:
  Context context;

 private:
  Vendors vendors_;
  Regulators regulators_;
};

/// Of what was filed, all is granted, denied, withdrawn or pending.
void check_balance(const Record& record) {
  const SeriesId queue = record.layout().find("licence_queue");
  std::int64_t pending = 0;
  for (std::size_t s = 0; s < kReviewStages; ++s) {
    pending += record.integer(queue, record.layout().quarters() - 1, s);
  }
  CHECK(total(record, "licences_filed") == total(record, "licences_granted") +
                                               total(record, "licences_denied") +
                                               total(record, "licences_withdrawn") + pending);
}

}  // namespace

TEST_CASE("stock is held for an order under review, by the chance of a grant, from later ones") {
  WorldSpec spec = licence_world();
  SUBCASE("all of it, and the licence is granted") {
    Counter counter(spec);
    const OrderId china = counter.place(kChineseBuyer, 120);
    const OrderId us = counter.place(kUsBuyer, 100);
    counter.run_until(0);
    CHECK(counter[china].state == OrderState::kUnderReview);
    CHECK(counter[us].in_transit == 40);  // half of 120 is held
    counter.run_until(10);
    CHECK(counter[china].is_licensed);
    CHECK(counter[china].in_transit == 60);
    CHECK(counter[us].in_transit == 40);
  }
  SUBCASE("after a denial what was held goes to those behind") {
    spec.licence_office.grant_case_by_case = 0.4;
    Counter counter(spec);
    const OrderId china = counter.place(kChineseBuyer, 120);
    const OrderId us = counter.place(kUsBuyer, 100);
    counter.run_until(0);
    CHECK(counter[us].in_transit == 52);
    counter.run_until(10);
    CHECK(counter[china].cancelled == 120);
    CHECK(counter[us].in_transit + counter[us].waiting == 100);
    CHECK(counter[us].waiting == 0);
  }
  SUBCASE("a share of it, or nothing") {
    for (const double share : {0.0, 0.5}) {
      spec.vendors[kForeignVendor.index()].licence_stock_share = share;
      Counter counter(spec);
      counter.place(kChineseBuyer, 120);
      const OrderId us = counter.place(kUsBuyer, 100);
      counter.run_until(0);
      CHECK(counter[us].in_transit == 100 - std::llround(60 * share));
    }
  }
  SUBCASE("not from orders placed before") {
    Counter counter(spec);
    const OrderId us = counter.place(kUsBuyer, 100);
    counter.place(kChineseBuyer, 120);
    counter.run_until(0);
    CHECK(counter[us].in_transit == 100);
  }
}

TEST_CASE("what is held for orders under review follows their chances, and adds up") {
  WorldSpec spec = licence_world();
  spec.vendors[kForeignVendor.index()].licence_stock_share = 0.5;
  spec.licence_office.odds_per_doubling_of_units = 0.5;
  spec.licence_office.reference_units = 100;
  spec.policies.push_back(spec.policies[0]);
  spec.policies[1].as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
  spec.policies[1].effective = date("2026-01-05");
  spec.policies[1].until = date("2026-01-08");
  spec.licence_office.grant_presumption_of_denial = 0;
  Counter counter(spec);
  const OrderId small = counter.place(kChineseBuyer, 100);
  const OrderId large = counter.place(kChineseBuyer, 200);
  const OrderId us = counter.place(kUsBuyer, 100);
  counter.run_until(0);
  CHECK(counter[small].held == 25);  // a half of a half
  CHECK(counter[large].held == 33);  // a half of a third, as odds are halved
  CHECK(counter[us].in_transit == 100 - 25 - 33);
  CHECK(counter[us].held == 0);
  counter.run_until(4);  // nothing can be hoped for: what was held goes to others
  CHECK(counter[small].held == 0);
  CHECK(counter[us].in_transit + counter[us].waiting == 100);
  CHECK(counter[us].waiting == 0);
  counter.run_until(7);
  CHECK(counter[small].held == 25);
  counter.run_until(10);  // granted and denied
  CHECK(counter[small].held == 0);
  CHECK(counter[large].cancelled == 200);
}

TEST_CASE("an application is withdrawn when its order has lost its point") {
  WorldSpec spec = licence_world();
  spec.licence_office.service_days = 3000;
  SUBCASE("a ban bars the sale: the order is cancelled") {
    InstrumentSpec ban = instrument(Ban{});
    ban.effective = date("2026-01-21");
    spec.policies.push_back(ban);
    Counter counter(spec);
    const OrderId china = counter.place(kChineseBuyer, 50);
    counter.run_until(19);
    CHECK(counter[china].state == OrderState::kUnderReview);
    counter.run_until(20);
    CHECK(counter[china].cancelled == 50);
    CHECK(counter[china].state == OrderState::kBacklog);
    CHECK(counter.measured("licences_withdrawn") == 1);
    CHECK(counter.measured("licence_queue", 0) == 0);
  }
  SUBCASE("patience ends") {
    spec.demand.patience_days = 40;
    Counter counter(spec);
    const OrderId china = counter.place(kChineseBuyer, 50);
    counter.run_until(39);
    CHECK(counter[china].cancelled == 0);
    counter.run_until(40 + kDaysPerMonth);
    CHECK(counter[china].cancelled == 50);
    CHECK(counter.measured("licences_withdrawn") == 1);
  }
  SUBCASE("the rule is lifted: the order goes on without a licence") {
    spec.policies[0].until = date("2026-01-21");
    Counter counter(spec);
    const OrderId china = counter.place(kChineseBuyer, 50);
    const OrderId us = counter.place(kUsBuyer, 100);
    counter.run_until(19);
    CHECK(counter[china].in_transit == 0);
    CHECK(counter[us].in_transit == 75);
    counter.run_until(20);
    CHECK(counter[china].in_transit + counter[china].waiting == 50);
    CHECK(counter[china].in_transit == 25);  // first in the line
    CHECK_FALSE(counter[china].is_licensed);
    CHECK(counter.measured("licences_withdrawn") == 1);
    CHECK(counter.measured("licences_filed") == 1);
  }
}

TEST_CASE("the rule is lifted for a referred application and for one that waits to be signed too") {
  WorldSpec spec = licence_world();
  spec.licence_office.referral_probability = 0.5;  // every other one
  spec.licence_office.referral_days = 3000;
  spec.licence_office.signature_days = 3000;
  spec.policies[0].until = date("2026-01-21");
  Counter counter(spec);
  for (int i = 0; i < 4; ++i) counter.place(kChineseBuyer, 10);
  counter.run_until(15);
  CHECK(counter.measured("licence_queue", 1) == 2);
  CHECK(counter.measured("licence_waiting", 1) == 1);
  CHECK(counter.measured("licence_queue", 2) == 2);
  CHECK(counter.measured("licence_waiting", 2) == 1);
  counter.run_until(20);
  for (std::size_t s = 0; s < kReviewStages; ++s) CHECK(counter.measured("licence_queue", s) == 0);
  CHECK(counter.measured("licences_withdrawn") == 4);
  counter.run_until(3100);  // no review of theirs is done later
  CHECK(counter.measured("licences_withdrawn") == 4);
}

TEST_CASE("a decision that crosses with the withdrawal is not listened to") {
  WorldSpec spec = licence_world();
  spec.demand.patience_days = 10;
  Counter counter(spec);
  const OrderId china = counter.place(kChineseBuyer, 50);
  while (counter.step() != EventKind::kReviewDone) {
  }
  CHECK(counter[china].is_licensed);
  CHECK(counter[china].state == OrderState::kUnderReview);  // the vendor does not know yet
  counter.tell({EventKind::kRulesChanged, 0, 0});           // and gives the order up
  CHECK(counter[china].cancelled == 50);
  counter.run_until(10);
  CHECK(counter[china].in_transit == 0);
  CHECK(counter[china].cancelled == 50);
  CHECK(counter.measured("licences_granted") == 1);
  CHECK(counter.measured("licences_withdrawn") == 0);
}

TEST_CASE("without noise the share that is referred is exact") {
  WorldSpec spec = licence_world();
  spec.licence_office.referral_probability = 0.3;
  spec.licence_office.referral_days = 3000;
  Counter counter(spec);
  for (int i = 0; i < 10; ++i) counter.place(kChineseBuyer, 1);
  counter.run_until(15);
  CHECK(counter.measured("licence_queue", 1) == 3);
  CHECK(counter.measured("licences_granted") == 7);
}

TEST_CASE("the class of the applicant decides who is served first") {
  WorldSpec spec = licence_world();
  spec.buyers[kUsBuyer.index()].site = kChina;
  spec.buyers[kUsBuyer.index()].customer_class = CustomerClass::kState;
  spec.licence_office.officers = 1;
  spec.licence_office.priority.cloud = 2;
  Counter counter(spec);
  const OrderId first = counter.place(kChineseBuyer, 1);
  const OrderId second = counter.place(kChineseBuyer, 1);
  const OrderId state = counter.place(kUsBuyer, 1);
  counter.run_until(20);
  CHECK(counter[first].is_licensed);
  CHECK(counter[state].is_licensed);
  CHECK_FALSE(counter[second].is_licensed);
}

TEST_CASE("with every stage, holds and bans, applications, chips and cents are conserved") {
  WorldSpec spec = licence_world();
  LicenceOfficeSpec& office = spec.licence_office;
  office.officers = 3;
  office.service_days = 20;
  office.referral_probability = 0.6;
  office.referral_desks = 2;
  office.signature_days = 1;
  office.signature_from = date("2026-06-01");
  office.staffing = {{date("2026-03-10"), 0}, {date("2026-05-01"), 0.7}, {date("2027-04-01"), 0.3}};
  office.priority.trader = 2;
  office.odds.trader = 0.5;
  office.odds_training = 0.7;
  office.odds_per_doubling_of_units = 0.8;
  office.reference_units = 50;
  spec.demand.patience_days = 150;
  spec.policies[0].destinations = {kChina, kHub};
  spec.policies[0].until = date("2027-09-01");
  InstrumentSpec ban = instrument(Ban{});
  ban.effective = date("2026-09-15");
  ban.until = date("2026-12-15");
  InstrumentSpec customs = instrument(Customs{});
  customs.as<Customs>().probability = 0.2;
  spec.policies.push_back(ban);
  spec.policies.push_back(customs);
  const WorldLayout layout(spec);
  std::int64_t granted = 0;
  for (std::uint32_t replica = 0; replica < 20; ++replica) {
    const Record record = run_world(spec, layout, replica);  // throws InvariantError otherwise
    check_balance(record);
    CHECK(total(record, "licences_withdrawn") > 0);
    granted += total(record, "licences_granted");
    CHECK(same_bits(record, run_world(spec, layout, replica)));
  }
  CHECK(granted > 0);
}

TEST_CASE("in a hold nothing is decided, and applicants expect the rest of it") {
  WorldSpec spec = licence_world();
  spec.licence_office.expected_hold_days = 50;
  spec.licence_office.staffing = {{date("2026-04-01"), 0}, {date("2026-07-01"), 1}};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const auto decided = [&](std::size_t quarter) {
    return record.integer(layout.record().find("licences_granted"), quarter) +
           record.integer(layout.record().find("licences_denied"), quarter);
  };
  CHECK(decided(0) > 0);
  CHECK(decided(1) == 0);
  CHECK(decided(2) > 0);
  const SeriesId expected = layout.record().find("licence_expected_days");
  CHECK(record.real(expected, 0) == doctest::Approx(10));
  CHECK(record.real(expected, 1) == doctest::Approx(60));
  CHECK(record.real(expected, 2) == doctest::Approx(10));
  const SeriesId utilisation = layout.record().find("licence_utilisation");
  CHECK(record.real(utilisation, 0) > 0);
  CHECK(record.real(utilisation, 0) < 1);
  CHECK(std::isnan(record.real(utilisation, 1)));
  CHECK(std::isnan(record.real(layout.record().find("licence_wait_days"), 1)));
  CHECK(record.real(layout.record().find("licence_wait_days"), 2) > 10);
}

TEST_CASE("criteria that catch nobody change nothing, bit for bit") {
  const WorldSpec neutral = licence_world();
  WorldSpec other = neutral;
  other.licence_office.odds.state = 0.01;
  other.licence_office.odds.trader = 0.01;  // the rule is about customers in China
  other.licence_office.odds_per_doubling_of_units = 0.01;
  other.licence_office.reference_units = 1e9;
  other.licence_office.odds_per_doubling_of_tpp = 0.01;
  other.licence_office.reference_tpp = 1e6;
  const WorldLayout layout(neutral);
  CHECK(same_bits(run_world(neutral, layout), run_world(other, layout)));
}

TEST_CASE("the criteria decide, and buyers know them") {
  WorldSpec spec = licence_world();
  spec.demand.refusal_cost = 3;
  spec.until = spec.start + days(16);  // each buyer has planned once
  spec.noise = false;
  const WorldLayout layout(spec);
  const auto attraction = [&](const WorldSpec& world, Workload workload) {
    World run(world, layout, StreamFactory{1, 0});
    run.run();
    return run.context().demand.taste(kChineseBuyer, workload, kForeignChip).attraction;
  };
  WorldSpec strict = spec;
  strict.licence_office.odds_training = 1 / 3.0;  // a half becomes a quarter
  CHECK(attraction(strict, Workload::kTraining) ==
        doctest::Approx(attraction(spec, Workload::kTraining) - 3 * 0.25));
  CHECK(attraction(strict, Workload::kInference) == attraction(spec, Workload::kInference));

  strict = licence_world();
  const WorldLayout long_layout(strict);
  strict.licence_office.odds.cloud = 0.1;  // one in eleven
  const Record hard = run_world(strict, long_layout);
  CHECK(total(hard, "licences_granted") < total(hard, "licences_denied") / 2);
  strict.licence_office.odds.cloud = 0.001;  // so that nobody tries
  CHECK(total(run_world(strict, long_layout), "licences_filed") == 0);
}
