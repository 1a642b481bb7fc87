/// What every agent sees of one replica's world: the common ground, and nobody else's state.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "agents/event.hpp"
#include "agents/world_spec.hpp"
#include "engine/kernel/future_event_list.hpp"
#include "engine/kernel/record.hpp"
#include "engine/kernel/stream.hpp"
#include "engine/market/demand_board.hpp"
#include "engine/market/ledger.hpp"
#include "engine/market/offer_board.hpp"
#include "engine/market/order_book.hpp"
#include "engine/policy/caps.hpp"
#include "engine/policy/law.hpp"

namespace tollgate {

/// Axes of the output, declared once and used by every kind's series.
struct OutputAxes {
  AxisId vendor{}, chip{}, buyer{}, region{}, workload{}, origin{}, supplier{};
};

/// Where compute comes from, as seen from its owner.
enum class Origin : unsigned char { kLegalForeign, kGrey, kDomestic, kRentedAbroad };
inline constexpr std::size_t kOrigins = 4;

/// Accounts of the ledger. `outside` stands for everybody who is not modelled.
struct Accounts {
  AccountId outside, treasury;
  std::vector<AccountId> vendors, buyers, traders, landlords;
  std::vector<AccountId> governments;  ///< by region: what its government takes in
};

struct Context {
  const WorldSpec& spec;
  /// The chips as they are in this replica: launch dates move with research, and a redesign gets
  /// its attributes when it is begun. Agents look here, not into `spec.chips`.
  std::vector<ChipSpec> chips;
  StreamFactory streams;
  FutureEventList<Event> events;
  OfferBoard offers;
  DemandBoard demand;
  OrderBook book;
  Ledger ledger;
  Accounts accounts;
  std::vector<RegionId> vendor_headquarters;
  std::vector<double> expected_fines;  ///< [vendor][region]; posted by the antitrust authority
  Law law;
  Caps caps;
  Record record;

  Context(const WorldSpec& world, const RecordLayout& layout, StreamFactory stream_factory);
  // The law and the agents look at `chips`, so that a world stays where it is.
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] SimTime now() const { return events.now(); }

  EventHandle schedule(SimTime time, EventKind kind, std::size_t agent, std::size_t subject = 0) {
    return events.schedule(
        time, class_of(kind),
        Event{kind, static_cast<std::uint32_t>(agent), static_cast<std::uint32_t>(subject)});
  }
  /// A message: an event of this instant.
  void send(EventKind kind, std::size_t agent, std::size_t subject = 0) {
    schedule(now(), kind, agent, subject);
  }

  /// Cancels `units` of an order (already taken off `waiting` or `in_transit`) and tells the
  /// customer, who closes the order when nothing of it is left. One message is under way for an
  /// order at most: a second one could meet another order in the slot that the first has freed.
  void cancel_units(OrderId id, std::int64_t units);

  [[nodiscard]] CustomerId customer_of(const Order& order) const {
    return order.customer_kind == CustomerKind::kBuyer
               ? CustomerId{std::size_t{order.customer}}
               : CustomerId{spec.buyers.size() + order.customer};
  }
  [[nodiscard]] const Conditions& conditions_of(const Order& order) const {
    return law.conditions(order.chip, customer_of(order));
  }

  /// Share of a sale in the region that the vendor must expect to pay as a fine for it.
  [[nodiscard]] double& expected_fine(VendorId vendor, RegionId region) {
    return expected_fines[vendor.index() * spec.regions.size() + region.index()];
  }
  [[nodiscard]] double expected_fine(VendorId vendor, RegionId region) const {
    return expected_fines[vendor.index() * spec.regions.size() + region.index()];
  }

  /// Uniform start within a rhythm of `period_days`, so that agents do not march in step; half a
  /// period without noise.
  [[nodiscard]] SimTime first_time(std::string_view agent, std::string_view purpose,
                                   double period_days) const;

  /// Whether a customer at `region` can buy the chip otherwise than against a presumption of
  /// denial.
  [[nodiscard]] bool is_sold_openly(ChipId chip, RegionId region) const;

  /// Whether rules let the supplier serve the vendor. A store that a vendor holds serves it alone,
  /// whatever rules come later.
  [[nodiscard]] bool can_supply(SupplierId supplier, VendorId vendor) const;
};

/// Growth of a quantity at `factor` per year since the start of the run.
double grown(double initial, double factor_per_year, const Context& context);

}  // namespace tollgate
