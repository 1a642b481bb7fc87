/// A share of a growing amount, charged piece by piece in whole cents.
///
/// Each piece is charged what brings the sum of all charges to the share of the sum of all pieces,
/// to the nearest cent. So the sum is exact however many pieces there are, and a piece is off by
/// less than a cent; rounding each piece alone would let half a cent for each add up.
#pragma once

#include "engine/kernel/money.hpp"

namespace tollgate {

class RunningShare {
 public:
  explicit RunningShare(double rate) : rate_(rate) {}

  /// The charge on a further piece. Not negative: rounding keeps the order of amounts.
  Cents charge(Cents piece) {
    base_ = base_ + piece;
    const Cents before = charged_;
    charged_ = share_of(base_, rate_);
    return charged_ - before;
  }

  [[nodiscard]] Cents base() const { return base_; }
  [[nodiscard]] Cents charged() const { return charged_; }

 private:
  double rate_;
  Cents base_{0};
  Cents charged_{0};
};

}  // namespace tollgate
