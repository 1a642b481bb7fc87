#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {

TableSpec chip_keys() {
  using C = ChipSpec;
  TableBuilder<C> t("chip", "A chip: what it can do, what rules look at, what it costs.");
  t.text("name", &C::name, "Full name.");
  t.reference("vendor", &C::vendor, EntityKind::kVendor, "Who sells it.").required();
  t.date("launch", &C::launch, "First day on which it can be ordered.").required();
  t.date("withdrawn", &C::withdrawn, "First day on which it can no longer be ordered.");
  t.references("markets", &C::markets, EntityKind::kRegion, "Regions in which it is offered.")
      .required();
  t.reference("successor_of", &C::successor_of, EntityKind::kChip,
              "Chip of the same vendor that it succeeds. When 'launch' is after the start, it is "
              "the date at reference research, and the launch moves with research.");
  t.number("node_delay_years", &C::node_delay_years, "years", {0, 50},
           "Years after the start until its process node is available to the vendor; it is not "
           "launched before.");
  t.reference("redesign_of", &C::redesign_of, EntityKind::kChip,
              "Chip of the same vendor that it is scaled down from to pass rules; see "
              "[run] scripted_redesigns.");
  t.number("fp16_tflops", &C::fp16_tflops, "TFLOP/s", {0, 1e6, true},
           "Dense FP16 rate; 989.4 is one H100e.")
      .required();
  t.number("dram_bandwidth_tbs", &C::dram_bandwidth_tbs, "TB/s", {0, 1e4, true},
           "Memory bandwidth.")
      .required();
  t.number("dram_gb", &C::dram_gb, "GB", {0, 1e5}, "Memory.");
  t.number("tpp", &C::tpp, "bits x TOPS", {0, 1e7},
           "Total processing performance: the largest over formats of bits times dense TOPS.")
      .required();
  t.number("performance_density", &C::performance_density, "TPP/mm2", {0, 1e4},
           "TPP over die area; 0 where the die area is unknown.");
  t.number("io_bandwidth_gbs", &C::io_bandwidth_gbs, "GB/s", {0, 1e6},
           "Chip-to-chip bandwidth, both directions; 0 where unknown.");
  t.number("price_usd", &C::price_usd, "USD", kPrice, "List price of one chip.").required();
  t.number("unit_cost_usd", &C::unit_cost_usd, "USD", kPrice, "Cost of goods sold of one chip.")
      .required();
  t.references("foundries", &C::foundries, EntityKind::kSupplier,
               "Suppliers of its wafers, first choice first.")
      .required();
  t.number("chips_per_wafer", &C::chips_per_wafer, "chips", {0, 10000, true},
           "Candidates per wafer, before yield.")
      .required();
  t.references("packaging", &C::packaging, EntityKind::kSupplier,
               "Suppliers of its packaging, first choice first; without them packaging does not "
               "bind.");
  t.number("packaging_units", &C::packaging_units, "units", {0, 1000},
           "Units of that packaging per chip, e.g. its share of an interposer wafer.");
  t.references("memory", &C::memory, EntityKind::kSupplier,
               "Suppliers of its memory stacks, first choice first; without them memory does not "
               "bind.");
  t.number("memory_stacks", &C::memory_stacks, "stacks", {0, 64},
           "Stacks of that memory per chip.");
  t.number("lead_time_days", &C::lead_time_days, "days", kPeriodDays,
           "From allocation of capacity to finished stock.")
      .required();
  t.number("initial_stock", &C::initial_stock, "chips", kNotNegative,
           "Finished chips at the vendor at the start.");
  t.number("initial_pipeline", &C::initial_pipeline, "chips", kNotNegative,
           "Chips in production at the start, spread evenly over the lead time.");
  t.number("launch_orders_per_month", &C::launch_orders_per_month, "chips per month", kNotNegative,
           "Orders that its vendor expects when it is launched during the run: it makes stock for "
           "them before.");
  t.check([](Reader& reader, const C& chip, const Node& node, const std::string& path) {
    if (reader.are_sound(node, {"launch", "withdrawn"}) && *chip.withdrawn <= chip.launch) {
      reader.complain(node, "withdrawn",
                      "key '" + path + ".withdrawn' (" + iso_date(*chip.withdrawn) +
                          ") is not after 'launch' (" + iso_date(chip.launch) + ")");
    }
    if (chip.node_delay_years > 0 && !node.table()->contains("successor_of")) {
      reader.complain(node, "node_delay_years",
                      "key '" + path + ".node_delay_years' is given without 'successor_of'");
    }
    if (chip.successor_of.is_some() && chip.redesign_of.is_some()) {
      reader.complain(node, "redesign_of",
                      "key '" + path +
                          ".redesign_of' excludes 'successor_of': a redesign waits for "
                          "a rule, not for research");
    }
    if (chip.memory_stacks > 0 && !node.table()->contains("memory")) {
      reader.complain(node, "memory_stacks",
                      "key '" + path + ".memory_stacks' is given without 'memory', the suppliers");
    }
    if (chip.packaging_units > 0 && !node.table()->contains("packaging")) {
      reader.complain(node, "packaging_units",
                      "key '" + path +
                          ".packaging_units' is given without 'packaging', the "
                          "suppliers");
    }
    if (reader.are_sound(node, {"unit_cost_usd", "price_usd"}) &&
        chip.unit_cost_usd > chip.price_usd) {
      reader.complain(node, "unit_cost_usd",
                      "key '" + path + ".unit_cost_usd' is above 'price_usd'");
    }
  });
  return std::move(t).build();
}

}  // namespace tollgate
