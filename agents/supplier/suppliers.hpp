/// Foundries and memory makers: monthly capacity, shared among the chips that ask for it.
///
/// Each month a foundry turns the vendors' requests into wafers at its yield. What it can start and
/// what stacks the memory makers can give is allocated by minimum-cost maximum flow over the
/// supplier graph, from which rules cut edges (engine/market/supply_network). Yield learns with
/// cumulative wafers: Y = Ymax - (Ymax - Y0) exp(-W / learning).
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/supply_network.hpp"

namespace tollgate {

class Suppliers {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId output, yield;
  };

  Suppliers(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  struct State {
    double cumulative_wafers = 0;
    double stacks = 0;  ///< memory in store
    SimTime last_allocation;
  };
  struct Want {
    ChipId chip;
    std::int64_t wanted = 0;   ///< chips
    std::int64_t units = 0;    ///< chips that can be started as far as the stages looked at go
    std::int64_t ceiling = 0;  ///< chips for which there is memory
  };
  [[nodiscard]] double yield(std::size_t supplier) const;
  [[nodiscard]] bool can_serve(const Context& context, SupplierId supplier, ChipId chip) const;
  void allocate(Context& context, SupplierId foundry);
  void make_memory(Context& context);
  void limit_to_wafers(const Context& context, SupplierId foundry, double good);
  bool limit_to_memory(const Context& context);
  void use_memory(Context& context);
  [[nodiscard]] double capacity(const Context& context, SupplierId supplier) const;

  Series series_;
  const std::vector<SupplierSpec>& specs_;
  std::vector<State> states_;
  std::vector<Want> wants_;  ///< workspace of allocate
  /// Workspace of limit_to_memory: place of an edge in the network, its maker and its product.
  struct StackEdge {
    std::size_t edge, maker, want;
  };
  std::vector<StackEdge> stack_edges_;
  SupplyNetwork network_;
};

}  // namespace tollgate
