/// A world run event by event, so that a test sees each shipment.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "agents/world.hpp"

namespace tollgate::tests {

/// Runs the world; `see(event)` is called after each event.
template <class See>
void watch(World& world, See see) {
  world.start();
  while (const std::optional<Event> event = world.step()) see(*event);
  world.finish();
}

/// A shipment of a vendor, as it left, and what became of it.
struct SeenShipment {
  SimTime shipped{};
  SimTime ordered{};
  ChipId chip;
  CustomerId customer;
  RegionId region;
  std::int64_t units = 0;
  Cents price;  ///< for all of it
  bool is_at_border = false;
  SimTime at_border{};
  bool is_stopped = false;
  std::int64_t seized = 0;
  Cents levies{0}, tariff{0}, subsidy{0};
};

/// All shipments of a run, in the order in which they left.
inline std::vector<SeenShipment> watch_shipments(World& world) {
  std::vector<SeenShipment> seen;
  std::map<std::uint32_t, std::size_t> by_slot;
  const Context& context = world.context();
  watch(world, [&](const Event& event) {
    if (event.kind == EventKind::kShipmentTested) {
      const Shipment& shipment = context.book.shipments[ShipmentId{std::size_t{event.subject}}];
      const Order& order = context.book.orders[shipment.order];
      by_slot[event.subject] = seen.size();
      seen.push_back({.shipped = shipment.shipped,
                      .ordered = order.placed,
                      .chip = order.chip,
                      .customer = context.customer_of(order),
                      .region = order.region,
                      .units = shipment.units,
                      .price = times(order.unit_price, shipment.units),
                      .levies = shipment.levies});
    } else if (event.kind == EventKind::kShipmentAtBorder) {
      const Shipment& shipment = context.book.shipments[ShipmentId{std::size_t{event.subject}}];
      SeenShipment& mine = seen[by_slot.at(event.subject)];
      mine.is_at_border = true;
      mine.at_border = context.now();
      mine.seized = shipment.seized;
      mine.levies = shipment.levies;
      mine.tariff = shipment.tariff;
      mine.subsidy = shipment.subsidy;
    } else if (event.kind == EventKind::kShipmentStopped) {
      seen[by_slot.at(event.subject)].is_stopped = true;
    }
  });
  return seen;
}

}  // namespace tollgate::tests
