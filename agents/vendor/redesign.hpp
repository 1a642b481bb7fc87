/// Compliant redesigns: when rules close the focus region to a chip, its vendor scales it down
/// until no rule catches it, and launches the result after a lognormal lead time.
///
/// The scenario has slots for such chips (`redesign_of`), used in the order of their scripted
/// dates; those dated before the start are on sale. A redesign that a later rule closes is followed
/// by the next slot; one that a rule catches while it is under way is begun anew.
#pragma once

#include <cstddef>
#include <vector>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

class Redesigns {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId tpp, dram_bandwidth, io_bandwidth;
  };

  Redesigns(const Context& context, const Series& series);

  /// Takes the scripted redesigns of after the start away, unless the scenario keeps them.
  void start(Context& context);

  /// Counts an order from the focus region, so that a redesign knows how large its market is.
  void hear_order(const Context& context, const Order& order);

  /// Looks at the rules known now and begins what redesigns they call for; whether any was begun.
  bool review(Context& context);

  /// The vendor's supply orders are due: a chip under way is ordered for the market it will have.
  void plan_supply(const Context& context, VendorId vendor, Products& products) const;

  /// A redesign comes on sale (kChipLaunched); nothing for other chips.
  void launch(const Context& context, ChipId chip, Products& products);

  void close_quarter(Context& context) const;

 private:
  enum class Stage : unsigned char { kFree, kUnderWay, kLaunched };
  struct Slot {
    ChipId chip, base;
    Stage stage = Stage::kFree;
    double orders_per_day = 0;  ///< of the chips that it replaces, in chips of its own
    EventHandle launch;
    Stream noise;
  };
  /// Orders of a chip from the focus region, smoothed exponentially.
  struct Market {
    double orders_per_day = 0;
    SimTime smoothed_at;
  };

  bool begin(Context& context, Slot& slot);
  [[nodiscard]] double market_of(const Context& context, ChipId chip) const;

  Series series_;
  std::vector<Slot> slots_;      ///< by base, then by scripted date
  std::vector<Market> markets_;  ///< by chip; kept only when there are slots
};

}  // namespace tollgate
