/// Who gets wafers and stacks: capacity, priority, second sources, cuts.
#include <doctest/doctest.h>

#include <cmath>
#include <deque>

#include "agents/world.hpp"
#include "engine/kernel/draws.hpp"
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

SupplierId add(WorldSpec& spec, const SupplierSpec& supplier) {
  spec.suppliers.push_back(supplier);
  return SupplierId{spec.suppliers.size() - 1};
}

SupplierId add_packager(WorldSpec& spec, double capacity_per_month) {
  SupplierSpec packager = spec.suppliers[kFab.index()];
  packager.id = "packager";
  packager.kind = SupplierKind::kPackaging;
  packager.capacity_per_month = capacity_per_month;
  return add(spec, packager);
}

/// Dies that lie at the domestic vendor, or come in for it alone.
SupplierId add_bank_of_dies(WorldSpec& spec, double stock, double capacity_per_month) {
  SupplierSpec bank = spec.suppliers[kFab.index()];
  bank.id = "bank";
  bank.capacity_per_month = capacity_per_month;
  bank.initial_stock = stock;
  bank.stock_holder = kDomesticVendor;
  return add(spec, bank);
}

/// The domestic vendor is cut off from these suppliers.
InstrumentSpec cut_from(std::vector<SupplierId> suppliers, const char* effective = "2025-01-01") {
  InstrumentSpec cut;
  cut.id = "cut";
  cut.effect = ComponentCut{};
  cut.effective = date(effective);
  cut.vendors = {kDomesticVendor};
  cut.as<ComponentCut>().suppliers = std::move(suppliers);
  return cut;
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
  spec.policies = {cut_from({kFirstMemory})};
  const Record one = run(spec);
  CHECK(made(one, kDomesticChip) > 0);
  CHECK(output(one, kSecondMemory) > 0);

  spec.policies[0].as<ComponentCut>().suppliers = {kFirstMemory, kSecondMemory};
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

TEST_CASE("yield follows its curve in the wafers begun") {
  WorldSpec spec = short_world();
  SupplierSpec& fab = spec.suppliers[0];
  fab.yield_initial = 0.2;
  fab.yield_max = 0.6;
  fab.yield_learning_wafers = 700;
  const Record record = run(spec);
  double wafers = 0;
  for (std::size_t q = 0; q < record.layout().quarters(); ++q) {
    wafers += record.real(record.layout().find("output"), q, kFab.index());
    CHECK(record.real(record.layout().find("yield"), q, kFab.index()) ==
          doctest::Approx(0.6 - 0.4 * std::exp(-wafers / 700)).epsilon(1e-9));
  }
  CHECK(wafers > 1400);
  // Chips are wafers at the yield of their month: between that of the first and of the last.
  const double chips =
      static_cast<double>(made(record, kDomesticChip) + made(record, kForeignChip));
  CHECK(chips > wafers * 20 * 0.2);
  CHECK(chips < wafers * 20 * 0.6);
}

TEST_CASE("short packaging decides what is made, and leaves wafers and stacks unused") {
  WorldSpec spec = short_world();
  const SupplierId packaging = add_packager(spec, 50);
  for (ChipSpec& chip : spec.chips) {
    chip.packaging = {packaging};
    chip.packaging_units = 0.25;  // 200 chips a month; wafers would give 2,000
  }
  const Record record = run(spec);
  const double chips =
      static_cast<double>(made(record, kDomesticChip) + made(record, kForeignChip));
  CHECK(chips > 200 * 22.0);
  CHECK(chips <= 200 * 24.0);
  CHECK(output(record, packaging) == doctest::Approx(chips / 4).epsilon(1e-9));
  CHECK(output(record, kFab) == doctest::Approx(chips / 20).epsilon(1e-9));
  CHECK(output(record, kFirstMemory) == doctest::Approx(chips * 4).epsilon(1e-9));
}

TEST_CASE("a chip without memory leaves wafers and packaging to the other") {
  WorldSpec spec = short_world();
  const SupplierId packaging = add_packager(spec, 400);
  SupplierSpec none = spec.suppliers[kFirstMemory.index()];
  none.id = "none";
  none.capacity_per_month = 0;
  const SupplierId no_memory = add(spec, none);
  for (ChipSpec& chip : spec.chips) {
    chip.packaging = {packaging};
    chip.packaging_units = 1;
  }
  const Record both = run(spec);
  spec.chips[kDomesticChip.index()].memory = {no_memory};
  const Record alone = run(spec);
  CHECK(made(alone, kDomesticChip) == 0);
  CHECK(made(both, kDomesticChip) > 0);
  // All of the packaging, 23 months of it; two that share it lose less than a chip each a month.
  CHECK(made(alone, kForeignChip) == 400 * 23);
  CHECK(made(both, kForeignChip) + made(both, kDomesticChip) > 400 * 23 - 2 * 23);
}

TEST_CASE("the first foundry serves as far as it goes, then the second") {
  WorldSpec spec = short_world();
  SupplierSpec second = spec.suppliers[0];
  second.id = "second_fab";
  second.yield_initial = second.yield_max = 0.5;
  second.capacity_per_month = 40;
  const SupplierId other = add(spec, second);
  const std::int64_t one = made(run(spec), kForeignChip);
  spec.chips[kForeignChip.index()].foundries = {kFab, other};
  spec.chips[kDomesticChip.index()].foundries = {kFab};
  const Record two = run(spec);
  CHECK(made(two, kForeignChip) > one);
  const double chips = static_cast<double>(made(two, kForeignChip) + made(two, kDomesticChip));
  CHECK(chips ==
        doctest::Approx(20 * (output(two, kFab) + 0.5 * output(two, other))).epsilon(1e-6));
  CHECK(output(two, other) > 40 * 22.0);

  spec.suppliers[0].capacity_per_month = 1e6;  // enough for all: nobody goes to the second
  CHECK(output(run(spec), other) == 0);
}

TEST_CASE("a bank of dies runs out, and the second foundry takes over") {
  WorldSpec spec = short_world();
  const SupplierId dies = add_bank_of_dies(spec, 300, 0);
  spec.chips[kDomesticChip.index()].foundries = {dies};
  const Record alone = run(spec);
  CHECK(made(alone, kDomesticChip) == 300 * 20);
  CHECK(output(alone, dies) == doctest::Approx(300));
  spec.chips[kDomesticChip.index()].foundries = {dies, kFab};
  const Record then = run(spec);
  CHECK(output(then, dies) == doctest::Approx(300));
  CHECK(made(then, kDomesticChip) > 300 * 20);
  const std::size_t last = then.layout().quarters() - 1;
  CHECK(then.real(then.layout().find("supplier_stock"), last, dies.index()) == 0);
}

TEST_CASE("a cut stops what comes into a vendor's bank, not what lies there") {
  WorldSpec spec = short_world();
  const SupplierId dies = add_bank_of_dies(spec, 50, 100);
  spec.chips[kDomesticChip.index()].foundries = {dies};
  spec.policies = {cut_from({dies})};
  const Record record = run(spec);
  CHECK(made(record, kDomesticChip) == 50 * 20);
  spec.policies.clear();
  CHECK(made(run(spec), kDomesticChip) > 50 * 20);
  // It serves its holder alone.
  spec.chips[kForeignChip.index()].foundries = {dies};
  CHECK(made(run(spec), kForeignChip) == 0);
}

TEST_CASE("orders lapse at a foundry that a rule cuts off, window and all") {
  WorldSpec spec = small_world();
  spec.noise = false;
  spec.suppliers[0].frozen_days = 90;
  const Record free = run(spec);
  spec.policies = {cut_from({kFab}, "2026-04-10")};
  const Record record = run(spec);
  const SeriesId committed = record.layout().find("committed");
  CHECK(record.integer(committed, 0, kDomesticChip.index()) > 0);
  CHECK(free.integer(committed, 1, kDomesticChip.index()) > 0);
  for (std::size_t q = 2; q < record.layout().quarters(); ++q) {
    CHECK(record.integer(record.layout().find("pipeline"), q, kDomesticChip.index()) == 0);
    CHECK(record.integer(committed, q, kDomesticChip.index()) == 0);  // nor is anything ordered
  }
  CHECK(record.integer(committed, 1, kForeignChip.index()) > 0);
}

TEST_CASE("stock for a launch is made before it, and none without expected orders") {
  WorldSpec spec = small_world();
  spec.noise = false;
  ChipSpec& chip = spec.chips[kForeignChip.index()];
  chip.launch = date("2026-10-01");
  chip.initial_stock = chip.initial_pipeline = 0;
  const Record unexpected = run(spec);
  chip.launch_orders_per_month = 1000;
  const Record expected = run(spec);
  const SeriesId pipeline = expected.layout().find("pipeline");
  CHECK(expected.integer(pipeline, 1, kForeignChip.index()) == 0);  // half a year is too early
  // On the eve of the launch: what will be ordered until a further order could arrive, less what
  // this month's allocation adds.
  const std::int64_t on_the_way = expected.integer(pipeline, 2, kForeignChip.index());
  CHECK(on_the_way > 2 * 1000);
  CHECK(on_the_way < 4.5 * 1000);
  CHECK(unexpected.integer(pipeline, 2, kForeignChip.index()) == 0);
  const auto shipped_at_once = [](const Record& record) {
    std::int64_t units = 0;
    for (std::size_t r = 0; r < 3; ++r) {
      units += record.integer(record.layout().find("units_shipped"), 3, kForeignChip.index(), r);
    }
    return units;
  };
  CHECK(shipped_at_once(expected) == on_the_way);
  CHECK(shipped_at_once(unexpected) == 0);
}

TEST_CASE("no supplier gives out more than it has, whatever stages bind") {
  Stream draws = StreamFactory{7, 0}.make("test", "stages");
  const auto between = [&](double low, double high) {
    return low * std::pow(high / low, draw_uniform(draws));
  };
  constexpr std::size_t kChips = 6;
  constexpr double kMonths = 12;
  for (int trial = 0; trial < 30; ++trial) {
    WorldSpec spec = small_world();
    spec.until = date("2027-01-01");
    spec.noise = false;
    spec.suppliers.clear();
    for (const SupplierKind kind :
         {SupplierKind::kFoundry, SupplierKind::kPackaging, SupplierKind::kMemory}) {
      for (int i = 0; i < 2; ++i) {
        SupplierSpec supplier;
        supplier.id = std::to_string(spec.suppliers.size()) + "s";
        supplier.kind = kind;
        supplier.headquarters = kUs;
        supplier.capacity_per_month = between(20, 2000);
        spec.suppliers.push_back(supplier);
      }
    }
    const auto some_of = [&](std::size_t first) {
      const SupplierId one{first};
      const SupplierId other{first + 1};
      const double u = draw_uniform(draws);
      return u < 0.3 ? std::vector{one} : u < 0.6 ? std::vector{other} : std::vector{one, other};
    };
    ChipSpec chip = spec.chips[kForeignChip.index()];
    chip.initial_stock = 0;
    chip.lead_time_days = 30;
    spec.chips.resize(2);
    for (std::size_t c = 0; c < kChips; ++c) {
      if (c >= 2) spec.chips.push_back(chip);
      ChipSpec& it = spec.chips[c];
      it.id = std::to_string(c) + "c";
      it.initial_stock = 0;
      it.lead_time_days = 30;
      it.initial_pipeline = between(100, 20000);
      it.chips_per_wafer = between(5, 60);
      it.foundries = some_of(0);
      it.packaging = some_of(2);
      it.packaging_units = between(0.2, 3);
      it.memory = some_of(4);
      it.memory_stacks = between(1, 12);
    }
    for (BuyerSpec& buyer : spec.buyers) {
      buyer.need_h100e = {1e6, 1e6};
      buyer.budget_usd_per_quarter = 1e11;
    }
    const Record record = run(spec);
    for (std::size_t s = 0; s < spec.suppliers.size(); ++s) {
      CAPTURE(trial);
      CAPTURE(s);
      CHECK(output(record, SupplierId{s}) <=
            kMonths * spec.suppliers[s].capacity_per_month * (1 + 1e-9) + 1);
    }
  }
}

TEST_CASE("controls on materials leave a share of capacity, of the month's and of what is stored") {
  WorldSpec spec = short_world();
  // Nobody takes the stacks of the third memory maker: its store is what it has made.
  SupplierSpec idle = spec.suppliers[kSecondMemory.index()];
  idle.id = "zz_idle";
  idle.capacity_per_month = 1000;
  spec.suppliers.push_back(idle);
  constexpr SupplierId kIdle{std::size_t{3}};
  const Record before = run(spec);
  CounterControl gallium;
  gallium.suppliers = {kFab, kIdle};
  gallium.capacity_factor = 0.5;
  CounterControl germanium = gallium;
  germanium.suppliers = {kIdle};
  spec.policies = {instrument(gallium), instrument(germanium)};
  spec.policies[1].id = "germanium";
  spec.policies[1].effective = date("2027-01-01");
  const Record after = run(spec);
  const SeriesId used = before.layout().find("output");
  const SeriesId store = before.layout().find("supplier_stock");
  for (std::size_t q = 1; q < before.layout().quarters(); ++q) {  // all of it is wanted by then
    CAPTURE(q);
    CHECK(before.real(used, q, kFab.index()) == doctest::Approx(300).epsilon(0.01));
    // Whole chips: less than one wafer may be left.
    CHECK(after.real(used, q, kFab.index()) ==
          doctest::Approx(before.real(used, q, kFab.index()) / 2).epsilon(0.01));
    const auto made = [&](const Record& record) {
      return record.real(store, q, kIdle.index()) - record.real(store, q - 1, kIdle.index());
    };
    // The month in which the second control came is judged by its end.
    CHECK(made(after) == doctest::Approx(made(before) * (q < 4 ? 0.5 : 0.25)).epsilon(1e-9));
  }
}
