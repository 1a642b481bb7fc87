// The output of the traders, and the proof that chips and cents are conserved.
#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/intermediary/traders.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

double ratio_or_nan(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Traders::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto chips = [&](const char* name, Aggregation aggregation, const char* long_name,
                         const char* description) {
    return layout.add_series(
        {name, {axes.region}, ValueType::kInteger, aggregation, "1", long_name, description});
  };
  const auto real = [&](const char* name, const char* units, const char* long_name,
                        const char* description) {
    return layout.add_series({name,
                              {axes.region},
                              ValueType::kReal,
                              Aggregation::kAtQuarterEnd,
                              units,
                              long_name,
                              description});
  };
  grey_bought = chips("grey_bought", Aggregation::kSumOverQuarter, "Chips bought by traders",
                      "Chips that traders received in the hub at the region.");
  grey_stock = chips("grey_stock", Aggregation::kAtQuarterEnd, "Chips held by traders",
                     "Chips that lie with traders in the hub at the region.");
  grey_units = chips("grey_units", Aggregation::kSumOverQuarter, "Grey chips delivered",
                     "Chips that traders bring to buyers at the region, counted when they leave "
                     "the hub on a passage that they survive.");
  grey_seized = chips("grey_seized", Aggregation::kSumOverQuarter, "Grey chips seized",
                      "Chips lost on the way to the region, counted when they leave the hub.");
  grey_price_ratio = real("grey_price_ratio", "1", "Grey price over list price",
                          "Mean over the chips ordered in the quarter; NaN if there was none.");
  grey_markup = real("grey_markup", "1", "Mark-up of traders",
                     "Price over expected cost of a chip that arrives, less 1; mean of the "
                     "traders that serve the region, weighed by capacity; NaN if there is none.");
  grey_margin = real("grey_margin", "1", "Realised margin of traders",
                     "Receipts over costs, less 1, of the chips that left for the region in the "
                     "quarter, seized ones included in costs; NaN if there was none.");
  trade_capacity = real("trade_capacity", "1/month", "Capacity of traders",
                        "Chips a month that traders who buy in the region can handle.");
}

void Traders::close_quarter(Context& context) {
  Record& record = context.record;
  for (std::size_t t = 0; t < states_.size(); ++t) {
    std::int64_t stock = 0;
    for (const std::int64_t units : states_[t].stock) stock += units;
    record.add(series_.grey_stock, stock, specs_[t].hub.index());
    record.add_real(series_.trade_capacity, states_[t].capacity, specs_[t].hub.index());
  }
  for (std::size_t r = 0; r < regions_; ++r) {
    double markups = 0;
    double capacity = 0;
    for (std::size_t t = 0; t < states_.size(); ++t) {
      const std::vector<RegionId>& served = specs_[t].serves;
      if (std::ranges::find(served, RegionId{r}) == served.end()) continue;
      markups += std::expm1(states_[t].log_price[r]) * states_[t].capacity;
      capacity += states_[t].capacity;
    }
    record.set_real(series_.grey_markup, ratio_or_nan(markups, capacity), r);
    record.set_real(series_.grey_margin, ratio_or_nan(receipts_usd_[r], cost_usd_[r]) - 1, r);
    record.set_real(series_.grey_price_ratio,
                    ratio_or_nan(price_ratio_sum_[r], static_cast<double>(sold_[r])), r);
    receipts_usd_[r] = cost_usd_[r] = price_ratio_sum_[r] = 0;
    sold_[r] = 0;
  }
}

// Chips: what a trader has received lies in the hub, has passed or has been seized; of what has
// passed, the book knows what is under way. Money: what the ledger holds for it, and what buyers
// owe for chips under way, is what it has earned less what it has paid, to the cent.
void Traders::check(const Context& context) const {
  std::vector<std::int64_t> under_way(states_.size(), 0);
  std::vector<std::int64_t> in_transit(states_.size(), 0);
  std::vector<Cents> owed(states_.size());
  for (const Shipment& shipment : context.book.shipments.items()) {
    if (!shipment.is_open) continue;
    const Order& order = context.book.orders[shipment.order];
    if (!order.trader.is_some()) continue;
    under_way[order.trader.index()] += shipment.units;
    Cents& debt = owed[order.trader.index()];
    debt = debt + times(order.unit_price, shipment.units);
  }
  for (const Order& order : context.book.orders.items()) {
    if (order.is_open && order.trader.is_some())
      in_transit[order.trader.index()] += order.in_transit;
  }
  for (std::size_t t = 0; t < states_.size(); ++t) {
    const State& state = states_[t];
    std::int64_t stock = 0;
    for (std::size_t c = 0; c < state.stock.size(); ++c) {
      TOLLGATE_CHECK(state.stock[c] >= 0, "negative stock of trader " + specs_[t].id);
      TOLLGATE_CHECK(state.stock[c] > 0 || state.stock_cost[c] == Cents{0},
                     "trader " + specs_[t].id + " values a stock that it does not have");
      stock += state.stock[c];
    }
    TOLLGATE_CHECK(state.received == stock + state.passed + state.seized,
                   "chips of trader " + specs_[t].id + " were lost or made up");
    TOLLGATE_CHECK(under_way[t] == in_transit[t] && under_way[t] <= state.passed,
                   "chips of trader " + specs_[t].id + " were lost or made up on the way");
    TOLLGATE_CHECK(
        context.ledger.balance(context.accounts.traders[t]) + owed[t] == state.earned - state.paid,
        "the account of trader " + specs_[t].id + " differs from its books");
  }
}

}  // namespace tollgate
