#include "agents/vendor/supply_orders.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {

// Exponential smoothing in continuous time: orders are impulses that fade with the memory.
void smooth_orders(const Context& context, ChipId chip, std::int64_t units, Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const double memory = context.spec.vendors[spec.vendor.index()].forecast_memory_days;
  const double elapsed = in_days(context.now() - product.smoothed_at);
  product.orders_per_day =
      product.orders_per_day * std::exp(-elapsed / memory) + static_cast<double>(units) / memory;
  product.smoothed_at = context.now();
}

void order_supply(Context& context, ChipId chip, const Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  const bool is_ending =
      spec.withdrawn && *spec.withdrawn < context.now() + days_rounded(spec.lead_time_days);
  const double ahead = spec.lead_time_days + vendor.stock_cover_days;
  const double target = static_cast<double>(product.waiting) + product.orders_per_day * ahead;
  const double have = static_cast<double>(product.stock + context.book.in_production[chip.index()]);
  context.book.supply_requests[chip.index()] =
      is_ending || product.is_stranded ? 0 : std::max<std::int64_t>(0, std::llround(target - have));
}

}  // namespace tollgate
