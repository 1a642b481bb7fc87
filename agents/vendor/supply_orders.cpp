#include "agents/vendor/supply_orders.hpp"

#include <algorithm>
#include <cmath>

#include "agents/vendor/newsvendor.hpp"
#include "agents/vendor/stranded_stock.hpp"

namespace tollgate {
namespace {

/// Time until the next review.
constexpr double kReviewDays = kDaysPerMonth;
/// From an order until foundries look at it: they allocate once a month, on a day of their own.
constexpr double kWaitDays = kReviewDays / 2;

/// What is left of the price of a chip in the best of its markets, levy off; list price while it is
/// on offer nowhere.
double net_price_usd(const Context& context, ChipId chip) {
  const ChipSpec& spec = context.chips[chip.index()];
  double best = 0;
  bool is_offered = false;
  for (const RegionId region : spec.markets) {
    const ChipOffer& offer = context.offers.chip(chip, region);
    if (!offer.is_open) continue;
    is_offered = true;
    for (std::size_t k = 0; k < context.law.customers(); ++k) {
      if (context.law.customer(CustomerId{k}).site != region) continue;
      const double levy = context.law.conditions(chip, CustomerId{k}).levy_rate +
                          context.expected_fine(spec.vendor, region);
      best = std::max(best, (1 - levy) * in_usd(offer.price));
    }
  }
  return is_offered ? best : spec.price_usd;
}

/// Days for which orders are frozen before wafers begin: whole months of the first foundry.
std::size_t frozen_months(const Context& context, const ChipSpec& spec) {
  if (spec.foundries.empty()) return 0;
  const SupplierSpec& foundry = context.spec.suppliers[spec.foundries.front().index()];
  return static_cast<std::size_t>(std::llround(foundry.frozen_days / kReviewDays));
}

/// Whether rules leave the vendor no foundry for the chip.
bool is_cut_off(const Context& context, const ChipSpec& spec) {
  return std::ranges::none_of(
      spec.foundries, [&](SupplierId foundry) { return context.can_supply(foundry, spec.vendor); });
}

/// Places the order, and says why it is as large as that.
void place(Context& context, ChipId chip, std::int64_t units, std::int64_t have, Reason reason) {
  context.book.supply_orders[chip.index()].order(units);
  if (context.trace == nullptr) return;
  context.trace->decide(Decision::kSupplyOrdered, reason)
      .by(context.chips[chip.index()].vendor)
      .chip(chip)
      .units(units)
      .set(Number::kHave, static_cast<double>(have));
}

bool is_withdrawn_before(const ChipSpec& spec, SimTime date) {
  return spec.withdrawn && *spec.withdrawn < date;
}

}  // namespace

// Exponential smoothing in continuous time: orders are impulses that fade with the memory.
void smooth_orders(const Context& context, ChipId chip, std::int64_t units, Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const double memory = context.spec.vendors[spec.vendor.index()].forecast_memory_days;
  // Before its launch what is expected of a chip does not fade.
  const SimTime faded_from = std::max(product.smoothed_at, spec.launch);
  if (context.now() > faded_from) {
    product.orders_per_day *= std::exp(-in_days(context.now() - faded_from) / memory);
  }
  product.smoothed_at = context.now();
  product.orders_per_day += static_cast<double>(units) / memory;
  product.forecast.count(units);
}

void start_supply(Context& context, ChipId chip, Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  const double made_per_day = spec.initial_pipeline / std::max(spec.lead_time_days, 1.0);
  const bool is_to_come = spec.launch > context.now();
  product.orders_per_day = is_to_come ? spec.launch_orders_per_month / kReviewDays
                                      : vendor.initial_orders_cover * made_per_day;
  product.smoothed_at = context.now();
  product.forecast.start(product.orders_per_day, std::max(context.now(), spec.launch));

  const std::size_t months = frozen_months(context, spec);
  const double frozen_days = static_cast<double>(months) * kReviewDays;
  const bool is_ending =
      is_withdrawn_before(spec, context.now() + days_rounded(frozen_days + spec.lead_time_days));
  context.book.supply_orders[chip.index()].open(
      months, is_ending ? 0 : std::llround(made_per_day * kReviewDays));
}

void order_supply(Context& context, ChipId chip, Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  const SimTime now = context.now();
  if (now < spec.launch) {  // nothing to learn from yet, and the date may move
    product.forecast.start(product.orders_per_day, spec.launch);
  } else {
    product.forecast.review(product.orders_per_day, now, vendor.forecast_memory_days,
                            vendor.forecast_trend_memory_days);
  }
  const SupplyOrder& order = context.book.supply_orders[chip.index()];
  const double until_arrival = kWaitDays +
                               static_cast<double>(frozen_months(context, spec)) * kReviewDays +
                               spec.lead_time_days;
  const std::int64_t have =
      product.stock + context.book.in_production[chip.index()] + order.committed();
  if (product.is_barred && !is_cut_off(context, spec)) {  // what rules leave alone is made
    return place(context, chip, std::max<std::int64_t>(0, exempt_units(context, product) - have),
                 have, Reason::kExemptOnly);
  }
  if (is_cut_off(context, spec)) return place(context, chip, 0, have, Reason::kCutOff);
  if (is_withdrawn_before(spec, now + days_rounded(until_arrival))) {
    return place(context, chip, 0, have, Reason::kEndOfSale);
  }
  const double span = until_arrival + kReviewDays;
  const double before_launch = std::max(0.0, in_days(spec.launch - now));
  const double end = spec.withdrawn ? std::min(span, in_days(*spec.withdrawn - now)) : span;
  const double left_over =
      spec.unit_cost_usd * (1 - vendor.salvage + vendor.holding_cost * span / kDaysPerYear);
  const double quantity =
      newsvendor_quantity(product.forecast.over(0, end - before_launch),
                          net_price_usd(context, chip) - spec.unit_cost_usd, left_over);
  place(context, chip,
        std::max<std::int64_t>(0, std::llround(quantity) + product.reckoned_backlog() - have), have,
        Reason::kNewsvendor);
}

void follow_rules_of_supply(Context& context, ChipId chip, Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  SupplyOrder& order = context.book.supply_orders[chip.index()];
  if (!is_cut_off(context, spec) && (order.is_binding() || !product.is_barred)) return;
  order.lapse();
  product.written_down =
      std::min(product.written_down, product.stock + context.book.in_production[chip.index()]);
}

}  // namespace tollgate
