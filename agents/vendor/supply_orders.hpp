/// Orders for supply: what a vendor forecasts, and what it asks of its foundries each month.
#pragma once

#include <cstdint>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

/// Takes `units` just ordered (0: only time has passed) into the smoothed orders of the chip.
void smooth_orders(const Context& context, ChipId chip, std::int64_t units, Product& product);

/// Begins the forecast, and fills the frozen window of the chip's first foundry at the rate of the
/// initial pipeline. Before a launch during the run the forecast is what the vendor expects of it.
void start_supply(Context& context, ChipId chip, Product& product);

/// Monthly: reviews the forecast and orders chips up to the newsvendor's quantity for the time
/// until the order after this one can arrive (frozen window, lead time and a month), on top the
/// backlog that the vendor reckons with. Before a launch only what lies after it counts, after a
/// withdrawal nothing. Nothing is ordered of chips that rules bar or cut off from all foundries,
/// and of those that will be withdrawn before they could arrive.
void order_supply(Context& context, ChipId chip, Product& product);

/// Orders lapse when rules cut all foundries of the chip; where nothing is frozen, also when rules
/// bar it from its markets.
void follow_rules_of_supply(Context& context, ChipId chip, Product& product);

}  // namespace tollgate
