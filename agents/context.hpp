/// What every agent sees of one replica's world: the common ground, and nobody else's state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agents/event.hpp"
#include "agents/trace.hpp"
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
  AxisId vendor{}, chip{}, buyer{}, region{}, workload{}, origin{}, supplier{}, review_stage{},
      instrument{};
  std::optional<AxisId> politics, regime;  ///< none without politics
};

/// Where compute comes from, as seen from its owner.
enum class Origin : unsigned char { kLegalForeign, kGrey, kDomestic, kRentedAbroad };
inline constexpr std::size_t kOrigins = 4;

/// Accounts of the ledger. `outside` stands for everybody who is not modelled, `treasury` is that
/// of the exporting state for its levies, `governments` are those of the destinations, by region.
struct Accounts {
  AccountId outside, treasury;
  std::vector<AccountId> governments;  ///< by region: tariffs and fines taken in, subsidies paid
  std::vector<AccountId> vendors, buyers, traders, landlords;
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
  std::vector<std::int64_t> installed;  ///< chips at buyers' sites, [region][chip]
  Trace* trace = nullptr;               ///< null: nobody asked why

  Context(const WorldSpec& world, const RecordLayout& layout, StreamFactory stream_factory);
  // The law and the agents look at `chips`, so that a world stays where it is.
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] SimTime now() const { return events.now(); }

  void schedule(SimTime time, EventKind kind, std::size_t agent, std::size_t subject = 0) {
    events.schedule(time, class_of(kind), event_of(kind, agent, subject));
  }
  /// The same for an event that may have to be cancelled.
  EventHandle schedule_cancellable(SimTime time, EventKind kind, std::size_t agent,
                                   std::size_t subject = 0) {
    return events.schedule_cancellable(time, class_of(kind), event_of(kind, agent, subject));
  }
  /// A message: an event of this instant.
  void send(EventKind kind, std::size_t agent, std::size_t subject = 0) {
    schedule(now(), kind, agent, subject);
  }

  /// Cancels `units` of an order (already taken off `waiting` or `in_transit`) and tells the
  /// customer, who closes the order when nothing of it is left. One message is under way for an
  /// order at most: a second one could meet another order in the slot that the first has freed.
  void cancel_units(OrderId id, std::int64_t units);

  /// Chips that buyers have at sites in the region; kept by the buyers.
  [[nodiscard]] std::int64_t& installed_units(RegionId region, ChipId chip) {
    return installed[region.index() * chips.size() + chip.index()];
  }
  [[nodiscard]] std::int64_t installed_units(RegionId region, ChipId chip) const {
    return installed[region.index() * chips.size() + chip.index()];
  }

  [[nodiscard]] CustomerId customer_of(const Order& order) const {
    return order.customer_kind == CustomerKind::kBuyer
               ? CustomerId{std::size_t{order.customer}}
               : CustomerId{spec.buyers.size() + order.customer};
  }
  [[nodiscard]] const Conditions& conditions_of(const Order& order) const {
    return law.conditions(order.chip, customer_of(order));
  }
  [[nodiscard]] AccountId account_of(const Order& order) const {
    return order.customer_kind == CustomerKind::kBuyer ? accounts.buyers[order.customer]
                                                       : accounts.traders[order.customer];
  }

  /// Whether a charge falls on a shipment of a vendor now: it applies to the sale, and does not
  /// leave alone what was shipped or ordered before it was in force.
  [[nodiscard]] bool is_charged(InstrumentId charge, const Shipment& shipment) const;

  /// Class of a buyer; none: a trader.
  [[nodiscard]] std::optional<CustomerClass> class_of_customer(CustomerId customer) const {
    if (customer.index() >= spec.buyers.size()) return std::nullopt;
    return spec.buyers[customer.index()].customer_class;
  }

  /// Chance that an application for `units` of the chip would be granted under the law of now: by
  /// the rule's review policy and the office's criteria. 1 where no licence is needed, 0 where the
  /// sale is barred.
  [[nodiscard]] double grant_chance(ChipId chip, CustomerId customer, Workload end_use,
                                    std::int64_t units) const;
  /// The same for an order, which rules may exempt by its date.
  [[nodiscard]] double grant_chance(const Order& order) const;
  /// The office's chance of a grant for what needs a licence.
  [[nodiscard]] double chance_at_office(ChipId chip, CustomerId customer, Workload end_use,
                                        std::int64_t units) const;

  /// One stream for each customer, so that one's luck does not depend on the others.
  [[nodiscard]] std::vector<Stream> streams_by_customer(std::string_view purpose) const;

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
