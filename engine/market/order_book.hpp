/// Orders and shipments: the papers that buyers, vendors, licence office and customs pass around.
///
/// One pool for each kind of paper, with slots that are reused, so that steady state allocates nothing.
/// Units are conserved: of every order, ordered = waiting + shipped + cancelled (checked).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernel/money.hpp"
#include "engine/kernel/sim_time.hpp"
#include "engine/market/ids.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

using OrderId = Id<struct OrderTag>;
using ShipmentId = Id<struct ShipmentTag>;

/// Who placed an order: a buyer for its own site, or a trader for its stock in the hub.
enum class CustomerKind : std::uint8_t { kBuyer, kTrader };

enum class OrderState : std::uint8_t {
  kUnderReview,  ///< a licence has been filed for
  kBacklog,      ///< may ship as stock and caps allow
  kClosed,       ///< nothing is left to ship
};

struct Order {
  CustomerKind customer_kind = CustomerKind::kBuyer;
  std::uint32_t customer = 0;  ///< index of the buyer or trader
  ChipId chip;
  RegionId region;             ///< where the chips go
  Workload workload = Workload::kTraining;
  std::int64_t waiting = 0;    ///< chips not yet shipped
  std::int64_t in_transit = 0; ///< chips shipped, not yet arrived or stopped
  Cents unit_price;            ///< agreed when ordered; what the customer pays the vendor
  Cents unit_duty;             ///< duty on top, paid by the customer
  OrderState state = OrderState::kBacklog;
  bool is_licensed = false;    ///< a licence has been granted
  SimTime licence_expires;     ///< when is_licensed
  bool is_open = false;        ///< the slot is in use
};

struct Shipment {
  OrderId order;
  std::int64_t units = 0;
  Cents unit_levy;     ///< share of the price that goes to the treasury
  Cents unit_duty;     ///< charged on top of the price
  bool is_open = false;
};

/// Slots of `T` (with a member `is_open`) that are reused in the order in which they were freed last.
template <class T, class IdType>
class Pool {
 public:
  IdType open(T item) {
    item.is_open = true;
    if (free_.empty()) {
      items_.push_back(item);
      return IdType{items_.size() - 1};
    }
    const IdType id{static_cast<std::size_t>(free_.back())};
    free_.pop_back();
    items_[id.index()] = item;
    return id;
  }
  void close(IdType id) {
    items_[id.index()].is_open = false;
    free_.push_back(id.value);
  }
  T& operator[](IdType id) { return items_[id.index()]; }
  const T& operator[](IdType id) const { return items_[id.index()]; }
  [[nodiscard]] const std::vector<T>& items() const { return items_; }
  [[nodiscard]] std::size_t open_count() const { return items_.size() - free_.size(); }

 private:
  std::vector<T> items_;
  std::vector<std::uint32_t> free_;
};

struct OrderBook {
  Pool<Order, OrderId> orders;
  Pool<Shipment, ShipmentId> shipments;
};

}  // namespace tollgate
