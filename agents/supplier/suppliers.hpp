/// Foundries, packagers and memory makers: monthly capacity, shared among the chips that ask for
/// it.
///
/// A chip needs units of each stage: wafers, packaging, stacks. Once a month what vendors' orders
/// have due is allocated stage by stage by minimum-cost maximum flow over the supplier graph, from
/// which rules cut edges (engine/market/supply_network). Memory makers keep what they have not
/// used, others do so for a vendor only (`stock_holder`: a bank of dies). Yield learns with
/// cumulative wafers: Y = Ymax - (Ymax - Y0) exp(-W / learning).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/supply_network.hpp"

namespace tollgate {

class Suppliers {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId output, yield, supplier_stock;
  };

  Suppliers(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  static constexpr std::size_t kStages = kSupplierKindNames.size();

  /// Units of a supplier: all that it had came from the initial stock or was made, and has been
  /// used, lost at the end of a month, or is there.
  struct State {
    double stock = 0;       ///< kept
    double this_month = 0;  ///< lost if not used
    double made = 0;        ///< into stock
    double used = 0;        ///< in all; of a foundry: cumulative wafers
    double used_of_stock = 0;
    SimTime made_until;
  };
  struct Want {
    ChipId chip;
    std::int64_t wanted = 0;  ///< chips
    std::int64_t units = 0;   ///< chips that all stages can make
    /// Chips that a stage can make; `wanted` where it does not bind.
    std::array<std::int64_t, kStages> limit{};
    /// The stage that reaches for the least, before the last pass cuts the others to it; traced.
    std::size_t scarcest = 0;
  };
  /// An edge of the network of a stage.
  struct Edge {
    std::size_t edge, supplier, want;
  };

  [[nodiscard]] double yield(std::size_t supplier) const;
  [[nodiscard]] double good_units(std::size_t supplier) const;
  [[nodiscard]] bool keeps_stock(std::size_t supplier) const;
  void make(const Context& context);
  void allocate(Context& context);
  void build_stage(const Context& context, std::size_t stage);
  void measure_supply(std::size_t stage);
  void ask_stage(const Context& context, std::size_t stage, bool is_final);
  [[nodiscard]] std::int64_t chips_served(const Context& context, std::size_t stage,
                                          std::size_t want) const;
  bool limit_to_stage(const Context& context, std::size_t stage);
  void cut_to_stage(const Context& context, std::size_t stage);
  void use_stage(Context& context, std::size_t stage);
  void use(std::size_t supplier, double units);
  void note_scarcest();
  static void trace_begun(const Context& context, const Want& want, LotId lot);

  Series series_;
  const std::vector<SupplierSpec>& specs_;
  std::vector<State> states_;
  // Workspace of allocate.
  std::vector<Want> wants_;
  std::array<SupplyNetwork, kStages> networks_;   ///< by stage
  std::array<std::vector<Edge>, kStages> edges_;  ///< by stage
  std::vector<double> used_now_;                  ///< units of a stage, by supplier
};

}  // namespace tollgate
