/// Stock that a rule strands: held, written down, then offered elsewhere at a discount.
///
/// A chip is barred while no buyer in any of its markets can hope for a permission. What lies there
/// after `write_down_days`, is in production or ordered beyond recall is written down at unit cost,
/// once, but for what orders are waiting for that the rules leave alone; a rule that goes before
/// averts it. From then on the chip is stranded, and its stock is
/// offered where its vendor did not mean to sell it.
#pragma once

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

/// Chips waited for on orders that rules leave alone: placed before a bar that spares them, or
/// licensed already.
std::int64_t exempt_units(const Context& context, const Product& product);

class StrandedStock {
 public:
  StrandedStock(RecordLayout& layout, const OutputAxes& axes);

  /// Looks at the law anew: begins or ends the time to the write-down of a chip.
  void follow_rules(Context& context, ChipId chip, Product& product) const;

  /// The time is over (kStockReviewed): writes down what is there.
  void review(Context& context, ChipId chip, Product& product) const;

 private:
  SeriesId write_down_, units_written_down_;
};

}  // namespace tollgate
