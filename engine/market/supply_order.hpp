/// What a vendor has ordered of one chip and its foundries have not begun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "engine/kernel/check.hpp"

namespace tollgate {

/// A standing order for one chip with a frozen window: what is ordered in a month falls due when
/// the window has passed, and cannot be taken back before or after. Foundries begin what is due as
/// far as they can; the rest stays due.
///
/// Without a window (0 months) an order is due at once and is good for a month: what was not begun
/// lapses with the next order.
///
/// Chips are never lost: all that were ordered have begun, lapsed, or are outstanding.
class SupplyOrder {
 public:
  /// Sets the length of the window, in which `per_month` chips are ordered for each month.
  void open(std::size_t months, std::int64_t per_month) {
    window_.assign(months, per_month);
    ordered_ = static_cast<std::int64_t>(months) * per_month;
  }

  /// A month has passed: the oldest order in the window falls due, and `units` are ordered.
  void order(std::int64_t units) {
    TOLLGATE_CHECK(units >= 0, "what was ordered is not taken back");
    ordered_ += units;
    if (window_.empty()) {
      lapsed_ += due_;
      due_ = units;
      return;
    }
    due_ += window_[next_];
    window_[next_] = units;
    next_ = (next_ + 1) % window_.size();
  }

  /// Foundries begin `units` of what is due.
  void begin(std::int64_t units) {
    TOLLGATE_CHECK(units >= 0 && units <= due_, "a foundry begins what is due");
    due_ -= units;
    begun_ += units;
  }

  /// Nobody can serve the order any more: all that is outstanding lapses.
  void lapse() {
    lapsed_ += outstanding();
    due_ = 0;
    window_.assign(window_.size(), 0);
  }

  [[nodiscard]] std::int64_t due() const { return due_; }
  [[nodiscard]] std::int64_t outstanding() const {
    return std::accumulate(window_.begin(), window_.end(), due_);
  }
  /// Chips that the vendor is bound to take.
  [[nodiscard]] std::int64_t committed() const { return window_.empty() ? 0 : outstanding(); }
  [[nodiscard]] bool is_binding() const { return !window_.empty(); }

  [[nodiscard]] std::int64_t ordered() const { return ordered_; }
  [[nodiscard]] std::int64_t begun() const { return begun_; }
  [[nodiscard]] std::int64_t lapsed() const { return lapsed_; }

 private:
  std::vector<std::int64_t> window_;  ///< orders of a month, a ring
  std::size_t next_ = 0;              ///< the oldest
  std::int64_t due_ = 0;
  std::int64_t ordered_ = 0;
  std::int64_t begun_ = 0;
  std::int64_t lapsed_ = 0;
};

}  // namespace tollgate
