/// Software stacks that mature by use, and buyers with chips of their own house.
#include <doctest/doctest.h>

#include <cmath>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// China runs on domestic chips only and cannot get others.
WorldSpec closed_world() {
  WorldSpec spec = small_world();
  spec.buyers[0].installed = {{kDomesticChip, 10000}};
  spec.chips[kForeignChip.index()].markets = {kUs};
  spec.traders.clear();
  spec.routes.clear();
  spec.landlords.clear();
  return spec;
}

double maturity(const Record& record, std::size_t quarter, VendorId vendor) {
  return record.real(record.layout().find("stack_maturity"), quarter, vendor.index());
}

double effective(const Record& record, std::size_t quarter, Workload workload) {
  return record.real(record.layout().find("effective_h100e"), quarter, kChineseBuyer.index(),
                     static_cast<std::size_t>(workload));
}

}  // namespace

TEST_CASE("a stack in sole use matures as 1 - exp(-phi t)") {
  WorldSpec spec = closed_world();
  spec.demand.stack_learning = 0.8;
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  for (std::size_t q = 0; q + 1 < layout.record().quarters(); ++q) {
    const SimTime end = start_of({layout.record().first_quarter().index + static_cast<int>(q) + 1});
    const double months = std::floor(in_days(end - spec.start) / (kDaysPerYear / 12));
    CHECK(maturity(record, q, kDomesticVendor) ==
          doctest::Approx(1 - std::exp(-0.8 * months / 12)).epsilon(1e-12));
    CHECK(maturity(record, q, kForeignVendor) == 0);
  }
}

TEST_CASE("maturity lifts the throughput of what is installed towards that of a mature stack") {
  WorldSpec spec = closed_world();
  spec.buyers[0].budget_usd_per_quarter = 0;  // nothing is bought, nothing else changes
  spec.noise = false;
  const WorldLayout layout(spec);
  const Record still = run_world(spec, layout);
  spec.demand.stack_learning = 0.8;
  spec.vendors[kDomesticVendor.index()].utilisation_max = {0.9, 0.75};
  const Record learned = run_world(spec, layout);
  for (std::size_t q = 0; q < 4; ++q) {
    const double m = maturity(learned, q, kDomesticVendor);
    CHECK(m > 0);
    CHECK(effective(learned, q, Workload::kTraining) ==
          doctest::Approx(effective(still, q, Workload::kTraining) * (0.7 + 0.2 * m) / 0.7));
    CHECK(effective(learned, q, Workload::kInference) ==
          doctest::Approx(effective(still, q, Workload::kInference)));
  }
}

TEST_CASE("without learning the mature utilisation changes nothing, bit for bit") {
  WorldSpec spec = small_world();
  const WorldLayout layout(spec);
  const Record plain = run_world(spec, layout);
  spec.vendors[kDomesticVendor.index()].utilisation_max = {2, 2};
  CHECK(same_bits(plain, run_world(spec, layout)));
  spec.demand.stack_learning = 1;
  spec.vendors[kDomesticVendor.index()].utilisation_max = {0.1, 0.1};  // below that of the start
  const Record below = run_world(spec, layout);
  spec.vendors[kDomesticVendor.index()].utilisation_max = {0.7, 0.75};
  CHECK(same_bits(below, run_world(spec, layout)));
}

TEST_CASE("a ban on foreign chips feeds the domestic stack") {
  WorldSpec spec = small_world();
  spec.demand.stack_learning = 0.5;
  InstrumentSpec ban = instrument(Ban{});
  spec.policies = {ban};
  const WorldLayout layout(spec);
  const std::size_t last = layout.record().quarters() - 1;
  double open = 0;
  double banned = 0;
  for (std::uint32_t replica = 0; replica < 10; ++replica) {
    spec.policies.clear();
    const Record free_trade = run_world(spec, layout, replica);
    open += maturity(free_trade, last, kDomesticVendor);
    spec.policies = {ban};
    banned += maturity(run_world(spec, layout, replica), last, kDomesticVendor);
  }
  CHECK(banned > open);
}

TEST_CASE("chips of the own house come at transfer price, for inference only") {
  WorldSpec spec = closed_world();
  spec.buyers[0].own_vendor = kDomesticVendor;
  spec.buyers[0].transfer_markup = 0.1;
  spec.buyers[0].need_h100e = {0, 60000};
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const std::int64_t units = total(record, "units_cleared", kDomesticChip.index(), kChina.index());
  CHECK(units > 0);
  CHECK(total(record, "revenue", kDomesticVendor.index(), kChina.index()) ==
        times(from_usd(6600), units).value);

  spec.buyers[0].need_h100e = {60000, 0};
  const Record training = run_world(spec, layout);
  spec.buyers[0].own_vendor = VendorId{};
  CHECK(same_bits(training, run_world(spec, layout)));
}

TEST_CASE("a transfer price above the market price changes nothing, bit for bit") {
  WorldSpec spec = small_world();
  const WorldLayout layout(spec);
  const Record plain = run_world(spec, layout);
  spec.buyers[0].own_vendor = kDomesticVendor;
  spec.buyers[0].transfer_markup = 9;
  CHECK(same_bits(plain, run_world(spec, layout)));
  spec.buyers[0].transfer_markup = 0;
  CHECK_FALSE(same_bits(plain, run_world(spec, layout)));
}
