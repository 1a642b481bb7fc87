/// Orders and shipments: the papers that buyers, vendors, licence office and customs pass around.
///
/// One pool for each kind of paper, with slots that are reused, so that steady state allocates
/// nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernel/money.hpp"
#include "engine/kernel/sim_time.hpp"
#include "engine/market/ids.hpp"
#include "engine/market/supply_order.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

using OrderId = Id<struct OrderTag>;
using ShipmentId = Id<struct ShipmentTag>;
using LotId = Id<struct LotTag>;
using RentalId = Id<struct RentalTag>;

/// Who placed an order: a buyer for its own site, or a trader for its stock in the hub.
enum class CustomerKind : std::uint8_t { kBuyer, kTrader };

enum class OrderState : std::uint8_t {
  kUnderReview,  ///< a licence has been filed for
  kBacklog,      ///< may ship as stock and caps allow
};

/// An order for chips. Of the units ordered, each is in one place: waiting, in transit, cancelled
/// but not yet noticed by the customer, or settled.
struct Order {
  CustomerKind customer_kind = CustomerKind::kBuyer;
  std::uint32_t customer = 0;  ///< index of the buyer or trader
  TraderId trader;             ///< the seller of a grey order; none when a vendor sells
  ChipId chip;
  RegionId region;  ///< where the chips go
  Workload workload = Workload::kTraining;
  std::int64_t waiting = 0;
  std::int64_t in_transit = 0;
  std::int64_t cancelled = 0;
  Cents unit_price;   ///< agreed when ordered; what the customer pays the seller
  Cents unit_duty;    ///< expected duty on top, which the customer reimburses
  Cents unit_outlay;  ///< what the customer sets aside: tariff and subsidy too
  SimTime placed;
  std::uint64_t number = 0;  ///< counts the orders for the chip as its vendor takes them
  SimTime licence_expires;   ///< when is_licensed
  std::int64_t held = 0;     ///< while under review: of `waiting`, what the vendor keeps for it
  OrderState state = OrderState::kBacklog;
  bool is_licensed = false;
  bool is_open = false;  ///< the slot is in use

  /// Nothing is left to happen to the order, so that its customer may close it.
  [[nodiscard]] bool is_settled() const {
    return waiting == 0 && in_transit == 0 && cancelled == 0 && state != OrderState::kUnderReview;
  }
};

struct Shipment {
  OrderId order;
  std::int64_t units = 0;
  SimTime shipped;
  std::uint64_t counted_by = 0;  ///< the caps that count it (engine/policy/caps)
  std::int64_t seized = 0;       ///< when stopped: chips that customs keep
  // For the whole shipment, as charged so far:
  Cents levies{0};   ///< to the seller
  Cents tariff{0};   ///< to the customer
  Cents subsidy{0};  ///< to the customer's good
  bool is_open = false;
};

/// Chips in production.
struct Lot {
  ChipId chip;
  std::int64_t units = 0;
  bool is_open = false;
};

/// Rent of compute abroad: the contract between a buyer and a landlord.
struct RentalContract {
  BuyerId buyer;
  LandlordId landlord;
  Workload workload = Workload::kTraining;
  double h100e = 0;
  Cents price;
  bool is_open = false;
};

/// Slots of `T` (with a member `is_open`) that are reused in the order in which they were freed
/// last.
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
  Pool<Lot, LotId> lots;
  Pool<RentalContract, RentalId> rentals;
  /// What each vendor has ordered of its foundries and they have not begun, by chip.
  std::vector<SupplyOrder> supply_orders;
  /// Of the chips that were due at the foundries' last turn, those that they could not begin, by
  /// chip.
  std::vector<std::int64_t> unserved;
  /// Chips of the open lots, by chip.
  std::vector<std::int64_t> in_production;
};

}  // namespace tollgate
