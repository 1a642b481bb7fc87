#include "agents/vendor/supply_orders.hpp"

#include <algorithm>
#include <cmath>

#include "agents/vendor/newsvendor.hpp"

namespace tollgate {
namespace {

/// Time until the next review.
constexpr double kReviewDays = kDaysPerYear / 12;

/// What is left of the price of a chip in the best of its markets, levy off; list price while it is
/// on offer nowhere.
double net_price_usd(const Context& context, ChipId chip) {
  const ChipSpec& spec = context.spec.chips[chip.index()];
  double best = 0;
  bool is_offered = false;
  for (const RegionId region : spec.markets) {
    const ChipOffer& offer = context.offers.chip(chip, region);
    if (!offer.is_open) continue;
    is_offered = true;
    for (std::size_t k = 0; k < context.law.customers(); ++k) {
      if (context.law.customer(CustomerId{k}).site != region) continue;
      const double levy = context.law.conditions(chip, CustomerId{k}).levy_rate;
      best = std::max(best, (1 - levy) * in_usd(offer.price));
    }
  }
  return is_offered ? best : spec.price_usd;
}

}  // namespace

// Exponential smoothing in continuous time: orders are impulses that fade with the memory.
void smooth_orders(const Context& context, ChipId chip, std::int64_t units, Product& product) {
  const ChipSpec& spec = context.spec.chips[chip.index()];
  const double memory = context.spec.vendors[spec.vendor.index()].forecast_memory_days;
  const double elapsed = in_days(context.now() - product.smoothed_at);
  product.orders_per_day =
      product.orders_per_day * std::exp(-elapsed / memory) + static_cast<double>(units) / memory;
  product.smoothed_at = context.now();
  product.forecast.count(units);
}

void order_supply(Context& context, ChipId chip, Product& product) {
  const ChipSpec& spec = context.spec.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  product.forecast.review(product.orders_per_day, context.now(), vendor.forecast_memory_days,
                          vendor.forecast_trend_memory_days);
  std::int64_t& request = context.book.supply_requests[chip.index()];
  request = 0;
  const SimTime arrival = context.now() + days_rounded(spec.lead_time_days);
  if (product.is_stranded || (spec.withdrawn && *spec.withdrawn < arrival)) return;

  const double span = spec.lead_time_days + kReviewDays;
  const double left_over =
      spec.unit_cost_usd * (1 - vendor.salvage + vendor.holding_cost * span / kDaysPerYear);
  const double target =
      static_cast<double>(product.waiting) +
      newsvendor_quantity(product.forecast.over(0, span),
                          net_price_usd(context, chip) - spec.unit_cost_usd, left_over);
  const double have = static_cast<double>(product.stock + context.book.in_production[chip.index()]);
  request = std::max<std::int64_t>(0, std::llround(target - have));
}

}  // namespace tollgate
