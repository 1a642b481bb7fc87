// The output of the vendors, and the proof that chips are conserved.
#include <cmath>
#include <limits>

#include "agents/vendor/vendors.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {

Vendors::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : stranded(layout, axes),
      pricing(layout, axes),
      roadmap(layout, axes),
      redesigns(layout, axes) {
  const auto flow = [&](const char* name, std::vector<AxisId> by, const char* units,
                        const char* long_name, const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kInteger,
                              Aggregation::kSumOverQuarter, units, long_name, description});
  };
  const auto level = [&](const char* name, std::vector<AxisId> by, const char* long_name,
                         const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kInteger, Aggregation::kAtQuarterEnd,
                              "1", long_name, description});
  };
  const std::vector<AxisId> by_chip_region{axes.chip, axes.region};
  revenue = flow("revenue", {axes.vendor, axes.region}, "cents", "Revenue",
                 "What customers at the region paid the vendor for chips cleared, levy on proceeds "
                 "not yet deducted, duty reimbursed not included, in US cents.");
  net_proceeds = flow("net_proceeds", {axes.vendor}, "cents", "Net proceeds",
                      "What customers paid the vendor for chips cleared, duty reimbursed, less the "
                      "levies on them and those on shipments that were stopped, in US cents.");
  cost_of_sales = flow("cost_of_sales", {axes.vendor}, "cents", "Cost of sales",
                       "Unit cost of the chips cleared or seized, in US cents.");
  vendor_profit = flow("vendor_profit", {axes.vendor}, "cents", "Vendor's gross profit",
                       "Net proceeds less cost of sales, in US cents; unsold stock is not in it.");
  units_ordered = flow("units_ordered", by_chip_region, "1", "Chips ordered",
                       "Chips for which the vendor took orders.");
  units_licensed = flow("units_licensed", by_chip_region, "1", "Chips licensed",
                        "Chips on orders for which a licence was granted.");
  units_shipped = flow("units_shipped", by_chip_region, "1", "Chips shipped",
                       "Chips that left the vendor's stock.");
  units_cleared = flow("units_cleared", by_chip_region, "1", "Chips cleared",
                       "Chips that passed the border of the destination and were paid.");
  units_stopped = flow("units_stopped", by_chip_region, "1", "Chips stopped",
                       "Chips that were stopped at the border of the destination.");
  units_seized = flow("units_seized", by_chip_region, "1", "Chips seized",
                      "Of the chips stopped, those that customs kept.");
  units_cancelled = flow("units_cancelled", by_chip_region, "1", "Chips cancelled",
                         "Chips on orders that were denied, barred, lapsed or given up.");
  price = layout.add_series({"price", by_chip_region, ValueType::kReal, Aggregation::kAtQuarterEnd,
                             "USD", "Price",
                             "Price asked per chip, duty not included; NaN while it is not on "
                             "offer at the region, or no buyer there can hope for a permission."});
  stock = level("stock", {axes.chip}, "Stock", "Finished chips at the vendor.");
  pipeline = level("pipeline", {axes.chip}, "Pipeline", "Chips in production.");
  committed = level("committed", {axes.chip}, "Committed",
                    "Chips ordered of foundries beyond recall and not begun.");
  backlog = level("backlog", by_chip_region, "Backlog",
                  "Chips ordered and not shipped, those under review included.");
  domestic_share = layout.add_series(
      {"domestic_share",
       {},
       ValueType::kReal,
       Aggregation::kAtQuarterEnd,
       "1",
       "Domestic share",
       "Share of vendors headquartered in the focus region in the chips cleared to it in the "
       "quarter; NaN if none were."});
}

void Vendors::close_quarter(Context& context) {
  roadmap_.close_quarter(context);
  redesigns_.close_quarter(context);
  Record& record = context.record;
  std::int64_t domestic = 0;
  std::int64_t all = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    Product& product = products_[c];
    record.set(series_.stock, product.stock, c);
    record.set(series_.pipeline, context.book.in_production[c], c);
    record.set(series_.committed, context.book.supply_orders[c].committed(), c);
    product.for_each_order([&](OrderId id) {
      const Order& order = context.book.orders[id];
      record.add(series_.backlog, order.waiting, c, order.region.index());
    });
    for (std::size_t r = 0; r < context.spec.regions.size(); ++r) {
      const ChipOffer& offer = context.offers.chip(ChipId{c}, RegionId{r});
      const bool is_sold = offer.is_open && context.is_sold_openly(ChipId{c}, RegionId{r});
      record.set_real(series_.price,
                      is_sold ? in_usd(offer.price) : std::numeric_limits<double>::quiet_NaN(), c,
                      r);
    }
    all += product.cleared_in_focus;
    const RegionId home = specs_[chips_[c].vendor.index()].headquarters;
    if (home == context.spec.focus_region) domestic += product.cleared_in_focus;
    product.cleared_in_focus = 0;
  }
  pricing_.close_quarter(context);
  record.set_real(series_.domestic_share,
                  all > 0 ? static_cast<double>(domestic) / static_cast<double>(all)
                          : std::numeric_limits<double>::quiet_NaN());
}

void Vendors::check(const Context& context) const {
  std::vector<std::int64_t> in_transit(chips_.size(), 0);
  std::vector<std::int64_t> waiting(chips_.size(), 0);
  std::vector<std::int64_t> under_review(chips_.size(), 0);
  std::vector<std::int64_t> held(chips_.size(), 0);
  for (const Order& order : context.book.orders.items()) {
    if (!order.is_open || order.trader.is_some()) continue;
    in_transit[order.chip.index()] += order.in_transit;
    waiting[order.chip.index()] += order.waiting;
    held[order.chip.index()] += order.held;
    if (order.state == OrderState::kUnderReview) under_review[order.chip.index()] += order.waiting;
  }
  for (const Shipment& shipment : context.book.shipments.items()) {
    TOLLGATE_CHECK(!shipment.is_open || shipment.units > 0, "a shipment of nothing");
  }
  std::vector<std::int64_t> in_lots(chips_.size(), 0);
  for (const Lot& lot : context.book.lots.items()) {
    if (lot.is_open) in_lots[lot.chip.index()] += lot.units;
  }
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const Product& product = products_[c];
    TOLLGATE_CHECK(context.book.in_production[c] == in_lots[c],
                   "the pipeline of " + chips_[c].id + " differs from its lots");
    TOLLGATE_CHECK(product.stock >= 0, "negative stock of " + chips_[c].id);
    TOLLGATE_CHECK(product.waiting == waiting[c],
                   "the backlog of " + chips_[c].id + " differs from the orders in the book");
    TOLLGATE_CHECK(product.units_under_review == under_review[c] && product.held == held[c],
                   "the licences sought for " + chips_[c].id + " differ from those in the book");
    TOLLGATE_CHECK(
        product.received == product.stock + in_transit[c] + product.settled + product.seized,
        "chips of " + chips_[c].id + " were lost or made up");
    const SupplyOrder& order = context.book.supply_orders[c];
    TOLLGATE_CHECK(order.ordered() == order.begun() + order.lapsed() + order.outstanding(),
                   "supply orders of " + chips_[c].id + " were lost or made up");
    TOLLGATE_CHECK(
        order.begun() == product.received + in_lots[c] - std::llround(chips_[c].initial_stock) -
                             std::llround(chips_[c].initial_pipeline),
        "chips of " + chips_[c].id + " were begun that nobody ordered, or not delivered");
  }
}

}  // namespace tollgate
