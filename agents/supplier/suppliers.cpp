#include "agents/supplier/suppliers.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

constexpr double kMonthDays = kDaysPerYear / 12;

}  // namespace

Suppliers::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : output(layout.add_series({"output",
                                {axes.supplier},
                                ValueType::kReal,
                                Aggregation::kSumOverQuarter,
                                "1",
                                "Capacity used",
                                "Wafers started (foundry) or stacks used (memory) for the chips "
                                "modelled."})),
      yield(layout.add_series({"yield",
                               {axes.supplier},
                               ValueType::kReal,
                               Aggregation::kAtQuarterEnd,
                               "1",
                               "Yield",
                               "Share of candidates on a wafer that are good."})) {}

Suppliers::Suppliers(const Context& context, const Series& series)
    : series_(series), specs_(context.spec.suppliers), states_(specs_.size()) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    states_[s].stacks = specs_[s].initial_stock;
    states_[s].last_allocation = context.spec.start;
  }
}

void Suppliers::start(Context& context) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    if (specs_[s].kind != SupplierKind::kFoundry) continue;
    context.schedule(context.first_time(specs_[s].id, "allocation_phase", kMonthDays),
                     EventKind::kCapacityAllocated, s);
  }
}

void Suppliers::handle(Context& context, const Event& event) {
  TOLLGATE_CHECK(event.kind == EventKind::kCapacityAllocated,
                 "an event for another kind of agent reached the suppliers");
  allocate(context, SupplierId{std::size_t{event.agent}});
  context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kCapacityAllocated,
                   event.agent);
}

double Suppliers::yield(std::size_t supplier) const {
  const SupplierSpec& spec = specs_[supplier];
  return spec.yield_max -
         (spec.yield_max - spec.yield_initial) *
             std::exp(-states_[supplier].cumulative_wafers / spec.yield_learning_wafers);
}

bool Suppliers::can_serve(const Context& context, SupplierId supplier, ChipId chip) const {
  const ChipSpec& spec = context.spec.chips[chip.index()];
  return spec.foundry == supplier && !context.law.is_cut(supplier, spec.vendor);
}

void Suppliers::make_memory(Context& context) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    if (specs_[s].kind != SupplierKind::kMemory) continue;
    const double months = in_days(context.now() - states_[s].last_allocation) / kMonthDays;
    states_[s].last_allocation = context.now();
    states_[s].stacks +=
        grown(specs_[s].capacity_per_month, specs_[s].capacity_growth, context) * months;
  }
}

// All chips that want stacks of one memory are cut in the same proportion when there are too few.
void Suppliers::limit_to_memory(Context& context, SupplierId memory) {
  double wanted = 0;
  for (const Want& want : wants_) {
    const ChipSpec& chip = context.spec.chips[want.chip.index()];
    if (chip.memory == memory) wanted += want.units * chip.memory_stacks;
  }
  const double stacks = states_[memory.index()].stacks;
  if (wanted <= stacks) return;
  for (Want& want : wants_) {
    if (context.spec.chips[want.chip.index()].memory == memory) want.units *= stacks / wanted;
  }
}

void Suppliers::allocate(Context& context, SupplierId foundry) {
  const SupplierSpec& spec = specs_[foundry.index()];
  State& state = states_[foundry.index()];
  make_memory(context);

  wants_.clear();
  for (std::size_t c = 0; c < context.spec.chips.size(); ++c) {
    const ChipId chip{c};
    const std::int64_t wanted = context.book.supply_requests[c];
    if (wanted <= 0 || !can_serve(context, foundry, chip)) continue;
    const SupplierId memory = context.spec.chips[c].memory;
    if (memory.is_some() && context.law.is_cut(memory, context.spec.chips[c].vendor)) continue;
    wants_.push_back({chip, static_cast<double>(wanted)});
  }
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    if (specs_[s].kind == SupplierKind::kMemory) limit_to_memory(context, SupplierId{s});
  }

  const double good = yield(foundry.index());
  double wafers_wanted = 0;
  for (const Want& want : wants_) {
    wafers_wanted += want.units / (context.spec.chips[want.chip.index()].chips_per_wafer * good);
  }
  const double capacity = grown(spec.capacity_per_month, spec.capacity_growth, context);
  const double share = wafers_wanted > capacity ? capacity / wafers_wanted : 1.0;
  for (const Want& want : wants_) {
    const ChipSpec& chip = context.spec.chips[want.chip.index()];
    const auto units = static_cast<std::int64_t>(std::floor(want.units * share));
    if (units == 0) continue;
    const double wafers = static_cast<double>(units) / (chip.chips_per_wafer * good);
    state.cumulative_wafers += wafers;
    context.record.add_real(series_.output, wafers, foundry.index());
    if (chip.memory.is_some()) {
      const double stacks = static_cast<double>(units) * chip.memory_stacks;
      State& memory = states_[chip.memory.index()];
      memory.stacks = std::max(0.0, memory.stacks - stacks);
      context.record.add_real(series_.output, stacks, chip.memory.index());
    }
    context.book.supply_requests[want.chip.index()] -= units;
    context.book.in_production[want.chip.index()] += units;
    const LotId lot = context.book.lots.open({want.chip, units, true});
    context.schedule(context.now() + days_rounded(chip.lead_time_days), EventKind::kLotCompleted,
                     chip.vendor.index(), lot.index());
  }
}

void Suppliers::close_quarter(Context& context) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    context.record.set_real(series_.yield, yield(s), s);
  }
}

void Suppliers::check(const Context&) const {
  for (const State& state : states_) {
    TOLLGATE_CHECK(state.stacks >= 0, "a memory maker has given out stacks that it had not");
  }
}

}  // namespace tollgate
