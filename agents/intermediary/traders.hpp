/// Grey traders: they buy where a chip is legal and bring it where it is not.
///
/// Each month a trader finds the passage of least expected cost to each region that it serves and
/// posts its price: expected cost of a chip that arrives, plus its margin. Orders are bought from
/// the vendor in the hub; lots travel the passage and are seized or pass.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/trade_routes.hpp"

namespace tollgate {

class Traders {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId grey_units, grey_seized, grey_price_ratio;
  };

  Traders(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  struct State {
    std::int64_t free_capacity = 0;           ///< chips it will still take on this month
    std::vector<std::deque<OrderId>> queues;  ///< by chip: buyers' orders not yet sent off
    std::vector<std::int64_t> stock;          ///< by chip, in the hub
    std::int64_t received = 0, sent = 0;      ///< chips over the run
    Stream seizures;
  };

  void open_trade(Context& context, TraderId trader);
  void post_offers(Context& context, TraderId trader);
  void take_order(Context& context, OrderId order);
  void receive(Context& context, ShipmentId shipment);
  void pass_on_cancellation(Context& context, OrderId hub_order);
  void dispatch(Context& context, TraderId trader, ChipId chip);
  void send_lots(Context& context, TraderId trader, OrderId order, std::int64_t units);

  Series series_;
  const std::vector<TraderSpec>& specs_;
  TradeRoutes routes_;
  std::vector<State> states_;
  std::vector<double> price_ratio_sum_;  ///< by region, this quarter
  std::vector<std::int64_t> sold_;       ///< by region, this quarter
};

}  // namespace tollgate
