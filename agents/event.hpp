/// The events of the model: what happens, to whom, in which order within an instant.
///
/// An event is addressed to one kind of agent (`owner_of`), there to one agent, about one subject.
/// Agents meet only through these events, the offer board and the order book.
#pragma once

#include <cstdint>

#include "engine/kernel/future_event_list.hpp"

namespace tollgate {

/// Kinds of agents, in the order of `AgentKinds` in agents/world.hpp.
enum class Owner : std::uint8_t {
  kRegulator,
  kSupplier,
  kVendor,
  kBuyer,
  kTrader,
  kLandlord,
  kWorld
};

/// What happens. The subject is named after the arrow. Grouped by owner, sixteen places each.
enum class EventKind : std::uint8_t {
  // Regulators: law, licence office, customs.
  kInstrumentTurns = 0x00,  ///< -> instrument: announced, in force or out of force from now
  kLicenceFiled,            ///< -> order
  kReviewDone,              ///< -> order: at the stage where it was
  kLicenceLapsed,           ///< -> order
  kShipmentTested,          ///< -> shipment: in US transit
  kShipmentAtBorder,        ///< -> shipment: at the destination's border
  kHazardsRevised,          ///< monthly, and at edges of calendars: hazards of changes of regime
  kRegimeTurns,             ///< -> transition: a government changes its mind
  kLicenceWithdrawn,        ///< -> order: its application is taken back
  kOfficeStaffed,           ///< -> date: another share of the licence officers is at work from now
  kLevyRemitted,            ///< -> levy: what the quarter that `agent` tells owes falls due
  kStrictnessReviewed,      ///< monthly: does the government that reacts grow stricter?
  kAnswerGiven,             ///< -> retaliation: its answer is switched on
  kAnswerEnded,             ///< -> retaliation: its answer may be over
  kFineDecided,             ///< -> antitrust case
  // Suppliers.
  kCapacityAllocated = 0x10,
  // Vendors.
  kOrderPlaced = 0x20,  ///< -> order
  kLicenceDecided,      ///< -> order
  kShipmentCleared,     ///< -> shipment
  kShipmentStopped,     ///< -> shipment
  kLotCompleted,        ///< -> lot
  kSupplyOrdered,       ///< monthly
  kRepriced,            ///< on the vendor's own rhythm
  kRulesChanged,        ///< vendors look at their prices and backlogs: all, or if 1 this one
  kRulesHeard,          ///< a rule is announced, or comes without notice: is a redesign called for?
  kResearchFunded,      ///< monthly: research and development of all vendors
  kChipLaunched,        ///< -> chip: comes on sale
  kStockReviewed,       ///< -> chip: is it still stranded?
  // Buyers.
  kPlanned = 0x30,
  kChipsDelivered,    ///< -> shipment, from a vendor
  kOrderCancelled,    ///< -> order
  kGreyLotDelivered,  ///< -> grey lot
  kCohortRetired,     ///< -> cohort
  kRentalEnded,       ///< -> contract
  kDemandShifted,     ///< the common shock, for all buyers
  kLawSeen,           ///< all buyers: the law has changed, or a rule was announced
  kStacksUsed,        ///< monthly: software stacks mature by use
  kTastesRevised,     ///< all buyers tell what they think of each chip under the new law
  kChipRevised,       ///< -> chip: a redesign has got its attributes
  // Traders.
  kGreyOrderPlaced = 0x40,  ///< -> order
  kHubDelivery,             ///< -> shipment
  kHubOrderCancelled,       ///< -> order
  kTradeOpened,             ///< monthly: capacity and prices anew
  // Landlords.
  kRentalSigned = 0x50,  ///< -> contract
  kCapacityGrown,        ///< monthly
  // The world itself.
  kQuarterClosed = 0x60,
};

constexpr Owner owner_of(EventKind kind) {
  return static_cast<Owner>(static_cast<std::uint8_t>(kind) >> 4);
}

/// Order within an instant: accounts are closed first, then law, decisions, goods, plans, and last
/// the messages that these send.
constexpr EventClass class_of(EventKind kind) {
  switch (kind) {
    case EventKind::kQuarterClosed:
      return 0;
    case EventKind::kInstrumentTurns:
    case EventKind::kHazardsRevised:
    case EventKind::kRegimeTurns:
    case EventKind::kStrictnessReviewed:
    case EventKind::kAnswerGiven:
    case EventKind::kAnswerEnded:
      return 1;
    case EventKind::kReviewDone:
    case EventKind::kFineDecided:
      return 2;
    case EventKind::kOfficeStaffed:
    case EventKind::kLotCompleted:
    case EventKind::kCapacityAllocated:
    case EventKind::kCapacityGrown:
      return 3;
    case EventKind::kShipmentTested:
    case EventKind::kShipmentAtBorder:
    case EventKind::kGreyLotDelivered:
      return 4;
    case EventKind::kCohortRetired:
    case EventKind::kRentalEnded:
    case EventKind::kDemandShifted:
    case EventKind::kStacksUsed:
      return 5;
    case EventKind::kTradeOpened:
    case EventKind::kRepriced:
    case EventKind::kSupplyOrdered:
    case EventKind::kResearchFunded:
    case EventKind::kChipLaunched:
    case EventKind::kStockReviewed:
      return 6;
    case EventKind::kPlanned:
      return 7;
    default:
      return 8;
  }
}

struct Event {
  EventKind kind{};
  std::uint32_t agent = 0;
  std::uint32_t subject = 0;
};

constexpr Event event_of(EventKind kind, std::size_t agent, std::size_t subject) {
  return {kind, static_cast<std::uint32_t>(agent), static_cast<std::uint32_t>(subject)};
}

}  // namespace tollgate
