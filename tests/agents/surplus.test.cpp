/// Consumer surplus against the log-sum of the logit, and vendors' profit against their accounts.
#include <doctest/doctest.h>

#include <cmath>

#include "agents/world.hpp"
#include "engine/market/choice.hpp"
#include "engine/market/throughput.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// One buyer in the US without chips, who plans once; list prices, nothing but price matters.
WorldSpec one_choice(double curvature) {
  WorldSpec spec = small_world();
  spec.until = spec.start + days_rounded(20);  // without noise the first plan is on day 15
  spec.noise = false;
  spec.traders.clear();
  spec.routes.clear();
  spec.landlords.clear();
  spec.buyers = {spec.buyers[kUsBuyer.index()]};
  BuyerSpec& buyer = spec.buyers.front();
  buyer.installed.clear();
  buyer.budget_usd_per_quarter = 1e11;
  for (VendorSpec& vendor : spec.vendors) vendor.pricing = PricingBehaviour::kListPrice;
  spec.demand.growth = {1, 1};
  spec.demand.planning_days = 30;
  spec.demand.price_curvature = curvature;
  spec.demand.wait_value = 0.4;
  spec.demand.switching_cost = 0;
  spec.demand.delay_cost_per_month = 0;
  return spec;
}

double utility(const WorldSpec& spec, const ChipSpec& chip, Workload workload) {
  const double theta = effective_throughput(chip, workload, 1, spec.demand.inference_technology());
  return -spec.demand.price_sensitivity *
         box_cox(chip.price_usd / theta / spec.demand.reference_price_usd,
                 spec.demand.price_curvature);
}

double surplus(const WorldSpec& spec, std::size_t buyer = 0) {
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  return record.real(layout.record().find("consumer_surplus"), 0, buyer);
}

}  // namespace

TEST_CASE("consumer surplus is the log-sum over waiting, over price sensitivity, in dollars") {
  for (const double curvature : {0.0, 0.5, 1.0}) {
    const WorldSpec spec = one_choice(curvature);
    const double usd_per_util = spec.demand.reference_price_usd / spec.demand.price_sensitivity;
    double expected = 0;
    for (const Workload workload : kAllWorkloads) {
      const double v = utility(spec, spec.chips[kForeignChip.index()], workload);
      const double log_sum = std::log(std::exp(v) + std::exp(spec.demand.wait_value));
      expected +=
          spec.buyers[0].need_h100e[workload] * usd_per_util * (log_sum - spec.demand.wait_value);
    }
    CHECK(surplus(spec) == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("chips of one nest count by the inclusive value of the nested logit") {
  WorldSpec spec = one_choice(1);
  const double similarity = 0.6;
  spec.demand.nest_similarity = similarity;
  ChipSpec second = spec.chips[kForeignChip.index()];
  second.id = "h300";
  second.price_usd = 31000;
  spec.chips.push_back(second);
  const double t = 1 - similarity;
  double expected = 0;
  for (const Workload workload : kAllWorkloads) {
    const double a = utility(spec, spec.chips[kForeignChip.index()], workload);
    const double b = utility(spec, second, workload);
    const double inclusive = t * std::log(std::exp(a / t) + std::exp(b / t));
    const double log_sum = std::log(std::exp(inclusive) + std::exp(spec.demand.wait_value));
    expected += spec.buyers[0].need_h100e[workload] * (log_sum - spec.demand.wait_value);
  }
  expected *= spec.demand.reference_price_usd / spec.demand.price_sensitivity;
  CHECK(surplus(spec) == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("with a linear logit a price rise costs consumers what they buy times the rise") {
  WorldSpec spec = one_choice(1);
  ChipSpec& chip = spec.chips[kForeignChip.index()];
  // Roy's identity by a central difference of 1 USD; need times probability is demand in H100e.
  double demand = 0;
  for (const Workload workload : kAllWorkloads) {
    const double v = utility(spec, chip, workload) - spec.demand.wait_value;
    const double theta =
        effective_throughput(chip, workload, 1, spec.demand.inference_technology());
    demand += spec.buyers[0].need_h100e[workload] / theta / (1 + std::exp(-v));
  }
  const double price = chip.price_usd;
  chip.price_usd = price + 1;
  const double dearer = surplus(spec);
  chip.price_usd = price - 1;
  CHECK((surplus(spec) - dearer) / 2 == doctest::Approx(demand).epsilon(1e-7));
}

TEST_CASE("surplus counts only what the budget reaches for") {
  WorldSpec spec = one_choice(1);
  spec.buyers[0].need_h100e.inference = 0;
  const double whole = surplus(spec);
  const double v = utility(spec, spec.chips[kForeignChip.index()], Workload::kTraining);
  const double cost = spec.buyers[0].need_h100e.training *
                      spec.chips[kForeignChip.index()].price_usd /
                      (1 + std::exp(spec.demand.wait_value - v));
  // A third of the expected cost accrues in the 15 days up to the plan.
  spec.buyers[0].budget_usd_per_quarter = cost / 3 * (kDaysPerYear / 4) / 15;
  CHECK(surplus(spec) == doctest::Approx(whole / 3).epsilon(1e-6));
}

TEST_CASE("where nothing is on offer there is no surplus, and without a price weight no number") {
  WorldSpec spec = one_choice(1);
  InstrumentSpec ban = instrument(Ban{});
  ban.destinations = {kUs};
  spec.policies = {ban};
  CHECK(surplus(spec) == 0);
  spec.demand.price_sensitivity = 0;
  CHECK(std::isnan(surplus(spec)));
}

TEST_CASE("profit is revenue less levy less cost, to the cent") {
  WorldSpec spec = small_world();
  InstrumentSpec levy = instrument(Levy{});
  levy.as<Levy>().rate = 0.25;
  spec.policies = {levy};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t v = 0; v < spec.vendors.size(); ++v) {
    std::int64_t revenue = 0;
    for (std::size_t r = 0; r < spec.regions.size(); ++r) revenue += total(record, "revenue", v, r);
    // Levies are booked when goods pass and paid then: no shipment is half way at any time.
    CHECK(total(record, "vendor_profit", v) ==
          revenue - total(record, "levy_receipts", v) - total(record, "cost_of_sales", v));
  }
  CHECK(total(record, "levy_receipts", kForeignVendor.index()) > 0);
}

TEST_CASE(
    "profit is the change of the account, of stock at cost and of duty in transit, to the "
    "cent, when a border stops some goods") {
  WorldSpec spec = small_world();
  InstrumentSpec duty = instrument(Levy{});
  duty.as<Levy>().base = LevyBase::kCustomsValue;
  duty.as<Levy>().rate = 0.25;
  InstrumentSpec customs = instrument(Customs{});
  customs.as<Customs>().probability = 0.5;
  spec.policies = {duty, customs};
  spec.traders.clear();  // whose lots are shipments too
  spec.routes.clear();
  const WorldLayout layout(spec);
  World world(spec, layout, StreamFactory{1, 0});
  world.run();
  const Context& context = world.context();
  const Record& record = context.record;
  CHECK(total(record, "units_stopped") > 0);
  for (std::size_t v = 0; v < spec.vendors.size(); ++v) {
    std::int64_t profit = context.ledger.balance(context.accounts.vendors[v]).value;
    std::int64_t in_transit = 0;
    for (const Shipment& shipment : context.book.shipments.items()) {
      const Order& order = context.book.orders[shipment.order];
      if (!shipment.is_open || context.chips[order.chip.index()].vendor != VendorId{v}) continue;
      in_transit += shipment.units;
      profit += shipment.levies.value;
    }
    // What is owed has not been paid.
    profit -= record.integer(layout.record().find("levy_owed"), layout.record().quarters() - 1, v);
    const ChipSpec& chip = spec.chips[v];
    const std::int64_t kept =
        record.integer(layout.record().find("stock"), layout.record().quarters() - 1, v) +
        in_transit - static_cast<std::int64_t>(chip.initial_stock);
    profit += times(from_usd(chip.unit_cost_usd), kept).value;
    CHECK(total(record, "vendor_profit", v) == profit);
  }
}
