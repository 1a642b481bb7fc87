// The words of the trace: what each code and column of a row means.

#include <string>
#include <utility>

#include "agents/trace.hpp"
#include "agents/world_spec.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

struct EventWord {
  EventForm form;
  const char* name;
  const char* sentence;
};

constexpr EventForm office(EventKind kind, Office which, Subject subject, Reason reason) {
  return {kind, Actor::kOffice, true, which, subject, reason};
}
constexpr EventForm one(EventKind kind, Actor actor, Subject subject, Reason reason) {
  return {kind, actor, true, Office::kLaw, subject, reason};
}
constexpr EventForm all(EventKind kind, Actor actor, Reason reason) {
  return {kind, actor, false, Office::kLaw, Subject::kNone, reason};
}

using enum Reason;

constexpr EventWord kEvents[] = {
    {office(EventKind::kInstrumentTurns, Office::kLaw, Subject::kInstrument, kDate),
     "instrument_turns", "An instrument is announced, or comes into or goes out of force."},
    {office(EventKind::kLicenceFiled, Office::kLicenceOffice, Subject::kOrder, kMessage),
     "licence_filed", "An application for a licence comes in."},
    {office(EventKind::kReviewDone, Office::kLicenceOffice, Subject::kOrder, kNextStage),
     "review_done", "An application has been reviewed at its stage, and is decided at the last."},
    {office(EventKind::kLicenceLapsed, Office::kLicenceOffice, Subject::kOrder, kMessage),
     "licence_lapsed", "A licence has expired before all chips were shipped."},
    {office(EventKind::kShipmentTested, Office::kCustoms, Subject::kShipment, kDelayOver),
     "shipment_tested", "A shipment has been tested in US transit; levies in transit fall due."},
    {office(EventKind::kShipmentAtBorder, Office::kCustoms, Subject::kShipment, kPassed),
     "shipment_at_border", "A shipment comes to the border of its destination."},
    {office(EventKind::kHazardsRevised, Office::kMinistry, Subject::kNone, kRhythm),
     "hazards_revised", "The hazards of changes of regime follow compute, receipts, calendars."},
    {one(EventKind::kRegimeTurns, Actor::kGovernment, Subject::kTransition, kHazard),
     "regime_turns", "A government moves from one regime to another."},
    {office(EventKind::kLicenceWithdrawn, Office::kLicenceOffice, Subject::kOrder, kMessage),
     "licence_withdrawn", "An application is taken back."},
    {office(EventKind::kOfficeStaffed, Office::kLicenceOffice, Subject::kNone, kDate),
     "office_staffed", "Another share of the licence officers is at work."},
    {office(EventKind::kLevyRemitted, Office::kTreasury, Subject::kNone, kDelayOver),
     "levy_remitted", "What a quarter's shipments owe under a levy falls due."},
    {office(EventKind::kStrictnessReviewed, Office::kMinistry, Subject::kNone, kUnmoved),
     "strictness_reviewed", "The government that reacts looks whether to grow stricter."},
    {office(EventKind::kAnswerGiven, Office::kMinistry, Subject::kInstrument, kDelayOver),
     "answer_given", "A retaliation is switched on."},
    {office(EventKind::kAnswerEnded, Office::kMinistry, Subject::kInstrument, kDelayOver),
     "answer_ended", "A retaliation may be over."},
    {office(EventKind::kFineDecided, Office::kAntitrust, Subject::kNone, kFined), "fine_decided",
     "An antitrust case is decided."},
    {all(EventKind::kCapacityAllocated, Actor::kSupplier, kRhythm), "capacity_allocated",
     "Suppliers share their month's capacity among the chips that are due."},
    {one(EventKind::kOrderPlaced, Actor::kVendor, Subject::kOrder, kInTurn), "order_placed",
     "A vendor takes an order."},
    {one(EventKind::kLicenceDecided, Actor::kVendor, Subject::kOrder, kGranted), "licence_decided",
     "A vendor hears the decision on its application."},
    {one(EventKind::kShipmentCleared, Actor::kVendor, Subject::kShipment, kPaid),
     "shipment_cleared", "A shipment has passed the border and is paid; cents are revenue."},
    {one(EventKind::kShipmentStopped, Actor::kVendor, Subject::kShipment, kMessage),
     "shipment_stopped", "A shipment was stopped at the border; limit is what customs keep."},
    {one(EventKind::kLotCompleted, Actor::kVendor, Subject::kLot, kDelayOver), "lot_completed",
     "Chips come out of production."},
    {one(EventKind::kSupplyOrdered, Actor::kVendor, Subject::kNone, kRhythm), "supply_reviewed",
     "A vendor looks at its backlog and orders supply."},
    {one(EventKind::kRepriced, Actor::kVendor, Subject::kNone, kRhythm), "repriced",
     "A vendor sets its prices."},
    {all(EventKind::kRulesChanged, Actor::kVendor, kMessage), "rules_changed",
     "Vendors follow a change of law."},
    {all(EventKind::kRulesHeard, Actor::kVendor, kMessage), "rules_heard",
     "Vendors hear of a rule and ask whether it calls for a redesign."},
    {all(EventKind::kResearchFunded, Actor::kVendor, kRhythm), "research_funded",
     "A month of research ends."},
    {one(EventKind::kChipLaunched, Actor::kVendor, Subject::kChip, kReady), "chip_launched",
     "A chip comes on sale."},
    {one(EventKind::kStockReviewed, Actor::kVendor, Subject::kChip, kStranded), "stock_reviewed",
     "Chips barred from all their markets are written down; cents are the write-down."},
    {one(EventKind::kPlanned, Actor::kBuyer, Subject::kNone, kRhythm), "planned",
     "A buyer plans its purchases."},
    {one(EventKind::kChipsDelivered, Actor::kBuyer, Subject::kShipment, kMessage),
     "chips_delivered", "A buyer gets chips from a vendor; cents are what it paid in all."},
    {one(EventKind::kOrderCancelled, Actor::kBuyer, Subject::kOrder, kMessage), "order_cancelled",
     "A buyer hears that units of its order are cancelled, and has the money back."},
    {one(EventKind::kGreyLotDelivered, Actor::kBuyer, Subject::kShipment, kDelayOver),
     "grey_lot_delivered", "A buyer gets and pays chips from a trader."},
    {one(EventKind::kCohortRetired, Actor::kBuyer, Subject::kCohort, kDelayOver), "cohort_retired",
     "Chips installed together retire."},
    {one(EventKind::kRentalEnded, Actor::kBuyer, Subject::kContract, kDelayOver), "rental_ended",
     "A contract for compute abroad runs out."},
    {all(EventKind::kDemandShifted, Actor::kBuyer, kRhythm), "demand_shifted",
     "The common shock moves everybody's need."},
    {all(EventKind::kLawSeen, Actor::kBuyer, kMessage), "law_seen",
     "Buyers see a change of law, or hear of a rule."},
    {all(EventKind::kStacksUsed, Actor::kBuyer, kRhythm), "stacks_used",
     "Software stacks mature by use."},
    {all(EventKind::kTastesRevised, Actor::kBuyer, kMessage), "tastes_revised",
     "Buyers tell what they think of each chip under the new law."},
    {{EventKind::kChipRevised, Actor::kBuyer, false, Office::kLaw, Subject::kChip, kMessage},
     "chip_revised",
     "A redesign has got its attributes."},
    {one(EventKind::kGreyOrderPlaced, Actor::kTrader, Subject::kOrder, kTraderTook),
     "grey_order_placed", "A trader takes an order, as far as it has room."},
    {one(EventKind::kHubDelivery, Actor::kTrader, Subject::kShipment, kMessage), "hub_delivery",
     "Chips that a trader has bought come to its hub."},
    {one(EventKind::kHubOrderCancelled, Actor::kTrader, Subject::kOrder, kMessage),
     "hub_order_cancelled", "A trader hears that units of its order are cancelled."},
    {one(EventKind::kTradeOpened, Actor::kTrader, Subject::kNone, kRhythm), "trade_opened",
     "A trader begins a month with new prices; limit is its capacity."},
    {one(EventKind::kRentalSigned, Actor::kLandlord, Subject::kContract, kMessage), "rental_signed",
     "A landlord is paid for a contract."},
    {one(EventKind::kCapacityGrown, Actor::kLandlord, Subject::kNone, kRhythm), "capacity_grown",
     "A landlord's compute grows and its rent follows occupancy; price is a month's rent."},
    {{EventKind::kQuarterClosed, Actor::kWorld, false, Office::kLaw, Subject::kNone, kDate},
     "quarter_closed",
     "The books of a calendar quarter are closed."},
};

using DecisionWord = std::pair<const char*, const char*>;
constexpr DecisionWord kDecisions[] = {
    {"need_reviewed", "How much compute a buyer lacks; cents are the budget at hand."},
    {"option_weighed", "An option of a choice: its utility, its probability, the lots it got."},
    {"ordered", "A buyer or trader orders; units 0: it wanted to and could not."},
    {"rented", "A buyer rents compute abroad; no contract: it wanted to and could not."},
    {"cut_felt", "A buyer fears for its supply; rate is the share of it that was cut."},
    {"shipped", "Chips leave the vendor's stock; limit is what was free, days what tests take."},
    {"held_up", "An order waits, from now on for this reason; units are those that wait."},
    {"cancelled", "Units of an order are cancelled."},
    {"licence_sought", "A vendor files for a licence."},
    {"application_withdrawn", "A vendor takes an application back."},
    {"supply_ordered", "A vendor orders chips of its foundries; have is what it has or expects."},
    {"prices_sought", "A vendor solves for its prices; rate is the residual."},
    {"priced", "The price of a chip at a region; none: it is not on offer there."},
    {"markets_turned", "Rules have closed all markets of a chip, or opened one."},
    {"redesign_begun", "A vendor begins to scale a chip down; days are those to its launch."},
    {"lot_begun", "Chips of a vendor's order are begun; limit is what was due."},
    {"charged", "A levy, tariff or subsidy on a shipment, in cents."},
    {"remitted", "A vendor pays the levies of a quarter to the treasury."},
    {"hazard_revised", "The hazard of a change of regime; rate is in moves a year."},
    {"answer_decided", "A government decides whether to answer a rule; the watched one is named."},
    {"grey_lot_sent", "Chips leave a hub and will arrive; cents are what the buyer will pay."},
    {"grey_lot_seized",
     "Chips that left a hub are seized on the way; cents are what all that left had cost."},
};
static_assert(std::size(kDecisions) == static_cast<std::size_t>(kLastDecision) -
                                           static_cast<std::size_t>(Decision::kNeedReviewed) + 1);

using ReasonWord = std::pair<const char*, const char*>;
constexpr ReasonWord kReasons[] = {
    {"rhythm", "The agent's own calendar."},
    {"date", "A date of the scenario."},
    {"message", "Another agent's act of this instant."},
    {"delay_over", "The time that it takes has passed."},
    {"enough", "What the buyer has and has ordered covers its need."},
    {"no_budget", "The buyer has no money left."},
    {"short_of_compute", "Need exceeds what the buyer has and has ordered: it goes to market."},
    {"lots_fell", "Lots fell on the option, by its probability."},
    {"no_lot_fell", "It was among the options, and no lot fell on it."},
    {"barred", "The instrument bars it."},
    {"no_hope", "Under the instrument a licence or passage is all but certain to fail."},
    {"not_on_offer", "The seller does not offer it in the region at present."},
    {"chosen", "Lots fell on it, and the budget reaches."},
    {"less_than_a_chip", "What lots and budget reach for is less than a chip or an H100e."},
    {"supply_cut", "The law has closed part of what the buyer's compute rests on."},
    {"in_turn", "First come first served: the order is in the backlog."},
    {"licence_needed", "The instrument requires a licence for it."},
    {"whole_order", "All that the order still waited for."},
    {"stock", "The vendor's stock reaches no further."},
    {"held_for_reviews", "The rest of the stock is kept for orders under review."},
    {"cap", "The instrument's ceiling on units reaches no further."},
    {"denied", "The licence was denied."},
    {"licence_lapsed", "The licence expired before the chips were shipped."},
    {"given_up", "The customer's patience is over."},
    {"sold_out", "No more is made of a stranded chip, and its stock is sold."},
    {"stopped_at_border", "The shipment was stopped at the border."},
    {"licence_for_fewer", "The licence covers fewer chips than the order."},
    {"licence_not_needed", "The rule that asked for the licence has gone."},
    {"paid", "The customer has paid the vendor."},
    {"newsvendor", "The newsvendor's quantity for the time until the next order arrives."},
    {"cut_off", "Rules leave the vendor no foundry for the chip."},
    {"end_of_sale", "The chip is withdrawn before more of it could arrive."},
    {"exempt_only", "The chip is barred: only orders that rules leave alone are made for."},
    {"solved", "The first-order conditions hold."},
    {"unsolved", "The solver did not converge; old prices stay if the residual is large."},
    {"nobody_asks", "No buyer asks for a chip of the vendor: prices stay."},
    {"first_order_condition", "Marginal profit is zero, and supply does not bind."},
    {"supply", "Expected sales are held to what can be delivered: the shadow price is above zero."},
    {"other_use_of_wafers",
     "Its wafers would earn more in another chip: that is part of its cost."},
    {"ceiling", "The highest price that the vendor lets itself ask."},
    {"kept", "The price has not changed."},
    {"not_worth_selling", "No price in reach covers cost, levy and shadow price."},
    {"list_price", "The vendor asks its list price."},
    {"stranded_discount", "Stranded stock goes at a discount on the list price."},
    {"all_markets_closed", "Rules bar the chip from all its markets."},
    {"market_opened", "A market of the chip is open again."},
    {"stranded", "The chip has been barred from all its markets for the vendor's time."},
    {"closed_by_rule", "Rules known now will close the focus region to the chip before it."},
    {"ready", "It is developed, and its process node is there."},
    {"as_ordered", "All that was due."},
    {"foundry_short", "Wafers were short."},
    {"packaging_short", "Packaging was short."},
    {"memory_short", "Memory stacks were short."},
    {"announced", "It is made known today."},
    {"in_force", "It is in force from today."},
    {"ended", "Its last day is over."},
    {"taken_back", "It is withdrawn today."},
    {"switched_off", "Its date has come, but regime or retaliation keep it off."},
    {"next_stage", "The application goes on to the next stage of review."},
    {"granted", "The licence was granted."},
    {"crossed", "The application was withdrawn at the same instant."},
    {"in_transit", "The charge falls due in US transit."},
    {"on_clearance", "The charge falls due when the goods have passed the border."},
    {"subsidised", "The government pays towards the purchase."},
    {"passed", "Nothing stops it at the border."},
    {"inspected", "Customs stopped it; probability is that of a stop."},
    {"quarter_due", "The remittance of the quarter has fallen due."},
    {"hazard", "The hazard of the transition."},
    {"moved", "Strictness has moved by a step at least; rate is its new value."},
    {"unmoved", "Strictness has moved by less than a step; rate is the value that holds."},
    {"answered", "The rule is answered after the retaliation's lag."},
    {"not_answered", "The rule is let pass."},
    {"fined", "The case is decided with a fine, in cents."},
    {"trader_took", "The trader had room for the whole order."},
    {"trader_full", "The trader had no room for the rest."},
    {"through", "The lot was not detected."},
    {"seized_on_the_way", "The lot was detected and seized."},
    {"no_route", "No route from the hub has room this month."},
};
static_assert(std::size(kReasons) == static_cast<std::size_t>(kLastReason) + 1);

const TraceColumn kNumberColumns[] = {
    {"utility", "utils", "Of an option, over the outside; the sum of its parts and of waiting's."},
    {"utility_of_price", "utils", "Part of it: outlay per effective compute."},
    {"utility_of_vendor", "utils", "Part of it: preference for the vendor."},
    {"utility_of_switching", "utils", "Part of it: a software stack that the buyer does not run."},
    {"utility_of_guidance", "utils", "Part of it: the government's discouragement."},
    {"utility_of_delay", "utils", "Part of it: time until delivery."},
    {"utility_of_risk", "utils", "Part of it: that the sale fails; aversion to the grey market."},
    {"probability", "1", "Of the choice, of a grant, of a stop, of an answer."},
    {"lots", "lots", "Lots that fell on the option."},
    {"outlay", "USD", "What the buyer pays in all, per chip, or per H100e and contract."},
    {"price", "USD", "What the seller asks, per chip, or per H100e and month."},
    {"old_price", "USD", "The price before."},
    {"shadow_price", "USD", "What one more chip to deliver would earn over unit cost."},
    {"need", "H100e", "Effective compute wanted, precaution included."},
    {"have", "H100e", "Effective compute installed, rented and ordered; of chips: units."},
    {"h100e", "H100e", "Effective compute: lacking, or asked for."},
    {"precaution", "1", "Share of need held on top of it against a cut."},
    {"limit", "1", "What the constraint allows, units."},
    {"days", "days", "Delay that is expected or set."},
    {"rate", "1", "Rate of a levy or hazard, odds ratio of the licence criteria, strictness."},
};
static_assert(std::size(kNumberColumns) == static_cast<std::size_t>(kLastNumber) + 1);
static_assert(std::size(kNumberColumns) <= kMostTraceNumbers);

template <class Entity>
std::vector<std::string> ids_of(const std::vector<Entity>& entities) {
  std::vector<std::string> ids;
  for (const Entity& entity : entities) ids.push_back(entity.id);
  return ids;
}

template <class... Lists>
std::vector<std::string> joined(const Lists&... lists) {
  std::vector<std::string> all;
  (all.insert(all.end(), lists.begin(), lists.end()), ...);
  return all;
}

}  // namespace

const EventForm& form_of(EventKind kind) {
  for (const EventWord& event : kEvents) {
    if (event.form.kind == kind) return event.form;
  }
  TOLLGATE_CHECK(false, "an event that the trace has no words for");
}

TraceLayout trace_layout(const WorldSpec& spec) {
  TraceLayout layout;
  layout.happenings.resize(static_cast<std::size_t>(kLastDecision) + 1);
  for (const EventWord& event : kEvents) {
    layout.happenings[static_cast<std::size_t>(event.form.kind)] = {event.name, event.sentence};
  }
  for (std::size_t i = 0; i < std::size(kDecisions); ++i) {
    layout.happenings[static_cast<std::size_t>(Decision::kNeedReviewed) + i] = {
        kDecisions[i].first, kDecisions[i].second};
  }
  for (const auto& [name, sentence] : kReasons) layout.reasons.push_back({name, sentence});

  const auto vendors = ids_of(spec.vendors);
  const auto buyers = ids_of(spec.buyers);
  const auto traders = ids_of(spec.traders);
  const auto landlords = ids_of(spec.landlords);
  const auto chips = ids_of(spec.chips);
  const auto instruments = ids_of(spec.policies);
  layout.agents = {
      {"office",
       "Office of a state",
       {"law", "licence_office", "customs", "treasury", "ministry", "antitrust"}},
      {"government", "Government", ids_of(spec.politics)},
      {"supplier", "Supplier", ids_of(spec.suppliers)},
      {"vendor", "Chip vendor", vendors},
      {"buyer", "Buyer of compute", buyers},
      {"trader", "Trader in a hub", traders},
      {"landlord", "Landlord of compute", landlords},
      {"world", "The world", {}},
  };
  layout.subjects = {
      {"", "Nothing in particular", {}},
      {"order", "Order", {}},
      {"shipment", "Shipment", {}},
      {"lot", "Lot in production", {}},
      {"contract", "Contract for rent", {}},
      {"cohort", "Chips installed together", {}},
      {"chip", "Chip", chips},
      {"instrument", "Instrument", instruments},
      {"transition", "Change of regime", ids_of(spec.transitions)},
  };
  layout.labels = {
      {"chip", "Chip", chips},
      {"customer", "Who buys or has ordered: a buyer, or a trader", joined(buyers, traders)},
      {"seller", "Who sells: a vendor, a trader, a landlord", joined(vendors, traders, landlords)},
      {"region", "Where the chips go", ids_of(spec.regions)},
      {"workload", "What they are for", {kWorkloadNames.begin(), kWorkloadNames.end()}},
      {"origin",
       "Where compute comes from",
       {"legal_foreign", "grey", "domestic", "rented_abroad", "wait"}},
      {"instrument", "The rule that decided", instruments},
      {"supplier", "The supplier that was short", ids_of(spec.suppliers)},
  };
  layout.numbers.assign(std::begin(kNumberColumns), std::end(kNumberColumns));
  return layout;
}

}  // namespace tollgate
