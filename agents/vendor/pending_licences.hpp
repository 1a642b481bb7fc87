/// Orders that wait for a licence, as their vendor reckons with them meanwhile.
///
/// A vendor does not know which of them will be granted. It counts `licence_stock_share` of the
/// chips that they can be expected to need: as demand when it orders supply and prices, and as
/// stock that orders placed later may not have.
#pragma once

#include <cstdint>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

/// Chips held for an order under review: the share times the chance of a grant times its units.
double held_for(const Context& context, const Order& order);

/// Chips of the backlog that the vendor reckons with: those of orders that may ship, and what it
/// holds for orders under review.
double reckoned_backlog(const Context& context, const Product& product);

}  // namespace tollgate
