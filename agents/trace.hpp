/// Why agents did what they did, row by row, for a replica that is run with a trace.
///
/// Agents reach it by `Context::trace`, null unless someone asked: off, a hook costs one branch.
/// The world opens a row for each event; the agents complete it (`event`) and add the decisions
/// that they take in it (`decide`). A row holds numbers and codes only; their words are in
/// agents/trace_words.cpp and docs/trace.md. Tracing draws nothing and changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/event.hpp"
#include "engine/kernel/money.hpp"
#include "engine/kernel/trace.hpp"
#include "engine/market/ids.hpp"
#include "engine/market/order_book.hpp"
#include "engine/market/workload.hpp"
#include "engine/policy/conditions.hpp"

namespace tollgate {

struct Context;
struct WorldSpec;

/// What agents decide within an event. The codes follow those of `EventKind`.
enum class Decision : std::uint8_t {
  // Buyers.
  kNeedReviewed = 0x80,  ///< how much compute is lacking, and is there money?
  kOptionWeighed,        ///< an option of a choice, taken or not
  kOrdered,              ///< by a buyer of a vendor or a trader, by a trader of a vendor
  kRented,
  kCutFelt,  ///< a buyer fears for its supply
  // Vendors.
  kShipped,
  kHeldUp,  ///< an order waits, from now on for this reason
  kCancelled,
  kLicenceSought,
  kApplicationWithdrawn,
  kSupplyOrdered,
  kPricesSought,  ///< a vendor solves for its prices
  kPriced,        ///< a chip at a region, as a result
  kMarketsTurned,
  kRedesignBegun,
  // Suppliers.
  kLotBegun,
  // Regulators.
  kCharged,
  kRemitted,
  kHazardRevised,
  kAnswerDecided,
  // Intermediaries.
  kGreyLotSent,
  kGreyLotSeized,
};
inline constexpr auto kLastDecision = Decision::kGreyLotSeized;

/// The rule or constraint that decided. Grouped by who decides; some serve several.
enum class Reason : std::uint8_t {
  // Of events by themselves.
  kRhythm,
  kDate,
  kMessage,
  kDelayOver,
  // Buyers.
  kEnough,
  kNoBudget,
  kShortOfCompute,
  kLotsFell,
  kNoLotFell,
  kBarred,
  kNoHope,
  kNotOffered,
  kChosen,
  kLessThanAChip,
  kSupplyCut,
  // Vendors: orders.
  kInTurn,
  kLicenceNeeded,
  kWholeOrder,
  kStock,
  kHeldForReviews,
  kCap,
  kDenied,
  kLicenceLapsed,
  kGivenUp,
  kSoldOut,
  kStoppedAtBorder,
  kLicenceForFewer,
  kLicenceNotNeeded,
  kPaid,
  // Vendors: supply, prices, products.
  kNewsvendor,
  kCutOff,
  kEndOfSale,
  kExemptOnly,
  kSolved,
  kUnsolved,
  kNobodyAsks,
  kFirstOrderCondition,
  kSupplyBinds,
  kOtherUse,
  kCeiling,
  kPriceKept,
  kNotWorthSelling,
  kListPrice,
  kStrandedDiscount,
  kAllMarketsClosed,
  kMarketOpened,
  kStranded,
  kClosedByRule,
  kReady,
  // Suppliers.
  kAsOrdered,
  kFoundryShort,
  kPackagingShort,
  kMemoryShort,
  // Regulators.
  kAnnounced,
  kInForce,
  kEnded,
  kTakenBack,
  kSwitchedOff,
  kNextStage,
  kGranted,
  kCrossed,
  kInTransit,
  kOnClearance,
  kSubsidised,
  kPassed,
  kInspected,
  kQuarterDue,
  kHazard,
  kMoved,
  kUnmoved,
  kAnswered,
  kNotAnswered,
  kFined,
  // Intermediaries.
  kTraderTook,
  kTraderFull,
  kThrough,
  kSeizedOnTheWay,
  kNoRoute,
};
inline constexpr auto kLastReason = Reason::kNoRoute;

/// Who acts. Regulators act as offices, and as governments that change their mind.
enum class Actor : std::uint8_t {
  kOffice,
  kGovernment,
  kSupplier,
  kVendor,
  kBuyer,
  kTrader,
  kLandlord,
  kWorld
};
enum class Office : std::uint8_t {
  kLaw,
  kLicenceOffice,
  kCustoms,
  kTreasury,
  kMinistry,
  kAntitrust
};

/// What an event is about. Papers (orders to contracts) are numbered through the run: unlike their
/// slots in the book, numbers are not used twice.
enum class Subject : std::uint8_t {
  kNone,
  kOrder,
  kShipment,
  kLot,
  kContract,
  kCohort,
  kChip,
  kInstrument,
  kTransition
};

/// Columns of names.
enum class Label : std::uint8_t {
  kChip,
  kCustomer,
  kSeller,
  kRegion,
  kWorkload,
  kOrigin,
  kInstrument,
  kSupplier
};

/// Columns of numbers; units in agents/trace_words.cpp.
enum class Number : std::uint8_t {
  kUtility,
  kUtilityOfPrice,
  kUtilityOfVendor,
  kUtilityOfSwitching,
  kUtilityOfGuidance,
  kUtilityOfDelay,
  kUtilityOfRisk,
  kProbability,
  kLots,
  kOutlay,
  kPrice,
  kOldPrice,
  kShadowPrice,
  kNeed,
  kHave,
  kH100e,
  kPrecaution,
  kLimit,
  kDays,
  kRate
};
inline constexpr auto kLastNumber = Number::kRate;

class Trace;

/// A row that is being filled; valid until the next one is begun.
class TraceLine {
 public:
  TraceLine(Trace& trace, TraceRow& row) : trace_(trace), row_(row) {}

  TraceLine& why(Reason reason) {
    row_.reason = static_cast<std::uint8_t>(reason);
    return *this;
  }
  /// Who acts; the event's agent unless told otherwise.
  TraceLine& by(Actor actor, std::size_t index) {
    row_.agent_kind = static_cast<std::uint8_t>(actor);
    row_.agent = static_cast<std::uint32_t>(index);
    return *this;
  }
  TraceLine& by(VendorId vendor) { return by(Actor::kVendor, vendor.index()); }
  TraceLine& by(BuyerId buyer) { return by(Actor::kBuyer, buyer.index()); }

  /// Subjects: papers with what they say of chip, customer and place.
  TraceLine& of(const Context& context, OrderId order);
  TraceLine& of(const Context& context, ShipmentId shipment);
  TraceLine& of(const Context& context, LotId lot);
  TraceLine& of(const Context& context, RentalId contract);
  TraceLine& of(Subject kind, std::size_t index) {
    row_.subject_kind = static_cast<std::uint8_t>(kind);
    row_.subject = static_cast<std::uint32_t>(index);
    return *this;
  }
  /// The same for a paper that has just been opened: it gets its number.
  TraceLine& opens(const Context& context, OrderId order);
  TraceLine& opens(const Context& context, ShipmentId shipment);
  TraceLine& opens(const Context& context, LotId lot);
  TraceLine& opens(const Context& context, RentalId contract);

  template <class Tag>
  TraceLine& label(Label column, Id<Tag> id) {
    row_.labels[static_cast<std::size_t>(column)] = id.value;
    return *this;
  }
  TraceLine& chip(ChipId id) { return label(Label::kChip, id); }
  TraceLine& region(RegionId id) { return label(Label::kRegion, id); }
  TraceLine& customer(CustomerId id) { return label(Label::kCustomer, id); }
  TraceLine& instrument(InstrumentId id) { return label(Label::kInstrument, id); }
  TraceLine& supplier(SupplierId id) { return label(Label::kSupplier, id); }
  TraceLine& workload(Workload workload) {
    return label(Label::kWorkload, Id<void>{static_cast<std::size_t>(workload)});
  }
  TraceLine& origin(std::size_t origin) { return label(Label::kOrigin, Id<void>{origin}); }
  TraceLine& seller(VendorId vendor);
  TraceLine& seller(TraderId trader);
  TraceLine& seller(LandlordId landlord);

  TraceLine& units(std::int64_t units) {
    row_.units = units;
    return *this;
  }
  TraceLine& cents(Cents amount) {
    row_.cents = amount.value;
    return *this;
  }
  TraceLine& set(Number column, double value) {
    row_.numbers[static_cast<std::size_t>(column)] = value;
    return *this;
  }

 private:
  Trace& trace_;
  TraceRow& row_;
};

/// The trace of one replica, by the world that runs it.
class Trace {
 public:
  Trace(const WorldSpec& spec, TraceSink& sink);

  /// The opening of the run, before its first event, and its close after the last: decisions are
  /// taken then that belong to no event.
  void begin_opening(SimTime now);
  void begin_close(SimTime now);
  void begin_event(const Context& context, const Event& event);
  /// Hands the rows of what was begun to the sink.
  void end();

  /// The row of the event at hand.
  TraceLine event();
  TraceLine decide(Decision decision, Reason reason);

  /// Whether an order waits for this reason from now on: it is told once, not at every look.
  bool is_news(OrderId order, Reason reason);

 private:
  friend class TraceLine;
  /// Numbers of the papers of one pool, by slot.
  struct Papers {
    std::uint32_t given = 0;
    std::vector<std::uint32_t> number;
    std::uint32_t renew(std::size_t slot);
    std::uint32_t of(std::size_t slot);
  };
  void begin(SimTime now, std::uint64_t event);

  TraceSink& sink_;
  std::size_t vendors_, traders_;
  std::uint64_t events_ = 0;
  SimTime now_;
  bool has_event_ = false;
  std::vector<TraceRow> rows_;  ///< of the event at hand
  std::size_t used_ = 0;        ///< of them; the others keep their memory
  Papers orders_, shipments_, lots_, contracts_;
  std::vector<std::uint8_t> waits_for_;  ///< by order slot: reason last told, and one
};

inline TraceLine& TraceLine::seller(VendorId vendor) { return label(Label::kSeller, vendor); }

/// The words for the rows of a scenario's replicas.
TraceLayout trace_layout(const WorldSpec& spec);

/// What an event is by itself: who acts, about what, and why when nobody says more.
struct EventForm {
  EventKind kind;
  Actor actor;
  bool is_of_one;  ///< the event names its agent; otherwise all of the kind act, or the office
  Office office;
  Subject subject;
  Reason reason;
};
const EventForm& form_of(EventKind kind);

}  // namespace tollgate
