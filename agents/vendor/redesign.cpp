#include "agents/vendor/redesign.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>

#include "agents/rule_book.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/market/throughput.hpp"
#include "engine/policy/compliance.hpp"

namespace tollgate {
namespace {

double throughput_of(const Context& context, const ChipSpec& chip) {
  return general_throughput(chip, context.spec.demand.inference_technology());
}

double memory_days(const Context& context, ChipId chip) {
  return context.spec.vendors[context.chips[chip.index()].vendor.index()].forecast_memory_days;
}

}  // namespace

Redesigns::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto attribute = [&](const char* name, const char* units, const char* long_name,
                             const char* description) {
    return layout.add_series({name,
                              {axes.chip},
                              ValueType::kReal,
                              Aggregation::kAtQuarterEnd,
                              units,
                              long_name,
                              description});
  };
  tpp = attribute("chip_tpp", "1", "Total processing performance",
                  "Bits times dense TOPS of the chip on sale or under way; NaN for a redesign that "
                  "has not been begun.");
  dram_bandwidth = attribute("chip_dram_bandwidth", "TB/s", "Memory bandwidth",
                             "Of the chip on sale or under way; NaN as for chip_tpp.");
  io_bandwidth = attribute("chip_io_bandwidth", "GB/s", "Link bandwidth",
                           "Of the chip on sale or under way; NaN as for chip_tpp.");
}

Redesigns::Redesigns(const Context& context, const Series& series) : series_(series) {
  if (context.spec.scripted_redesigns) return;
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipSpec& chip = context.chips[c];
    if (!chip.redesign_of.is_some()) continue;
    Slot slot;
    slot.chip = ChipId{c};
    slot.base = chip.redesign_of;
    if (chip.launch <= context.spec.start) slot.stage = Stage::kLaunched;
    slot.noise = context.streams.make(chip.id, "redesign");
    slots_.push_back(slot);
  }
  std::ranges::sort(slots_, {}, [&](const Slot& slot) {
    return std::tuple{slot.base, context.chips[slot.chip.index()].launch, slot.chip};
  });
  if (!slots_.empty()) markets_.assign(context.chips.size(), Market{0, context.spec.start});
}

void Redesigns::start(Context& context) {
  for (const Slot& slot : slots_) {
    if (slot.stage != Stage::kFree) continue;
    ChipSpec& chip = context.chips[slot.chip.index()];
    chip.launch = kNoDateYet;
    chip.initial_stock = chip.initial_pipeline = chip.launch_orders_per_month = 0;
  }
}

void Redesigns::hear_order(const Context& context, const Order& order) {
  if (slots_.empty() || order.region != context.spec.focus_region) return;
  Market& market = markets_[order.chip.index()];
  const double memory = memory_days(context, order.chip);
  const double elapsed = in_days(context.now() - market.smoothed_at);
  market.orders_per_day = market.orders_per_day * std::exp(-elapsed / memory) +
                          static_cast<double>(order.waiting) / memory;
  market.smoothed_at = context.now();
}

// The smoothing begins at zero with the run; divided by the weight that it has seen since then, it
// is unbiased for steady orders.
double Redesigns::market_of(const Context& context, ChipId chip) const {
  const Market& market = markets_[chip.index()];
  const double memory = memory_days(context, chip);
  const double seen = 1 - std::exp(-in_days(context.now() - context.spec.start) / memory);
  if (seen <= 0) return 0;
  return market.orders_per_day * std::exp(-in_days(context.now() - market.smoothed_at) / memory) /
         seen;
}

bool Redesigns::review(Context& context) {
  bool has_begun = false;
  for (std::size_t first = 0; first < slots_.size();) {
    const ChipId base = slots_[first].base;
    std::size_t next = first;  // first free slot of this base
    std::size_t end = first;
    for (; end < slots_.size() && slots_[end].base == base; ++end) {
      if (slots_[end].stage != Stage::kFree) next = end + 1;
    }
    const bool is_first = next == first;
    const ChipId current = is_first ? base : slots_[next - 1].chip;
    if (is_closed(context.law, current, context.spec.focus_region, context.now())) {
      const bool is_renewed = !is_first && slots_[next - 1].stage == Stage::kUnderWay;
      const std::size_t chosen = is_renewed ? next - 1 : next;
      if (chosen < end) has_begun = begin(context, slots_[chosen]) || has_begun;
    }
    first = end;
  }
  return has_begun;
}

bool Redesigns::begin(Context& context, Slot& slot) {
  const ChipSpec& base = context.chips[slot.base.index()];
  const VendorSpec& vendor = context.spec.vendors[base.vendor.index()];
  const ChipValue value = [&](const ChipSpec& chip) { return throughput_of(context, chip); };
  // Free of any licence if that can be had, else such as may be sold.
  std::optional<ChipSpec> design;
  for (const DesignAim aim : {DesignAim::kFree, DesignAim::kSold}) {
    const std::vector<Limit> limits =
        limits_on(context.law, slot.chip, context.spec.focus_region, context.now(), aim);
    design = scaled_under(base, limits, vendor.redesign_margin, value);
    if (design) break;
  }
  if (!design) return false;
  // A rule that names a chip is not met by giving the chip another name.
  if (design->tpp == base.tpp && design->dram_bandwidth_tbs == base.dram_bandwidth_tbs &&
      design->io_bandwidth_gbs == base.io_bandwidth_gbs) {
    return false;
  }

  const double base_value = value(base);
  const double design_value = value(*design);
  ChipSpec& chip = context.chips[slot.chip.index()];
  design->id = chip.id;
  design->name = chip.name;
  design->markets = chip.markets;
  design->redesign_of = slot.base;
  design->successor_of = ChipId{};
  design->initial_stock = design->initial_pipeline = 0;
  // The same money for the same compute; but the die costs what it did.
  design->price_usd = std::max(base.price_usd * design_value / base_value, base.unit_cost_usd);
  const double days = context.spec.noise
                          ? draw_lognormal(vendor.redesign_days, vendor.redesign_cv, slot.noise)
                          : vendor.redesign_days;
  design->launch = std::max(context.now() + days_rounded(days), base.launch);

  // The scenario's last day of sale holds, unless the chip comes after it.
  design->withdrawn = chip.withdrawn;
  if (design->withdrawn && *design->withdrawn <= design->launch) design->withdrawn.reset();

  // Orders for what is barred fade: a redesign begun anew keeps what it was begun for.
  const double begun_for =
      slot.stage == Stage::kUnderWay ? slot.orders_per_day * value(chip) / design_value : 0.0;
  slot.orders_per_day = market_of(context, slot.base) * base_value / design_value;
  for (const Slot& earlier : slots_) {
    if (earlier.base != slot.base || earlier.stage != Stage::kLaunched) continue;
    slot.orders_per_day += market_of(context, earlier.chip) *
                           value(context.chips[earlier.chip.index()]) / design_value;
  }
  slot.orders_per_day = std::max(slot.orders_per_day, begun_for);
  if (slot.stage == Stage::kUnderWay) context.events.cancel(slot.launch);
  slot.stage = Stage::kUnderWay;
  slot.launch = context.schedule_cancellable(design->launch, EventKind::kChipLaunched,
                                             base.vendor.index(), slot.chip.index());
  if (context.trace != nullptr) {
    context.trace->decide(Decision::kRedesignBegun, Reason::kClosedByRule)
        .by(base.vendor)
        .of(Subject::kChip, slot.base.index())
        .chip(slot.chip)
        .set(Number::kDays, in_days(design->launch - context.now()));
  }
  chip = *design;
  context.law.revise(slot.chip);
  post_grant_odds(context.spec, slot.chip, context.chips[slot.chip.index()].tpp, context.law);
  context.law.compile(context.now());
  context.send(EventKind::kChipRevised, 0, slot.chip.index());
  return true;
}

void Redesigns::plan_supply(const Context& context, VendorId vendor, Products& products) const {
  for (const Slot& slot : slots_) {
    if (slot.stage != Stage::kUnderWay || context.chips[slot.chip.index()].vendor != vendor) {
      continue;
    }
    products[slot.chip.index()].orders_per_day = slot.orders_per_day;
    products[slot.chip.index()].smoothed_at = context.now();
  }
}

void Redesigns::launch(const Context& context, ChipId chip, Products& products) {
  for (Slot& slot : slots_) {
    if (slot.chip != chip) continue;
    slot.stage = Stage::kLaunched;
    products[chip.index()].orders_per_day = slot.orders_per_day;
    products[chip.index()].smoothed_at = context.now();
  }
}

void Redesigns::close_quarter(Context& context) const {
  const auto record = [&](const ChipSpec& chip, std::size_t c) {
    context.record.set_real(series_.tpp, chip.tpp, c);
    context.record.set_real(series_.dram_bandwidth, chip.dram_bandwidth_tbs, c);
    context.record.set_real(series_.io_bandwidth, chip.io_bandwidth_gbs, c);
  };
  for (std::size_t c = 0; c < context.chips.size(); ++c) record(context.chips[c], c);
  ChipSpec none;
  none.tpp = none.dram_bandwidth_tbs = none.io_bandwidth_gbs =
      std::numeric_limits<double>::quiet_NaN();
  for (const Slot& slot : slots_) {
    if (slot.stage == Stage::kFree) record(none, slot.chip.index());
  }
}

}  // namespace tollgate
