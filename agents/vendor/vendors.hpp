/// Chip vendors: products, prices, stock, backlog, orders for supply.
///
/// A vendor takes orders, files for licences, ships first come first served as far as stock and
/// caps allow, orders wafers to a stock target on smoothed orders, and reprices on its own rhythm
/// and when rules change. The price follows scarcity and passes a stated share of a levy on
/// (docs/model.md, "Vendors"); the pricing game of MODEL.md 4.3 takes its place later.
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"

namespace tollgate {

class Vendors {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId revenue, cost_of_sales, units_ordered, units_licensed, units_shipped, units_cleared,
        units_stopped, units_cancelled, write_down, units_written_down, price, stock, pipeline,
        backlog, domestic_share;
  };

  Vendors(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  struct Product {
    std::int64_t stock = 0;
    std::int64_t waiting = 0;      ///< units of the backlog
    std::vector<OrderId> backlog;  ///< first come first
    double orders_per_day = 0;     ///< smoothed
    SimTime smoothed_at;
    std::int64_t received = 0;          ///< from production, initial stock included
    std::int64_t settled = 0;           ///< cleared to customers
    std::int64_t cleared_in_focus = 0;  ///< this quarter
    std::int64_t written_down = 0;      ///< of what is there and in production, at no value
    bool is_stranded = false;           ///< rules bar it from all its markets
    EventHandle review;                 ///< of the write-down, while stranded
  };

  void take_order(Context& context, OrderId order);
  void hear_decision(Context& context, OrderId order);
  void fulfil(Context& context, ChipId chip);
  std::int64_t ship(Context& context, OrderId order);
  void cancel(Context& context, OrderId order);
  void clear_shipment(Context& context, ShipmentId shipment);
  void take_back(Context& context, ShipmentId shipment);
  void receive_lot(Context& context, LotId lot);
  void order_supply(Context& context, VendorId vendor);
  void reprice(Context& context, VendorId vendor);
  void follow_rules(Context& context);
  void strand(Context& context, ChipId chip);
  void review_stock(Context& context, ChipId chip);
  void post_offers(Context& context, ChipId chip);
  void smooth_orders(const Context& context, ChipId chip, std::int64_t units);
  [[nodiscard]] bool is_market(ChipId chip, RegionId region) const;
  [[nodiscard]] bool is_on_sale(const Context& context, ChipId chip) const;
  [[nodiscard]] double days_to_ship(const Context& context, ChipId chip) const;
  [[nodiscard]] double scarcity(const Context& context, ChipId chip) const;

  Series series_;
  const std::vector<ChipSpec>& chips_;
  const std::vector<VendorSpec>& specs_;
  std::vector<Product> products_;     ///< by chip
  std::vector<double> price_factor_;  ///< by chip: price over list from scarcity
};

}  // namespace tollgate
