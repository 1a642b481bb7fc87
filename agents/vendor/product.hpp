/// What a vendor knows of one of its chips: stock, backlog and smoothed orders.
#pragma once

#include <cstdint>
#include <vector>

#include "agents/vendor/order_forecast.hpp"
#include "engine/kernel/future_event_list.hpp"
#include "engine/market/chip.hpp"
#include "engine/market/order_book.hpp"

namespace tollgate {

struct Product {
  std::int64_t stock = 0;
  std::int64_t waiting = 0;             ///< units of all orders that wait
  std::int64_t units_under_review = 0;  ///< of these, units of orders that wait for a licence
  std::int64_t held = 0;  ///< of these, what is expected to be needed and kept for them
  // Both first come first:
  std::vector<OrderId> backlog;       ///< may ship as stock and caps allow
  std::vector<OrderId> under_review;  ///< wait for a licence
  std::uint64_t next_number = 0;      ///< of the next order that is taken
  double orders_per_day = 0;          ///< smoothed
  SimTime smoothed_at;
  OrderForecast forecast;
  std::int64_t received = 0;          ///< from production, initial stock included
  std::int64_t settled = 0;           ///< cleared to customers
  std::int64_t seized = 0;            ///< kept by customs
  std::int64_t cleared_in_focus = 0;  ///< this quarter
  std::int64_t written_down = 0;      ///< of what is there, in production or bound, at no value
  bool is_barred = false;             ///< rules bar it from all its markets
  bool is_stranded = false;           ///< so long that it was written down; offered elsewhere
  EventHandle review;                 ///< of the write-down, while barred

  /// All orders that wait.
  template <class Visit>
  void for_each_order(Visit visit) const {
    for (const OrderId id : backlog) visit(id);
    for (const OrderId id : under_review) visit(id);
  }

  /// Units of the backlog that the vendor reckons with when it orders supply and prices.
  [[nodiscard]] std::int64_t reckoned_backlog() const {
    return waiting - units_under_review + held;
  }
};

/// By chip.
using Products = std::vector<Product>;

}  // namespace tollgate
