#include "agents/supplier/suppliers.hpp"

#include <algorithm>
#include <cmath>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

constexpr double kMonthDays = kDaysPerYear / 12;
/// Wafers are allocated in parts, as the flow is of whole numbers.
constexpr double kPartsOfAWafer = 1000;
/// No claim counts for more than this many times its proportional part, whatever its priority.
constexpr double kMostOfAShare = 2;
/// Turns that the wafer and the memory stage take at most.
constexpr int kMostRounds = 4;

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
  const ChipSpec& spec = context.chips[chip.index()];
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

double Suppliers::capacity(const Context& context, SupplierId supplier) const {
  const SupplierSpec& spec = specs_[supplier.index()];
  return grown(spec.capacity_per_month, spec.capacity_growth, context);
}

/// Cuts `units` to the wafers that the foundry can start this month.
void Suppliers::limit_to_wafers(const Context& context, SupplierId foundry, double good) {
  network_.clear();
  const std::size_t fab = network_.add_supplier(
      static_cast<std::int64_t>(std::floor(capacity(context, foundry) * kPartsOfAWafer)));
  for (const Want& want : wants_) {
    const ChipSpec& chip = context.chips[want.chip.index()];
    const double parts = kPartsOfAWafer / (chip.chips_per_wafer * good);
    const auto wanted =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(want.ceiling) * parts));
    const double priority = context.spec.vendors[chip.vendor.index()].supply_priority;
    network_.add_edge(fab, network_.add_product(wanted, priority));
  }
  network_.limit_claims(kMostOfAShare);
  network_.allocate();
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    const ChipSpec& chip = context.chips[wants_[i].chip.index()];
    const double chips_per_part = chip.chips_per_wafer * good / kPartsOfAWafer;
    // A millionth of a chip, so that parts which were rounded up give their whole chips back.
    const double started =
        std::floor(static_cast<double>(network_.granted(i)) * chips_per_part + 1e-6);
    wants_[i].units = std::min(wants_[i].ceiling, static_cast<std::int64_t>(started));
  }
}

/// Cuts `units` to the stacks there are, and notes the ceilings. Returns whether it had to cut.
bool Suppliers::limit_to_memory(const Context& context) {
  network_.clear();
  stack_edges_.clear();
  for (const State& state : states_) {
    network_.add_supplier(static_cast<std::int64_t>(std::floor(state.stacks)));
  }
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    const ChipSpec& chip = context.chips[wants_[i].chip.index()];
    const double stacks = chip.memory.empty() ? 0 : chip.memory_stacks;
    const std::size_t product = network_.add_product(
        static_cast<std::int64_t>(std::ceil(static_cast<double>(wants_[i].units) * stacks)),
        context.spec.vendors[chip.vendor.index()].supply_priority);
    for (std::size_t choice = 0; choice < chip.memory.size(); ++choice) {
      const SupplierId maker = chip.memory[choice];
      if (context.law.is_cut(maker, chip.vendor)) continue;
      stack_edges_.push_back(
          {network_.add_edge(maker.index(), product, static_cast<std::int64_t>(choice)),
           maker.index(), i});
    }
  }
  network_.limit_claims(kMostOfAShare);
  network_.allocate();
  bool has_cut = false;
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    const ChipSpec& chip = context.chips[wants_[i].chip.index()];
    if (chip.memory.empty() || chip.memory_stacks <= 0) continue;
    const auto served = static_cast<std::int64_t>(
        std::floor(static_cast<double>(network_.granted(i)) / chip.memory_stacks));
    if (served >= wants_[i].units) continue;
    wants_[i].units = wants_[i].ceiling = served;
    has_cut = true;
  }
  return has_cut;
}

/// Takes the stacks of what is started from their makers, as the last allocation had them flow.
void Suppliers::use_memory(Context& context) {
  for (const StackEdge& stack : stack_edges_) {
    const double stacks = static_cast<double>(network_.flow(stack.edge));
    State& maker = states_[stack.maker];
    maker.stacks = std::max(0.0, maker.stacks - stacks);
    context.record.add_real(series_.output, stacks, stack.maker);
  }
}

// A chip needs both wafers and stacks, which one flow cannot say: the stages take turns. Chips that
// lack stacks leave their wafers to others, whose stacks are then looked at again. Every round but
// the last lowers a ceiling, so what comes out is feasible; rounds are few because the ceilings
// are.
void Suppliers::allocate(Context& context, SupplierId foundry) {
  State& state = states_[foundry.index()];
  make_memory(context);
  wants_.clear();
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const ChipId chip{c};
    const std::int64_t wanted = context.book.supply_requests[c];
    if (wanted <= 0 || !can_serve(context, foundry, chip)) continue;
    wants_.push_back({chip, wanted, wanted, wanted});
  }
  if (wants_.empty()) return;
  const double good = yield(foundry.index());
  for (int round = 0; round < kMostRounds; ++round) {
    limit_to_wafers(context, foundry, good);
    if (!limit_to_memory(context)) break;
  }
  use_memory(context);
  for (const Want& want : wants_) {
    if (want.units == 0) continue;
    const ChipSpec& chip = context.chips[want.chip.index()];
    const double wafers = static_cast<double>(want.units) / (chip.chips_per_wafer * good);
    state.cumulative_wafers += wafers;
    context.record.add_real(series_.output, wafers, foundry.index());
    context.book.supply_requests[want.chip.index()] -= want.units;
    context.book.in_production[want.chip.index()] += want.units;
    const LotId lot = context.book.lots.open({want.chip, want.units, true});
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
