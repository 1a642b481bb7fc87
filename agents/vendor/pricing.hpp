/// Prices: what a vendor asks for its chips in each region, posted on the offer board.
#pragma once

#include <vector>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

class Pricing {
 public:
  explicit Pricing(const Context& context);

  /// Sets the prices of all chips of a vendor and posts them.
  void reprice(Context& context, VendorId vendor, const Products& products);

 private:
  void post_offers(Context& context, ChipId chip, const Product& product) const;

  std::vector<double> price_factor_;  ///< by chip: price over list from scarcity
};

}  // namespace tollgate
