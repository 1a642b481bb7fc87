#include "agents/supplier/suppliers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agents/supplier/capacity.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

/// Units are allocated in parts, as the flow is of whole numbers.
constexpr double kPartsOfAUnit = 1000;
/// More than anybody orders: paths of capacity that grow for decades leave the whole numbers.
constexpr double kMostParts = 1e15;
/// No claim counts for more than this many times its proportional part, whatever its priority.
constexpr double kMostOfAShare = 2;
/// Units by which whole parts and whole chips may miss what a supplier has, over all chips.
constexpr double kRounding = 1;
/// Turns that each stage takes at most.
constexpr int kMostRounds = 4;

/// A stage of production: who can do it for a chip, first choice first, and how many good units of
/// theirs a chip takes.
struct Stage {
  std::vector<SupplierId> ChipSpec::*suppliers;
  double (*units_per_chip)(const ChipSpec& chip);
  /// Without suppliers: the stage does not bind, or the chip cannot be made.
  bool is_optional;

  [[nodiscard]] bool binds(const ChipSpec& chip) const {
    return !is_optional || (!(chip.*suppliers).empty() && units_per_chip(chip) > 0);
  }
};

/// In the order of SupplierKind.
constexpr std::array<Stage, 3> kStageTable = {{
    {&ChipSpec::foundries, [](const ChipSpec& chip) { return 1 / chip.chips_per_wafer; }, false},
    {&ChipSpec::packaging, [](const ChipSpec& chip) { return chip.packaging_units; }, true},
    {&ChipSpec::memory, [](const ChipSpec& chip) { return chip.memory_stacks; }, true},
}};

}  // namespace

Suppliers::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : output(layout.add_series({"output",
                                {axes.supplier},
                                ValueType::kReal,
                                Aggregation::kSumOverQuarter,
                                "1",
                                "Capacity used",
                                "Wafers started (foundry), packaging units or stacks (memory) "
                                "used for the chips modelled."})),
      yield(layout.add_series({"yield",
                               {axes.supplier},
                               ValueType::kReal,
                               Aggregation::kAtQuarterEnd,
                               "1",
                               "Yield",
                               "Share of candidates on a wafer that are good."})),
      supplier_stock(
          layout.add_series({"supplier_stock",
                             {axes.supplier},
                             ValueType::kReal,
                             Aggregation::kAtQuarterEnd,
                             "1",
                             "Supplier's stock",
                             "Units in store: stacks, or wafers that a vendor holds as dies."})) {}

Suppliers::Suppliers(const Context& context, const Series& series)
    : series_(series),
      specs_(context.spec.suppliers),
      states_(specs_.size()),
      used_now_(specs_.size(), 0) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    states_[s].stock = specs_[s].initial_stock;
    states_[s].made_until = context.spec.start;
  }
}

// One month for all: chips meet at packagers and memory makers, whose units do not go to the
// foundry that happens to be first.
void Suppliers::start(Context& context) {
  if (specs_.empty()) return;
  context.schedule(context.first_time("suppliers", "allocation_phase", kDaysPerMonth),
                   EventKind::kCapacityAllocated, 0);
}

void Suppliers::handle(Context& context, const Event& event) {
  TOLLGATE_CHECK(event.kind == EventKind::kCapacityAllocated,
                 "an event for another kind of agent reached the suppliers");
  make(context);
  allocate(context);
  context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kCapacityAllocated, 0);
}

double Suppliers::yield(std::size_t supplier) const {
  const SupplierSpec& spec = specs_[supplier];
  return spec.yield_max - (spec.yield_max - spec.yield_initial) *
                              std::exp(-states_[supplier].used / spec.yield_learning_wafers);
}

/// Units that are good, out of one.
double Suppliers::good_units(std::size_t supplier) const {
  return specs_[supplier].kind == SupplierKind::kFoundry ? yield(supplier) : 1;
}

bool Suppliers::keeps_stock(std::size_t supplier) const {
  return specs_[supplier].kind == SupplierKind::kMemory || specs_[supplier].stock_holder.is_some();
}

/// Brings the capacity of the month, by the rules of its end: into stock, or to be used now.
void Suppliers::make(const Context& context) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    State& state = states_[s];
    const SimTime from = std::exchange(state.made_until, context.now());
    const double left = context.law.supply_factor(SupplierId{s});
    if (!keeps_stock(s)) {
      state.this_month = capacity_at(specs_[s], context.spec.start, context.now()) * left;
      continue;
    }
    const VendorId holder = specs_[s].stock_holder;
    if (holder.is_some() && context.law.is_cut(SupplierId{s}, holder)) continue;
    const double units = made_between(specs_[s], context.spec.start, from, context.now()) * left;
    state.stock += units;
    state.made += units;
  }
}

/// Makes the network of a stage, in which nobody wants anything yet.
void Suppliers::build_stage(const Context& context, std::size_t stage) {
  SupplyNetwork& network = networks_[stage];
  network.clear();
  edges_[stage].clear();
  for (std::size_t s = 0; s < specs_.size(); ++s) network.add_supplier(0);
  measure_supply(stage);
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    const ChipSpec& chip = context.chips[wants_[i].chip.index()];
    const std::size_t product =
        network.add_product(0, context.spec.vendors[chip.vendor.index()].supply_priority);
    if (!kStageTable[stage].binds(chip)) continue;
    const std::vector<SupplierId>& suppliers = chip.*kStageTable[stage].suppliers;
    for (std::size_t choice = 0; choice < suppliers.size(); ++choice) {
      const SupplierId supplier = suppliers[choice];
      if (!context.can_supply(supplier, chip.vendor)) continue;
      edges_[stage].push_back(
          {network.add_edge(supplier.index(), product, static_cast<std::int64_t>(choice)),
           supplier.index(), i});
    }
  }
}

/// Tells the network of a stage what suppliers have.
void Suppliers::measure_supply(std::size_t stage) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    const double available = states_[s].stock + states_[s].this_month;
    const double parts = std::floor(available * good_units(s) * kPartsOfAUnit);
    networks_[stage].set_capacity(s, static_cast<std::int64_t>(std::min(parts, kMostParts)));
  }
}

/// Chips want of a stage what the other stages can make, or finally what all can.
void Suppliers::ask_stage(const Context& context, std::size_t stage, bool is_final) {
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    Want& want = wants_[i];
    std::int64_t chips = want.wanted;
    for (std::size_t other = 0; other < kStages; ++other) {
      if (is_final || other != stage) chips = std::min(chips, want.limit[other]);
    }
    want.units = chips;
    const ChipSpec& chip = context.chips[want.chip.index()];
    if (!kStageTable[stage].binds(chip)) continue;
    const double parts = kStageTable[stage].units_per_chip(chip) * kPartsOfAUnit;
    networks_[stage].set_wanted(
        i, static_cast<std::int64_t>(std::ceil(static_cast<double>(chips) * parts)));
  }
}

/// Whole chips that what was granted to a want is enough for.
std::int64_t Suppliers::chips_served(const Context& context, std::size_t stage,
                                     std::size_t want) const {
  const ChipSpec& chip = context.chips[wants_[want].chip.index()];
  const double chips_per_part = 1 / (kStageTable[stage].units_per_chip(chip) * kPartsOfAUnit);
  // A millionth of a chip, so that parts which were rounded up give their whole chips back.
  return static_cast<std::int64_t>(
      std::floor(static_cast<double>(networks_[stage].granted(want)) * chips_per_part + 1e-6));
}

/// Notes what the stage can make of what the other stages can. Returns whether that has changed.
bool Suppliers::limit_to_stage(const Context& context, std::size_t stage) {
  ask_stage(context, stage, false);
  networks_[stage].limit_claims(kMostOfAShare);
  networks_[stage].allocate();
  bool has_changed = false;
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    Want& want = wants_[i];
    if (!kStageTable[stage].binds(context.chips[want.chip.index()])) continue;
    const std::int64_t served = chips_served(context, stage, i);
    // A chip that has all it could use of this stage may use more when others leave theirs.
    const std::int64_t limit = served < want.units ? served : want.wanted;
    has_changed = has_changed || limit != want.limit[stage];
    want.limit[stage] = limit;
  }
  return has_changed;
}

/// Cuts what all stages are thought to reach to what this one can make of it.
void Suppliers::cut_to_stage(const Context& context, std::size_t stage) {
  ask_stage(context, stage, true);
  networks_[stage].allocate();
  for (std::size_t i = 0; i < wants_.size(); ++i) {
    Want& want = wants_[i];
    if (!kStageTable[stage].binds(context.chips[want.chip.index()])) continue;
    want.limit[stage] = std::min(want.limit[stage], chips_served(context, stage, i));
  }
}

/// Takes the units of what is begun from the suppliers, first choice first.
void Suppliers::use_stage(Context& context, std::size_t stage) {
  // A supplier may work for two stages, and has less left for the second.
  measure_supply(stage);
  ask_stage(context, stage, true);
  const SupplyNetwork& network = networks_[stage];
  networks_[stage].allocate();
  for (const Edge& edge : edges_[stage]) {
    const Want& want = wants_[edge.want];
    if (want.units == 0 || network.flow(edge.edge) == 0) continue;
    const ChipSpec& chip = context.chips[want.chip.index()];
    const double share = static_cast<double>(network.flow(edge.edge)) /
                         static_cast<double>(network.granted(edge.want));
    const double units = static_cast<double>(want.units) * kStageTable[stage].units_per_chip(chip) *
                         share / good_units(edge.supplier);
    context.record.add_real(series_.output, units, edge.supplier);
    used_now_[edge.supplier] += units;
  }
  // Yield is that of the month: it learns when all chips have been begun.
  for (std::size_t s = 0; s < specs_.size(); ++s) use(s, std::exchange(used_now_[s], 0));
}

void Suppliers::use(std::size_t supplier, double units) {
  State& state = states_[supplier];
  TOLLGATE_CHECK(units <= state.this_month + state.stock + kRounding,
                 specs_[supplier].id + " has given out units that it had not");
  const double of_month = std::min(units, state.this_month);
  const double of_stock = std::min(units - of_month, state.stock);
  state.this_month -= of_month;
  state.stock -= of_stock;
  state.used_of_stock += of_stock;
  state.used += units;
}

// A chip needs units of all stages, which one flow cannot say: the stages take turns. Each looks
// at what the others can make, so that a chip which lacks stacks leaves its wafers to others. Turns
// may end before the stages agree, and then one counts on more than another has: a last pass only
// cuts, after which every stage can make what is begun. It cuts nothing where they agree.
void Suppliers::allocate(Context& context) {
  wants_.clear();
  for (std::size_t c = 0; c < context.chips.size(); ++c) {
    const std::int64_t wanted = context.book.supply_orders[c].due();
    if (wanted <= 0) continue;
    Want want{.chip = ChipId{c}, .wanted = wanted};
    want.limit.fill(wanted);
    wants_.push_back(want);
  }
  std::ranges::fill(context.book.unserved, 0);
  if (wants_.empty()) return;
  for (std::size_t stage = 0; stage < kStages; ++stage) build_stage(context, stage);
  for (int round = 0; round < kMostRounds; ++round) {
    bool has_changed = false;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      has_changed = limit_to_stage(context, stage) || has_changed;
    }
    if (!has_changed) break;
  }
  if (context.trace != nullptr) note_scarcest();
  for (std::size_t stage = 0; stage < kStages; ++stage) cut_to_stage(context, stage);
  for (std::size_t stage = 0; stage < kStages; ++stage) use_stage(context, stage);
  for (const Want& want : wants_) {
    context.book.unserved[want.chip.index()] = want.wanted - want.units;
    if (want.units == 0) {
      if (context.trace != nullptr) trace_begun(context, want, LotId{});
      continue;
    }
    const ChipSpec& chip = context.chips[want.chip.index()];
    context.book.supply_orders[want.chip.index()].begin(want.units);
    context.book.in_production[want.chip.index()] += want.units;
    const LotId lot = context.book.lots.open({want.chip, want.units, true});
    if (context.trace != nullptr) trace_begun(context, want, lot);
    context.schedule(context.now() + days_rounded(chip.lead_time_days), EventKind::kLotCompleted,
                     chip.vendor.index(), lot.index());
  }
}

void Suppliers::note_scarcest() {
  for (Want& want : wants_) {
    want.scarcest =
        static_cast<std::size_t>(std::ranges::min_element(want.limit) - want.limit.begin());
  }
}

// Of the suppliers of the stage that binds the first choice is named.
void Suppliers::trace_begun(const Context& context, const Want& want, LotId lot) {
  constexpr std::array<Reason, kStages> kShort = {Reason::kFoundryShort, Reason::kPackagingShort,
                                                  Reason::kMemoryShort};
  const std::size_t stage = want.scarcest;
  const bool is_short = want.units < want.wanted;
  const ChipSpec& chip = context.chips[want.chip.index()];
  TraceLine line =
      context.trace->decide(Decision::kLotBegun, is_short ? kShort[stage] : Reason::kAsOrdered);
  if (lot.is_some()) line.opens(context, lot);
  line.chip(want.chip)
      .seller(chip.vendor)
      .units(want.units)
      .set(Number::kLimit, static_cast<double>(want.wanted))
      .set(Number::kDays, chip.lead_time_days);
  const std::vector<SupplierId>& suppliers = chip.*kStageTable[stage].suppliers;
  if (is_short && !suppliers.empty()) line.supplier(suppliers.front());
}

void Suppliers::close_quarter(Context& context) {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    context.record.set_real(series_.yield, yield(s), s);
    context.record.set_real(series_.supplier_stock, states_[s].stock, s);
  }
}

void Suppliers::check(const Context&) const {
  for (std::size_t s = 0; s < specs_.size(); ++s) {
    const State& state = states_[s];
    TOLLGATE_CHECK(state.stock >= 0, specs_[s].id + " has given out units that it had not");
    const double had = specs_[s].initial_stock + state.made;
    TOLLGATE_CHECK(std::abs(had - state.used_of_stock - state.stock) <= 1e-9 * (1 + had),
                   "units in the store of " + specs_[s].id + " were lost or made up");
  }
}

}  // namespace tollgate
