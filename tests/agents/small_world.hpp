/// A world of two vendors and a few buyers, small enough to reason about by hand.
#pragma once

#include <cstring>

#include "agents/world.hpp"

namespace tollgate::tests {

inline constexpr RegionId kChina{std::size_t{0}};
inline constexpr RegionId kHub{std::size_t{1}};
inline constexpr RegionId kUs{std::size_t{2}};
inline constexpr ChipId kDomesticChip{std::size_t{0}};
inline constexpr ChipId kForeignChip{std::size_t{1}};
inline constexpr VendorId kDomesticVendor{std::size_t{0}};
inline constexpr VendorId kForeignVendor{std::size_t{1}};
inline constexpr BuyerId kChineseBuyer{std::size_t{0}};
inline constexpr BuyerId kUsBuyer{std::size_t{1}};

inline SimTime date(const char* iso) { return parse_iso_date(iso).value(); }

/// Two years from 2026-01-01; no policy, ample supply, noise on.
inline WorldSpec small_world() {
  WorldSpec world;
  world.start = date("2026-01-01");
  world.until = date("2028-01-01");
  world.reference_region = kUs;
  world.focus_region = kChina;
  world.regions = {{"china", "China", 10}, {"hub", "Hub", 5}, {"us", "United States", 5}};

  VendorSpec domestic;
  domestic.id = "domestic";
  domestic.headquarters = kChina;
  domestic.stack = "own";
  domestic.utilisation = {0.7, 0.75};
  VendorSpec foreign;
  foreign.id = "foreign";
  foreign.headquarters = kUs;
  foreign.stack = "cuda";
  foreign.utilisation = {1, 1};
  world.vendors = {domestic, foreign};

  SupplierSpec fab;
  fab.id = "fab";
  fab.headquarters = kUs;
  fab.capacity_per_month = 20000;
  world.suppliers = {fab};

  ChipSpec chip;
  chip.id = "ascend";
  chip.vendor = kDomesticVendor;
  chip.launch = date("2024-01-01");
  chip.markets = {kChina};
  chip.fp16_tflops = 400;
  chip.dram_bandwidth_tbs = 1.6;
  chip.tpp = 6400;
  chip.price_usd = 12000;
  chip.unit_cost_usd = 6000;
  chip.foundries = {SupplierId{std::size_t{0}}};
  chip.chips_per_wafer = 20;
  chip.lead_time_days = 90;
  chip.initial_stock = 20000;
  chip.initial_pipeline = 30000;
  ChipSpec h200 = chip;
  h200.id = "h200";
  h200.vendor = kForeignVendor;
  h200.markets = {kChina, kHub, kUs};
  h200.fp16_tflops = 989.4;
  h200.dram_bandwidth_tbs = 4.8;
  h200.tpp = 15832;
  h200.price_usd = 27000;
  h200.unit_cost_usd = 8000;
  h200.initial_stock = 50000;
  h200.initial_pipeline = 60000;
  world.chips = {chip, h200};

  BuyerSpec chinese;
  chinese.id = "chinese";
  chinese.headquarters = kChina;
  chinese.site = kChina;
  chinese.need_h100e = {30000, 30000};
  chinese.budget_usd_per_quarter = 1e9;
  chinese.installed = {{kForeignChip, 10000}};
  BuyerSpec us = chinese;
  us.id = "us";
  us.headquarters = kUs;
  us.site = kUs;
  us.need_h100e = {60000, 40000};
  us.budget_usd_per_quarter = 2e9;
  world.buyers = {chinese, us};

  world.demand.growth = {1.8, 2.2};
  world.demand.volatility_common = 0.2;
  world.demand.volatility_own = 0.3;
  world.demand.price_sensitivity = 2;
  world.demand.inference_elasticity = 0.6;
  world.demand.inference_compute_weight = 0.15;

  TraderSpec trader;
  trader.id = "trader";
  trader.hub = kHub;
  trader.serves = {kChina};
  trader.capacity_per_month = 1000;
  world.traders = {trader};
  RouteSpec route;
  route.id = "hub_china";
  route.from = kHub;
  route.to = kChina;
  route.cost_usd = 500;
  route.delay_days = 20;
  route.detection = 0.1;
  world.routes = {route};
  LandlordSpec landlord;
  landlord.id = "landlord";
  landlord.region = kHub;
  landlord.rents_to = {kChina};
  landlord.capacity_h100e = 5000;
  landlord.price_usd_per_month = 900;
  world.landlords = {landlord};
  return world;
}

/// An instrument in force over the whole run on foreign chips for customers in China.
inline InstrumentSpec instrument(Effect effect) {
  InstrumentSpec rule;
  rule.effect = std::move(effect);
  rule.id = std::string{rule.kind_name()};
  rule.effective = date("2025-01-01");
  rule.vendors = {kForeignVendor};
  rule.destinations = {kChina};
  return rule;
}

/// Runs one replica and hands out its record.
inline Record run_world(const WorldSpec& spec, const WorldLayout& layout, std::uint32_t replica = 0,
                        std::uint64_t seed = 1) {
  World world(spec, layout, StreamFactory{seed, replica});
  world.run();
  return world.record();
}

/// Sum of an integer series over the run, at one cell or over all cells.
inline std::int64_t total(const Record& record, const char* series) {
  const SeriesId id = record.layout().find(series);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < record.layout().size(id); ++i) sum += record.integers(id)[i];
  return sum;
}
inline std::int64_t total(const Record& record, const char* series, std::size_t i,
                          std::size_t j = 0) {
  const SeriesId id = record.layout().find(series);
  std::int64_t sum = 0;
  for (std::size_t q = 0; q < record.layout().quarters(); ++q) sum += record.integer(id, q, i, j);
  return sum;
}

/// Whether two records hold the same bits in every series.
inline bool same_bits(const Record& a, const Record& b) {
  const RecordLayout& layout = a.layout();
  for (std::size_t s = 0; s < layout.series().size(); ++s) {
    const SeriesId id{static_cast<std::uint16_t>(s)};
    const std::size_t bytes = layout.size(id) * 8;
    const bool is_integer = layout.series()[s].type == ValueType::kInteger;
    if (is_integer ? std::memcmp(a.integers(id), b.integers(id), bytes) != 0
                   : std::memcmp(a.reals(id), b.reals(id), bytes) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace tollgate::tests
