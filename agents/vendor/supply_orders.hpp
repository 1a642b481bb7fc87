/// Orders for supply: what a vendor forecasts, and what it asks of its foundries each month.
#pragma once

#include <cstdint>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

/// Takes `units` just ordered (0: only time has passed) into the smoothed orders of the chip.
void smooth_orders(const Context& context, ChipId chip, std::int64_t units, Product& product);

/// Reviews the forecast and asks the foundry for chips up to the newsvendor's quantity for the lead
/// time and the month until the next review, backlog on top. Nothing is asked for stranded chips
/// and for those that will be withdrawn before they could arrive.
void order_supply(Context& context, ChipId chip, Product& product);

}  // namespace tollgate
