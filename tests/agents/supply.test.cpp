/// Who gets wafers and stacks: capacity, priority, second sources, cuts.
#include <doctest/doctest.h>

#include <cmath>
#include <deque>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr SupplierId kFab{std::size_t{0}};
constexpr SupplierId kFirstMemory{std::size_t{1}};
constexpr SupplierId kSecondMemory{std::size_t{2}};

/// Two like chips of two vendors, far more wanted than one fab makes; nothing is there at the
/// start.
WorldSpec short_world() {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.suppliers[0].capacity_per_month = 100;
  SupplierSpec memory;
  memory.id = "first";
  memory.kind = SupplierKind::kMemory;
  memory.headquarters = kUs;
  memory.capacity_per_month = 1e6;
  spec.suppliers.push_back(memory);
  memory.id = "second";
  spec.suppliers.push_back(memory);
  for (ChipSpec& chip : spec.chips) {
    chip.initial_stock = 0;
    chip.initial_pipeline = 0;
    chip.memory = {kFirstMemory, kSecondMemory};
    chip.memory_stacks = 4;
    chip.lead_time_days = 30;
  }
  for (BuyerSpec& buyer : spec.buyers) {
    buyer.need_h100e = {1e6, 1e6};
    buyer.budget_usd_per_quarter = 1e11;
  }
  return spec;
}

double output(const Record& record, SupplierId supplier) {
  const SeriesId id = record.layout().find("output");
  double sum = 0;
  for (std::size_t q = 0; q < record.layout().quarters(); ++q) {
    sum += record.real(id, q, supplier.index());
  }
  return sum;
}

std::int64_t made(const Record& record, ChipId chip) {
  const std::size_t last = record.layout().quarters() - 1;
  return total(record, "units_shipped", chip.index(), kChina.index()) +
         total(record, "units_shipped", chip.index(), kHub.index()) +
         total(record, "units_shipped", chip.index(), kUs.index()) +
         record.integer(record.layout().find("stock"), last, chip.index()) +
         record.integer(record.layout().find("pipeline"), last, chip.index());
}

/// Records point to their layout: it is kept until the program ends.
Record run(const WorldSpec& spec) {
  static std::deque<WorldLayout> layouts;
  return run_world(spec, layouts.emplace_back(spec));
}

}  // namespace

TEST_CASE("a short fab runs at capacity, and like claims are served alike") {
  const WorldSpec spec = short_world();
  const Record record = run(spec);
  // 24 months, the first allocation after half a month; orders come with the first plans.
  CHECK(output(record, kFab) > 100 * 22.0);
  CHECK(output(record, kFab) <= 100 * 24.0);
  // The foreign chip has two regions that want it.
  CHECK(made(record, kForeignChip) > made(record, kDomesticChip) / 2);
  CHECK(made(record, kDomesticChip) > made(record, kForeignChip) / 5);
  const double wafers =
      static_cast<double>(made(record, kDomesticChip) + made(record, kForeignChip)) /
      spec.chips[0].chips_per_wafer;
  CHECK(wafers == doctest::Approx(output(record, kFab)).epsilon(1e-9));
}

TEST_CASE("priority moves a short supply") {
  WorldSpec spec = short_world();
  const Record even = run(spec);
  spec.vendors[kDomesticVendor.index()].supply_priority = 8;
  const Record favoured = run(spec);
  CHECK(made(favoured, kDomesticChip) > made(even, kDomesticChip));
  CHECK(made(favoured, kForeignChip) < made(even, kForeignChip));
}

TEST_CASE("priority is void while there is enough for all, bit for bit") {
  WorldSpec spec = small_world();
  spec.suppliers[0].capacity_per_month = 1e7;
  const Record plain = run(spec);
  spec.vendors[kDomesticVendor.index()].supply_priority = 8;
  CHECK(same_bits(plain, run(spec)));
}

TEST_CASE("the first choice of memory serves as far as it goes, then the second") {
  WorldSpec spec = short_world();
  const Record ample = run(spec);
  CHECK(output(ample, kFirstMemory) > 0);
  CHECK(output(ample, kSecondMemory) == 0);
  spec.suppliers[kFirstMemory.index()].capacity_per_month = 2000;
  const Record scarce = run(spec);
  CHECK(output(scarce, kFirstMemory) > 0);
  CHECK(output(scarce, kSecondMemory) > 0);
  CHECK(output(scarce, kFab) == doctest::Approx(output(ample, kFab)).epsilon(0.01));
}

TEST_CASE("a cut memory is replaced by the second source, and two cuts stop the chip alone") {
  WorldSpec spec = short_world();
  InstrumentSpec cut;
  cut.id = "cut";
  cut.kind = InstrumentKind::kComponentCut;
  cut.effective = date("2025-01-01");
  cut.vendors = {kDomesticVendor};
  cut.suppliers = {kFirstMemory};
  spec.policies = {cut};
  const Record one = run(spec);
  CHECK(made(one, kDomesticChip) > 0);
  CHECK(output(one, kSecondMemory) > 0);

  spec.policies[0].suppliers = {kFirstMemory, kSecondMemory};
  const Record both = run(spec);
  CHECK(made(both, kDomesticChip) == 0);
  CHECK(made(both, kForeignChip) > made(one, kForeignChip));
  // The wafers that the chip without memory leaves go to the other.
  CHECK(output(both, kFab) > 0.9 * output(one, kFab));
}

TEST_CASE("a finite store of stacks runs out") {
  WorldSpec spec = short_world();
  for (const SupplierId memory : {kFirstMemory, kSecondMemory}) {
    spec.suppliers[memory.index()].capacity_per_month = 0;
  }
  spec.suppliers[kFirstMemory.index()].initial_stock = 4002;
  const Record record = run(spec);
  const std::int64_t chips = made(record, kDomesticChip) + made(record, kForeignChip);
  CHECK(chips >= 998);  // each of two grants a year and a half long rounds down by less than one
  CHECK(chips <= 1000);
}

TEST_CASE("no capacity makes nothing") {
  WorldSpec spec = short_world();
  spec.suppliers[0].capacity_per_month = 0;
  const Record record = run(spec);
  CHECK(made(record, kDomesticChip) == 0);
  CHECK(total(record, "revenue") == 0);
  CHECK(output(record, kFab) == 0);
}
