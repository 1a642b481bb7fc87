/// Grey traders: they buy where a chip is legal and bring it where it is not.
///
/// Each month a trader finds the passage of least expected cost to each region that it serves and
/// quotes its price: expected cost of a chip that arrives, times one plus its mark-up. The board
/// shows the cheapest quote of a trader with capacity left; when that trader has none left, the
/// next cheapest. Orders are bought from the vendor in the hub; lots travel the passage and are
/// seized or pass. Mark-ups follow what was asked over capacity, capacity follows the realised
/// return (adjustment.hpp; docs/model.md, "Grey channel and rental").
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
    SeriesId grey_bought, grey_stock, grey_units, grey_seized, grey_price_ratio, grey_markup,
        grey_margin, trade_capacity;
  };

  Traders(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  /// What a trader asks for a chip at a region, renewed every month, and the way it would take.
  struct Quote {
    GreyOffer offer;
    Passage passage;
    // For which the passage was found:
    double enforcement = 1;
    std::int64_t legs_month = -1;
  };

  /// The month since the trader's last `kTradeOpened`.
  struct Month {
    SimTime opened;
    SimTime sold_out;  ///< when the last capacity went; the end of the month if some is left
    std::int64_t capacity = 0;
    std::int64_t free = 0;    ///< chips it will still take on
    std::int64_t visits = 0;  ///< times that a buyer came; it orders for every workload
    BuyerId visitor;          ///< who came last, and when
    SimTime visited;
    std::vector<std::int64_t> asked;  ///< by region: chips ordered, those refused included
    std::vector<std::int64_t> taken;  ///< by region
    std::int64_t sent = 0;
    double receipts_usd = 0;  ///< of what was sent, for what was not seized
    double cost_usd = 0;      ///< of what was sent, seized lots included
  };

  struct State {
    double capacity = 0;                      ///< chips a month
    double smoothed_return = 0;               ///< on the cost of a month's capacity
    std::vector<double> log_price;            ///< by region: ln(1 + mark-up)
    std::vector<Quote> quotes;                ///< by chip, region
    std::vector<std::deque<OrderId>> queues;  ///< by chip: buyers' orders not yet sent off
    std::vector<std::int64_t> stock;          ///< by chip, in the hub: legs had no room for it
    std::vector<Cents> stock_cost;            ///< by chip: what was paid for that
    Month month;
    double seizure_carry = 0;  ///< without noise: part of a chip that is still to be seized
    // Over the run.
    std::int64_t received = 0, passed = 0, seized = 0;
    Cents paid{0};    ///< to vendors and for passages
    Cents earned{0};  ///< for what passed; the buyer pays when it arrives
    Stream seizures;
  };

  void open_trade(Context& context, TraderId trader);
  void settle_month(const Context& context, TraderId trader);
  static double whole_month_factor(const Month& month, double days);
  void begin_month(const Context& context, TraderId trader);
  void renew_quotes(const Context& context, TraderId trader);
  void show_cheapest(Context& context, ChipId chip, RegionId region) const;
  void show_cheapest_where_served(Context& context, TraderId trader) const;
  void take_order(Context& context, OrderId order);
  void receive(Context& context, ShipmentId shipment);
  void pass_on_cancellation(Context& context, OrderId hub_order);
  void dispatch(Context& context, TraderId trader, ChipId chip);
  void reopen_legs(const Context& context);
  const Passage* find_way(const Context& context, TraderId trader, const Order& order);
  void send_lots(Context& context, TraderId trader, OrderId order, const Passage& passage,
                 std::int64_t units, Cents cost);
  std::int64_t seize(const Context& context, TraderId trader, std::int64_t units, double survival);

  Quote& quote(TraderId trader, ChipId chip, RegionId region) {
    return states_[trader.index()].quotes[chip.index() * regions_ + region.index()];
  }
  [[nodiscard]] const Quote& quote(TraderId trader, ChipId chip, RegionId region) const {
    return states_[trader.index()].quotes[chip.index() * regions_ + region.index()];
  }

  Series series_;
  const std::vector<TraderSpec>& specs_;
  std::size_t regions_;
  TradeRoutes routes_;
  std::int64_t legs_month_ = 0;  ///< months since the start: legs take a month's chips in each
  std::vector<State> states_;
  // By region, this quarter.
  std::vector<double> price_ratio_sum_;
  std::vector<std::int64_t> sold_;
  std::vector<double> receipts_usd_;
  std::vector<double> cost_usd_;
};

}  // namespace tollgate
