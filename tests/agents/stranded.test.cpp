/// Stock that a rule strands: held, written down after a time, offered elsewhere at a discount.
#include <doctest/doctest.h>

#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// The foreign chip is made for China alone; a ban comes after three months.
WorldSpec stranding_world() {
  WorldSpec spec = small_world();
  spec.chips[kForeignChip.index()].markets = {kChina};
  spec.traders.clear();
  spec.routes.clear();
  InstrumentSpec ban = instrument(Ban{});
  ban.effective = date("2026-04-10");
  spec.policies = {ban};
  return spec;
}

std::int64_t written_down(const Record& record) {
  return total(record, "units_written_down", kForeignChip.index());
}

}  // namespace

TEST_CASE("a ban strands stock and pipeline, which are written down at unit cost") {
  const WorldSpec spec = stranding_world();
  const WorldLayout layout(spec);
  const Record record = run_world(spec, layout);
  const SeriesId units = record.layout().find("units_written_down");
  const std::int64_t chips = record.integer(units, 1, kForeignChip.index());
  CHECK(chips > 0);
  CHECK(chips == written_down(record));  // in that quarter and in no other
  CHECK(total(record, "write_down", kForeignVendor.index()) == times(from_usd(8000), chips).value);
  // Nothing is sold or ordered any more: what was written down is what lies there at the end.
  const std::size_t last = layout.record().quarters() - 1;
  CHECK(record.integer(record.layout().find("stock"), last, kForeignChip.index()) == chips);
  CHECK(record.integer(record.layout().find("pipeline"), last, kForeignChip.index()) == 0);
  CHECK(total(record, "units_written_down", kDomesticChip.index()) == 0);
}

TEST_CASE("nothing is written down without a rule, with another market, or when the rule goes") {
  WorldSpec spec = stranding_world();
  const WorldLayout layout(spec);
  spec.policies.clear();
  CHECK(written_down(run_world(spec, layout)) == 0);

  spec = stranding_world();
  spec.chips[kForeignChip.index()].markets = {kChina, kUs};
  CHECK(written_down(run_world(spec, layout)) == 0);

  spec = stranding_world();
  spec.policies[0].until = date("2026-05-01");  // within the 30 days
  CHECK(written_down(run_world(spec, layout)) == 0);
}

TEST_CASE("a presumption of denial strands as a ban does, one of approval does not") {
  WorldSpec spec = stranding_world();
  const WorldLayout layout(spec);
  spec.policies[0].effect = Licence{};
  spec.policies[0].as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
  CHECK(written_down(run_world(spec, layout)) > 0);
  spec.policies[0].as<Licence>().review = ReviewPolicy::kPresumptionOfApproval;
  CHECK(written_down(run_world(spec, layout)) == 0);
}

TEST_CASE("what was stranded before the start is not written down again") {
  WorldSpec spec = stranding_world();
  const WorldLayout layout(spec);
  spec.policies[0].effective = date("2025-01-01");
  CHECK(written_down(run_world(spec, layout)) == 0);
}

TEST_CASE("once written down, stock goes elsewhere at a discount, which leaves less to hold") {
  WorldSpec spec = stranding_world();
  const WorldLayout layout(spec);
  const Record held = run_world(spec, layout);
  CHECK(total(held, "units_cleared", kForeignChip.index(), kUs.index()) == 0);
  spec.vendors[kForeignVendor.index()].stranded_discount = 0.5;
  const Record redirected = run_world(spec, layout);
  const std::int64_t sold = total(redirected, "units_cleared", kForeignChip.index(), kUs.index());
  CHECK(sold > 0);
  CHECK(written_down(redirected) == written_down(held));
  const std::size_t last = layout.record().quarters() - 1;
  const SeriesId stock = held.layout().find("stock");
  CHECK(redirected.integer(stock, last, kForeignChip.index()) ==
        held.integer(stock, last, kForeignChip.index()) - sold);
  const std::int64_t paid = total(redirected, "revenue", kForeignVendor.index(), kUs.index());
  const VendorSpec& vendor = spec.vendors[kForeignVendor.index()];
  CHECK(paid <= times(from_usd(27000 * 0.5 * vendor.price_ceiling), sold).value);
}

TEST_CASE("what is frozen in orders is stranded too: it is written down, made and held") {
  WorldSpec spec = stranding_world();
  spec.noise = false;
  const WorldLayout layout(spec);
  const std::int64_t loose = written_down(run_world(spec, layout));
  spec.suppliers[0].frozen_days = 91;
  const Record record = run_world(spec, layout);
  const std::int64_t frozen = written_down(record);
  CHECK(frozen > loose);
  CHECK(total(record, "write_down", kForeignVendor.index()) == times(from_usd(8000), frozen).value);
  // All of it is made, and nothing else is ordered.
  const std::size_t last = layout.record().quarters() - 1;
  CHECK(record.integer(record.layout().find("stock"), last, kForeignChip.index()) == frozen);
  CHECK(record.integer(record.layout().find("committed"), last, kForeignChip.index()) == 0);
}
