/// Chip vendors: products, prices, stock, backlog, orders for supply, the chips to come.
///
/// A vendor takes orders, files for licences and withdraws applications that have lost their point,
/// ships first come first served as far as stock and caps allow, orders wafers by the newsvendor's
/// rule, and reprices on its own rhythm and when rules change (docs/model.md, "Vendors"). Each of
/// these has a file of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "agents/vendor/pricing.hpp"
#include "agents/vendor/product.hpp"
#include "agents/vendor/redesign.hpp"
#include "agents/vendor/roadmap.hpp"
#include "agents/vendor/stranded_stock.hpp"

namespace tollgate {

class Vendors {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId revenue, net_proceeds, cost_of_sales, vendor_profit, units_ordered, units_licensed,
        units_shipped, units_cleared, units_stopped, units_seized, units_cancelled, price, stock,
        pipeline, committed, backlog, domestic_share;
    StrandedStock stranded;
    Pricing::Series pricing;
    Roadmap::Series roadmap;
    Redesigns::Series redesigns;
  };

  Vendors(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  void take_order(Context& context, OrderId order);
  void hear_decision(Context& context, OrderId order);
  void cut_to_licence(Context& context, OrderId order);
  void serve(Context& context, const Order& order);
  void fulfil(Context& context, ChipId chip);
  [[nodiscard]] static bool is_given_up(const Context& context, const Order& order);
  [[nodiscard]] bool is_sold_out(const Product& product, const Order& order) const;
  void file(Context& context, OrderId order);
  void withdraw(Context& context, OrderId order, Reason reason);
  void hold_stock(const Context& context, Order& order);
  void end_review(Order& order);
  void look_through_applications(Context& context, ChipId chip);
  std::int64_t ship(Context& context, OrderId order, std::int64_t free_units);
  void cancel(Context& context, OrderId order, Reason reason);
  // What the trace is told (agents/vendor/trace_orders.cpp); only while there is one.
  [[nodiscard]] static Reason why_void(const Context& context, const Order& order);
  static void trace_taken(const Context& context, const Order& order);
  static void trace_cancelled(const Context& context, OrderId order, std::int64_t units,
                              Reason reason);
  static void trace_wait(Context& context, const Product& product, OrderId order,
                         std::int64_t held);
  static void trace_shipped(const Context& context, ShipmentId shipment, std::int64_t free_units,
                            std::int64_t allowance, InstrumentId cap);
  void clear_shipment(Context& context, ShipmentId shipment);
  void take_back(Context& context, ShipmentId shipment);
  void receive_lot(Context& context, LotId lot);
  void order_supply(Context& context, VendorId vendor);
  void reprice(Context& context, VendorId vendor);
  void follow_rules(Context& context);
  void follow_letter(Context& context, VendorId vendor);
  void look_for_stranded(Context& context);
  void hear_rules(Context& context);
  void launch(Context& context, ChipId chip);

  Series series_;
  const std::vector<ChipSpec>& chips_;
  const std::vector<VendorSpec>& specs_;
  Products products_;
  Pricing pricing_;
  Roadmap roadmap_;
  Redesigns redesigns_;
};

}  // namespace tollgate
