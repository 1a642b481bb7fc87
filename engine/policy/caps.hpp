/// Ceilings on units: US volume caps and Chinese import quotas, counted over rolling windows.
///
/// Shipments are counted in buckets of a day. A window is covered by enough whole buckets that in
/// no interval as long as the window more is shipped than the cap allows. A cap that is a share of
/// home sales moves with them: it allows share x (units of the same chip shipped at home over the
/// window) less what was shipped under it. A tie to domestic chips moves with what the customer has
/// had shipped of vendors at its own site. What raises a ceiling counts only on days that lie in
/// the window as a whole.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/policy/ceiling.hpp"
#include "engine/policy/law.hpp"

namespace tollgate {

/// Units counted in buckets of a day over a rolling window.
class RollingCount {
 public:
  RollingCount() = default;
  RollingCount(SimTime start, double window_days);

  void add(SimTime now, std::int64_t units);
  /// Takes off units that were added at `then`, if they are still within the window.
  void take_off(SimTime then, std::int64_t units);
  /// Units of the window that ends now, the oldest day counted as a whole.
  std::int64_t at_most(SimTime now);
  /// The same, an oldest day that lies in the window only in part left out.
  std::int64_t at_least(SimTime now);
  /// Spreads `units` evenly over the window before the start.
  void fill_before(std::int64_t units);

 private:
  void advance(SimTime now);
  [[nodiscard]] std::int64_t& bucket(std::int64_t number);
  SimTime start_;
  Duration window_;
  std::vector<std::int64_t> buckets_;
  std::int64_t current_ = 0;  ///< number of the newest bucket since the start
  std::int64_t sum_ = 0;
};

class Caps {
 public:
  static constexpr std::int64_t kNoCap = std::numeric_limits<std::int64_t>::max();

  Caps(const Law& law, std::size_t chips, SimTime start);

  /// Units of `chip` that may be shipped to `customer` now: the least over all caps in force.
  std::int64_t allowance(ChipId chip, CustomerId customer, SimTime now);
  /// The cap that allows the least, the first of several; none without a cap.
  InstrumentId binding(ChipId chip, CustomerId customer, SimTime now);

  /// Counts a shipment against every cap that touches it, and as a home sale where it is one.
  /// Returns the caps against which it was counted, a bit each.
  std::uint64_t count(ChipId chip, CustomerId customer, std::int64_t units, SimTime now);

  /// Gives back what came back of a shipment of `then`, as if it had not been shipped.
  void uncount(ChipId chip, CustomerId customer, std::int64_t units, SimTime then,
               std::uint64_t counted_by);

 private:
  struct Cap {
    InstrumentId instrument;
    Ceiling ceiling;
    std::vector<RollingCount> used;        ///< one; or one per customer, or per chip
    std::vector<RollingCount> home_sales;  ///< per chip, for a share of home sales
    std::vector<RollingCount> domestic;    ///< per customer, for a tie to domestic chips
  };
  std::int64_t left_under(Cap& cap, ChipId chip, CustomerId customer, SimTime now) const;
  [[nodiscard]] std::size_t counter(const Cap& cap, ChipId chip, CustomerId customer) const;
  [[nodiscard]] bool is_home_sale(const Cap& cap, CustomerId customer) const;
  [[nodiscard]] bool is_domestic(const Cap& cap, ChipId chip, CustomerId customer) const;

  const Law& law_;
  std::vector<Cap> caps_;
};

}  // namespace tollgate
