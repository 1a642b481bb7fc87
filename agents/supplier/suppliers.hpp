/// Foundries and memory makers: monthly capacity, shared among the chips that ask for it.
///
/// Each month a foundry turns the vendors' requests into wafers at its yield; when they exceed its
/// capacity, all are cut in proportion, and a chip whose memory is short is cut to the stacks there
/// are. Yield learns with cumulative wafers: Y = Ymax - (Ymax - Y0) exp(-W / learning).
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"

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
    double units = 0;
  };
  [[nodiscard]] double yield(std::size_t supplier) const;
  [[nodiscard]] bool can_serve(const Context& context, SupplierId supplier, ChipId chip) const;
  void allocate(Context& context, SupplierId foundry);
  void make_memory(Context& context);
  void limit_to_memory(Context& context, SupplierId memory);

  Series series_;
  const std::vector<SupplierSpec>& specs_;
  std::vector<State> states_;
  std::vector<Want> wants_;  ///< workspace of allocate
};

}  // namespace tollgate
