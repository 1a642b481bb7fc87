#include "agents/vendor/stranded_stock.hpp"

#include <algorithm>

namespace tollgate {
namespace {

/// Stock, chips in production and those that the vendor is bound to take.
std::int64_t units_at_risk(const Context& context, ChipId chip, const Product& product) {
  return product.stock + context.book.in_production[chip.index()] +
         context.book.supply_orders[chip.index()].committed();
}

}  // namespace

std::int64_t exempt_units(const Context& context, const Product& product) {
  std::int64_t units = 0;
  product.for_each_order([&](OrderId id) {
    const Order& order = context.book.orders[id];
    const Conditions& conditions = context.conditions_of(order);
    const bool may_ship = !conditions.bars(order.placed) &&
                          (order.is_licensed || !conditions.needs_licence_for(order.placed));
    if (may_ship) units += order.waiting;
  });
  return units;
}

StrandedStock::StrandedStock(RecordLayout& layout, const OutputAxes& axes)
    : write_down_(layout.add_series(
          {"write_down",
           {axes.vendor},
           ValueType::kInteger,
           Aggregation::kSumOverQuarter,
           "cents",
           "Write-down",
           "Unit cost of stock, of chips in production and of those bound to be taken that were "
           "written down because rules bar them from all their markets, in US cents."})),
      units_written_down_(
          layout.add_series({"units_written_down",
                             {axes.chip},
                             ValueType::kInteger,
                             Aggregation::kSumOverQuarter,
                             "1",
                             "Chips written down",
                             "Chips in stock, in production and bound to be taken that were "
                             "written down."})) {}

void StrandedStock::follow_rules(Context& context, ChipId chip, Product& product) const {
  const ChipSpec& spec = context.chips[chip.index()];
  const bool is_barred =
      !spec.markets.empty() && std::ranges::none_of(spec.markets, [&](RegionId region) {
        return context.is_sold_openly(chip, region);
      });
  if (is_barred == product.is_barred) return;
  product.is_barred = is_barred;
  if (context.trace != nullptr) {
    context.trace
        ->decide(Decision::kMarketsTurned,
                 is_barred ? Reason::kAllMarketsClosed : Reason::kMarketOpened)
        .by(spec.vendor)
        .chip(chip)
        .units(product.stock);
  }
  if (!is_barred) {
    product.is_stranded = false;
    context.events.cancel(product.review);
    return;
  }
  if (context.now() == context.spec.start) {  // an older loss, booked before the run
    product.is_stranded = true;
    product.written_down = units_at_risk(context, chip, product);
    return;
  }
  const double days = context.spec.vendors[spec.vendor.index()].write_down_days;
  product.review =
      context.schedule_cancellable(context.now() + days_rounded(days), EventKind::kStockReviewed,
                                   spec.vendor.index(), chip.index());
}

// A valuation and no payment: what is in stock has been paid for, what is in production or
// frozen in orders will be.
// What was written down stays so, whatever rules come later, until it is shipped.
void StrandedStock::review(Context& context, ChipId chip, Product& product) const {
  const ChipSpec& spec = context.chips[chip.index()];
  const std::int64_t there = units_at_risk(context, chip, product) - exempt_units(context, product);
  const std::int64_t units = std::max<std::int64_t>(0, there - product.written_down);
  product.written_down += units;
  product.is_stranded = true;
  context.send(EventKind::kRepriced, spec.vendor.index(), 1);  // now it is offered elsewhere
  if (context.trace != nullptr) {
    context.trace->event().units(units).cents(times(from_usd(spec.unit_cost_usd), units));
  }
  context.record.add(units_written_down_, units, chip.index());
  context.record.add(write_down_, times(from_usd(spec.unit_cost_usd), units).value,
                     spec.vendor.index());
}

}  // namespace tollgate
