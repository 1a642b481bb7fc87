#include "agents/vendor/vendors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/vendor/supply_orders.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

std::int64_t whole(double units) { return std::llround(units); }

}  // namespace

Vendors::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : stranded(layout, axes),
      pricing(layout, axes),
      roadmap(layout, axes),
      redesigns(layout, axes) {
  const auto flow = [&](const char* name, std::vector<AxisId> by, const char* units,
                        const char* long_name, const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kInteger,
                              Aggregation::kSumOverQuarter, units, long_name, description});
  };
  const auto level = [&](const char* name, std::vector<AxisId> by, const char* long_name,
                         const char* description) {
    return layout.add_series({name, std::move(by), ValueType::kInteger, Aggregation::kAtQuarterEnd,
                              "1", long_name, description});
  };
  const std::vector<AxisId> by_chip_region{axes.chip, axes.region};
  revenue = flow("revenue", {axes.vendor, axes.region}, "cents", "Revenue",
                 "What customers at the region paid the vendor for chips cleared, levy on proceeds "
                 "not yet deducted, duty reimbursed not included, in US cents.");
  net_proceeds = flow("net_proceeds", {axes.vendor}, "cents", "Net proceeds",
                      "What customers paid the vendor for chips cleared, duty reimbursed, less the "
                      "levies on them and those on shipments that were stopped, in US cents.");
  cost_of_sales = flow("cost_of_sales", {axes.vendor}, "cents", "Cost of sales",
                       "Unit cost of the chips cleared or seized, in US cents.");
  vendor_profit = flow("vendor_profit", {axes.vendor}, "cents", "Vendor's gross profit",
                       "Net proceeds less cost of sales, in US cents; unsold stock is not in it.");
  units_ordered = flow("units_ordered", by_chip_region, "1", "Chips ordered",
                       "Chips for which the vendor took orders.");
  units_licensed = flow("units_licensed", by_chip_region, "1", "Chips licensed",
                        "Chips on orders for which a licence was granted.");
  units_shipped = flow("units_shipped", by_chip_region, "1", "Chips shipped",
                       "Chips that left the vendor's stock.");
  units_cleared = flow("units_cleared", by_chip_region, "1", "Chips cleared",
                       "Chips that passed the border of the destination and were paid.");
  units_stopped = flow("units_stopped", by_chip_region, "1", "Chips stopped",
                       "Chips that were stopped at the border of the destination.");
  units_seized = flow("units_seized", by_chip_region, "1", "Chips seized",
                      "Of the chips stopped, those that customs kept.");
  units_cancelled = flow("units_cancelled", by_chip_region, "1", "Chips cancelled",
                         "Chips on orders that were denied, barred, lapsed or given up.");
  price = layout.add_series({"price", by_chip_region, ValueType::kReal, Aggregation::kAtQuarterEnd,
                             "USD", "Price",
                             "Price asked per chip, duty not included; NaN while it is not on "
                             "offer at the region, or no buyer there can hope for a permission."});
  stock = level("stock", {axes.chip}, "Stock", "Finished chips at the vendor.");
  pipeline = level("pipeline", {axes.chip}, "Pipeline", "Chips in production.");
  committed = level("committed", {axes.chip}, "Committed",
                    "Chips ordered of foundries beyond recall and not begun.");
  backlog = level("backlog", by_chip_region, "Backlog",
                  "Chips ordered and not shipped, those under review included.");
  domestic_share = layout.add_series(
      {"domestic_share",
       {},
       ValueType::kReal,
       Aggregation::kAtQuarterEnd,
       "1",
       "Domestic share",
       "Share of vendors headquartered in the focus region in the chips cleared to it in the "
       "quarter; NaN if none were."});
}

Vendors::Vendors(const Context& context, const Series& series)
    : series_(series),
      chips_(context.chips),
      specs_(context.spec.vendors),
      products_(chips_.size()),
      pricing_(context, series.pricing),
      roadmap_(context, series.roadmap),
      redesigns_(context, series.redesigns) {}

void Vendors::start(Context& context) {
  redesigns_.start(context);
  roadmap_.start(context);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const ChipSpec& chip = chips_[c];
    Product& product = products_[c];
    product.stock = product.received = whole(chip.initial_stock);
    // Chips in production arrive month by month over the lead time.
    const auto lots =
        std::max<std::int64_t>(1, whole(std::ceil(chip.lead_time_days / kDaysPerMonth)));
    const std::int64_t in_production = whole(chip.initial_pipeline);
    for (std::int64_t i = 0; i < lots && in_production > 0; ++i) {
      const std::int64_t units = in_production * (i + 1) / lots - in_production * i / lots;
      if (units == 0) continue;
      const LotId lot = context.book.lots.open({ChipId{c}, units, true});
      const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(lots);
      context.schedule(context.now() + days_rounded(chip.lead_time_days * share),
                       EventKind::kLotCompleted, chip.vendor.index(), lot.index());
    }
    context.book.in_production[c] = in_production;
    start_supply(context, ChipId{c}, product);
    // A chip that is launched or withdrawn during the run changes what is on offer then. Chips that
    // research or a redesign brings have a launch event of their own.
    const bool is_scripted = !chip.successor_of.is_some();
    for (const SimTime date : {is_scripted ? chip.launch : context.spec.until,
                               chip.withdrawn.value_or(context.spec.until)}) {
      if (date > context.now() && date < context.spec.until) {
        context.schedule(date, EventKind::kRepriced, chip.vendor.index(), 1);
      }
    }
  }
  for (std::size_t v = 0; v < specs_.size(); ++v) {
    context.schedule(context.first_time(specs_[v].id, "supply_phase", kDaysPerMonth),
                     EventKind::kSupplyOrdered, v);
    // Before every buyer has planned once there is no demand to price for.
    context.schedule(context.first_time(specs_[v].id, "reprice_phase", specs_[v].reprice_days) +
                         days_rounded(context.spec.demand.planning_days),
                     EventKind::kRepriced, v);
  }
  follow_rules(context);
}

void Vendors::handle(Context& context, const Event& event) {
  const std::size_t subject = event.subject;
  const VendorId vendor{std::size_t{event.agent}};
  switch (event.kind) {
    case EventKind::kOrderPlaced:
      return take_order(context, OrderId{subject});
    case EventKind::kLicenceDecided:
      return hear_decision(context, OrderId{subject});
    case EventKind::kShipmentCleared:
      return clear_shipment(context, ShipmentId{subject});
    case EventKind::kShipmentStopped:
      return take_back(context, ShipmentId{subject});
    case EventKind::kLotCompleted:
      return receive_lot(context, LotId{subject});
    case EventKind::kSupplyOrdered:
      order_supply(context, vendor);
      context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kSupplyOrdered,
                       vendor.index());
      return;
    case EventKind::kRepriced:
      reprice(context, vendor);
      if (subject == 0) {  // the rhythm; 1 is a single date
        context.schedule(context.now() + days_rounded(specs_[vendor.index()].reprice_days),
                         EventKind::kRepriced, vendor.index());
      }
      return;
    case EventKind::kRulesChanged:
      return subject == 0 ? follow_rules(context) : follow_letter(context, vendor);
    case EventKind::kRulesHeard:
      return hear_rules(context);
    case EventKind::kResearchFunded:
      return roadmap_.advance(context);
    case EventKind::kChipLaunched:
      return launch(context, ChipId{subject});
    case EventKind::kStockReviewed:
      return series_.stranded.review(context, ChipId{subject}, products_[subject]);
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the vendors");
  }
}

void Vendors::take_order(Context& context, OrderId id) {
  Order& order = context.book.orders[id];
  Product& product = products_[order.chip.index()];
  context.record.add(series_.units_ordered, order.waiting, order.chip.index(),
                     order.region.index());
  if (is_market(chips_[order.chip.index()], order.region))
    smooth_orders(context, order.chip, order.waiting, product);
  redesigns_.hear_order(context, order);
  product.waiting += order.waiting;
  const Conditions& conditions = context.conditions_of(order);
  if (context.trace != nullptr) trace_taken(context, order);
  if (conditions.bars(order.placed)) return cancel(context, id, Reason::kBarred);
  order.number = product.next_number++;
  if (conditions.needs_licence_for(order.placed)) return file(context, id);
  product.backlog.push_back(id);
  serve(context, order);
}

// With nothing in stock a further order changes nothing for those that wait.
void Vendors::serve(Context& context, const Order& order) {
  const bool is_for_market = is_market(chips_[order.chip.index()], order.region);
  if (products_[order.chip.index()].stock > 0 || !is_for_market) fulfil(context, order.chip);
}

// The caller takes the order off the backlog.
void Vendors::cancel(Context& context, OrderId id, Reason reason) {
  Order& order = context.book.orders[id];
  if (context.trace != nullptr) trace_cancelled(context, id, order.waiting, reason);
  products_[order.chip.index()].waiting -= order.waiting;
  context.record.add(series_.units_cancelled, order.waiting, order.chip.index(),
                     order.region.index());
  const std::int64_t units = order.waiting;
  order.waiting = 0;
  context.cancel_units(id, units);
}

// First come first served; an order that may not ship now does not hold up those behind it. What
// is held for orders under review is not free for those placed later.
void Vendors::fulfil(Context& context, ChipId chip) {
  Product& product = products_[chip.index()];
  const SimTime now = context.now();
  std::int64_t held = 0;
  std::size_t earlier = 0;  // orders under review that were placed before the one at hand
  std::size_t kept = 0;
  for (const OrderId id : product.backlog) {
    Order& order = context.book.orders[id];
    const Conditions& conditions = context.conditions_of(order);
    const bool has_lapsed = order.is_licensed && order.licence_expires <= now;
    if (has_lapsed && order.waiting > 0) context.send(EventKind::kLicenceLapsed, 0, id.index());
    if (conditions.bars(order.placed) || has_lapsed || is_given_up(context, order)) {
      cancel(context, id, why_void(context, order));
      continue;
    }
    if (conditions.needs_licence_for(order.placed) &&
        !order.is_licensed) {  // the rule came after the order
      file(context, id);
      continue;
    }
    if (product.held > 0) {
      for (; earlier < product.under_review.size(); ++earlier) {
        const Order& other = context.book.orders[product.under_review[earlier]];
        if (other.number > order.number) break;
        held += other.held;
      }
    }
    if (product.stock > held) ship(context, id, product.stock - held);
    if (is_sold_out(product, order)) {
      cancel(context, id, Reason::kSoldOut);
      continue;
    }
    if (order.waiting == 0) continue;
    if (context.trace != nullptr) trace_wait(context, product, id, held);
    product.backlog[kept++] = id;
  }
  product.backlog.resize(kept);
}

bool Vendors::is_given_up(const Context& context, const Order& order) {
  return context.now() - order.placed >= days_rounded(context.spec.demand.patience_days);
}

// Stranded stock is sold as far as it goes; no more is made for it.
bool Vendors::is_sold_out(const Product& product, const Order& order) const {
  return order.waiting > 0 && product.stock == 0 &&
         !is_market(chips_[order.chip.index()], order.region);
}

std::int64_t Vendors::ship(Context& context, OrderId id, std::int64_t free_units) {
  Order& order = context.book.orders[id];
  Product& product = products_[order.chip.index()];
  const Conditions& conditions = context.conditions_of(order);
  const CustomerId customer = context.customer_of(order);
  const std::int64_t allowance = conditions.caps != 0
                                     ? context.caps.allowance(order.chip, customer, context.now())
                                     : Caps::kNoCap;
  const std::int64_t units = std::min({order.waiting, free_units, allowance});
  const InstrumentId cap = context.trace != nullptr && allowance < Caps::kNoCap
                               ? context.caps.binding(order.chip, customer, context.now())
                               : InstrumentId{};
  if (units == 0) return 0;
  order.waiting -= units;
  order.in_transit += units;
  product.waiting -= units;
  product.stock -= units;
  product.written_down = std::max<std::int64_t>(0, product.written_down - units);
  const std::uint64_t counted_by = context.caps.count(order.chip, customer, units, context.now());
  context.record.add(series_.units_shipped, units, order.chip.index(), order.region.index());
  const ShipmentId shipment = context.book.shipments.open(
      {.order = id, .units = units, .shipped = context.now(), .counted_by = counted_by});
  context.schedule(context.now() + days_rounded(conditions.testing_days),
                   EventKind::kShipmentTested, 0, shipment.index());
  if (context.trace != nullptr) trace_shipped(context, shipment, free_units, allowance, cap);
  return units;
}

void Vendors::clear_shipment(Context& context, ShipmentId id) {
  const Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const ChipSpec& chip = chips_[order.chip.index()];
  const bool is_buyer = order.customer_kind == CustomerKind::kBuyer;
  const Cents price = times(order.unit_price, shipment.units);
  const Cents paid = price + times(order.unit_duty, shipment.units);
  context.ledger.transfer(context.account_of(order), context.accounts.vendors[chip.vendor.index()],
                          paid);
  const Cents net = paid - shipment.levies;
  const Cents cost = times(from_usd(chip.unit_cost_usd), shipment.units);
  context.record.add(series_.revenue, price.value, chip.vendor.index(), order.region.index());
  context.record.add(series_.net_proceeds, net.value, chip.vendor.index());
  context.record.add(series_.cost_of_sales, cost.value, chip.vendor.index());
  context.record.add(series_.vendor_profit, (net - cost).value, chip.vendor.index());
  context.record.add(series_.units_cleared, shipment.units, order.chip.index(),
                     order.region.index());
  roadmap_.earn(chip.vendor, net);
  Product& product = products_[order.chip.index()];
  product.settled += shipment.units;
  if (order.region == context.spec.focus_region) product.cleared_in_focus += shipment.units;
  context.send(is_buyer ? EventKind::kChipsDelivered : EventKind::kHubDelivery, order.customer,
               id.index());
}

// What the border stopped goes back to stock, but for what customs keep, and the order waits again.
// Levies charged in transit stay paid.
void Vendors::take_back(Context& context, ShipmentId id) {
  const Shipment shipment = context.book.shipments[id];
  context.book.shipments.close(id);
  Order& order = context.book.orders[shipment.order];
  Product& product = products_[order.chip.index()];
  order.in_transit -= shipment.units;
  const ChipSpec& chip = chips_[order.chip.index()];
  const std::int64_t returned = shipment.units - shipment.seized;
  if (context.trace != nullptr) {
    context.trace->event().set(Number::kLimit, static_cast<double>(shipment.seized));
  }
  product.stock += returned;
  product.seized += shipment.seized;
  context.caps.uncount(order.chip, context.customer_of(order), returned, shipment.shipped,
                       shipment.counted_by);
  Record& record = context.record;
  const Cents cost = times(from_usd(chip.unit_cost_usd), shipment.seized);
  record.add(series_.units_stopped, shipment.units, order.chip.index(), order.region.index());
  record.add(series_.units_seized, shipment.seized, order.chip.index(), order.region.index());
  record.add(series_.cost_of_sales, cost.value, chip.vendor.index());
  record.add(series_.net_proceeds, -shipment.levies.value, chip.vendor.index());
  record.add(series_.vendor_profit, -(shipment.levies + cost).value, chip.vendor.index());
  roadmap_.earn(chip.vendor, Cents{0} - shipment.levies);
  // A customer whose goods were turned back does not try the same border again with this order.
  if (order.state == OrderState::kUnderReview) {
    withdraw(context, shipment.order, Reason::kStoppedAtBorder);
    std::erase(product.under_review, shipment.order);
  } else {
    std::erase(product.backlog, shipment.order);
  }
  product.waiting += shipment.units;
  order.waiting += shipment.units;
  cancel(context, shipment.order, Reason::kStoppedAtBorder);
  fulfil(context, order.chip);
}

void Vendors::receive_lot(Context& context, LotId id) {
  const Lot lot = context.book.lots[id];
  context.book.lots.close(id);
  const ChipSpec& chip = chips_[lot.chip.index()];
  Product& product = products_[lot.chip.index()];
  context.book.in_production[lot.chip.index()] -= lot.units;
  product.stock += lot.units;
  product.received += lot.units;
  context.ledger.transfer(context.accounts.vendors[chip.vendor.index()], context.accounts.outside,
                          times(from_usd(chip.unit_cost_usd), lot.units));
  fulfil(context, lot.chip);
}

void Vendors::order_supply(Context& context, VendorId vendor) {
  redesigns_.plan_supply(context, vendor, products_);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    if (chips_[c].vendor != vendor) continue;
    smooth_orders(context, ChipId{c}, 0, products_[c]);
    look_through_applications(context, ChipId{c});
    fulfil(context, ChipId{c});  // orders whose time is up leave the backlog
    tollgate::order_supply(context, ChipId{c}, products_[c]);
    pricing_.quote_delays(context, ChipId{c}, products_[c]);
  }
}

void Vendors::reprice(Context& context, VendorId vendor) {
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    if (chips_[c].vendor == vendor) smooth_orders(context, ChipId{c}, 0, products_[c]);
  }
  pricing_.reprice(context, vendor, products_);
}

void Vendors::follow_rules(Context& context) {
  redesigns_.review(context);
  look_for_stranded(context);
  for (std::size_t c = 0; c < chips_.size(); ++c)
    smooth_orders(context, ChipId{c}, 0, products_[c]);
  pricing_.reprice_all(context, products_);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    look_through_applications(context, ChipId{c});
    fulfil(context, ChipId{c});
  }
}

// A letter is known to those whom it touches; the others price at their own time.
void Vendors::follow_letter(Context& context, VendorId vendor) {
  redesigns_.review(context);
  look_for_stranded(context);
  reprice(context, vendor);
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    if (chips_[c].vendor != vendor) continue;
    look_through_applications(context, ChipId{c});
    fulfil(context, ChipId{c});
  }
}

void Vendors::look_for_stranded(Context& context) {
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    series_.stranded.follow_rules(context, ChipId{c}, products_[c]);
    follow_rules_of_supply(context, ChipId{c}, products_[c]);
  }
}

void Vendors::hear_rules(Context& context) {
  if (redesigns_.review(context)) look_for_stranded(context);
}

void Vendors::launch(Context& context, ChipId chip) {
  if (!is_on_sale(chips_[chip.index()], context.now())) {  // too late: it is withdrawn
    if (context.trace != nullptr) context.trace->event().why(Reason::kEndOfSale);
    return;
  }
  Roadmap::launch(context, chip, products_);
  redesigns_.launch(context, chip, products_);
  pricing_.list(context, chip);
  reprice(context, chips_[chip.index()].vendor);
}

void Vendors::close_quarter(Context& context) {
  roadmap_.close_quarter(context);
  redesigns_.close_quarter(context);
  Record& record = context.record;
  std::int64_t domestic = 0;
  std::int64_t all = 0;
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    Product& product = products_[c];
    record.set(series_.stock, product.stock, c);
    record.set(series_.pipeline, context.book.in_production[c], c);
    record.set(series_.committed, context.book.supply_orders[c].committed(), c);
    product.for_each_order([&](OrderId id) {
      const Order& order = context.book.orders[id];
      record.add(series_.backlog, order.waiting, c, order.region.index());
    });
    for (std::size_t r = 0; r < context.spec.regions.size(); ++r) {
      const ChipOffer& offer = context.offers.chip(ChipId{c}, RegionId{r});
      const bool is_sold = offer.is_open && context.is_sold_openly(ChipId{c}, RegionId{r});
      record.set_real(series_.price,
                      is_sold ? in_usd(offer.price) : std::numeric_limits<double>::quiet_NaN(), c,
                      r);
    }
    all += product.cleared_in_focus;
    const RegionId home = specs_[chips_[c].vendor.index()].headquarters;
    if (home == context.spec.focus_region) domestic += product.cleared_in_focus;
    product.cleared_in_focus = 0;
  }
  pricing_.close_quarter(context);
  record.set_real(series_.domestic_share,
                  all > 0 ? static_cast<double>(domestic) / static_cast<double>(all)
                          : std::numeric_limits<double>::quiet_NaN());
}

void Vendors::check(const Context& context) const {
  std::vector<std::int64_t> in_transit(chips_.size(), 0);
  std::vector<std::int64_t> waiting(chips_.size(), 0);
  std::vector<std::int64_t> under_review(chips_.size(), 0);
  std::vector<std::int64_t> held(chips_.size(), 0);
  for (const Order& order : context.book.orders.items()) {
    if (!order.is_open || order.trader.is_some()) continue;
    in_transit[order.chip.index()] += order.in_transit;
    waiting[order.chip.index()] += order.waiting;
    held[order.chip.index()] += order.held;
    if (order.state == OrderState::kUnderReview) under_review[order.chip.index()] += order.waiting;
  }
  for (const Shipment& shipment : context.book.shipments.items()) {
    TOLLGATE_CHECK(!shipment.is_open || shipment.units > 0, "a shipment of nothing");
  }
  std::vector<std::int64_t> in_lots(chips_.size(), 0);
  for (const Lot& lot : context.book.lots.items()) {
    if (lot.is_open) in_lots[lot.chip.index()] += lot.units;
  }
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    const Product& product = products_[c];
    TOLLGATE_CHECK(context.book.in_production[c] == in_lots[c],
                   "the pipeline of " + chips_[c].id + " differs from its lots");
    TOLLGATE_CHECK(product.stock >= 0, "negative stock of " + chips_[c].id);
    TOLLGATE_CHECK(product.waiting == waiting[c],
                   "the backlog of " + chips_[c].id + " differs from the orders in the book");
    TOLLGATE_CHECK(product.units_under_review == under_review[c] && product.held == held[c],
                   "the licences sought for " + chips_[c].id + " differ from those in the book");
    TOLLGATE_CHECK(
        product.received == product.stock + in_transit[c] + product.settled + product.seized,
        "chips of " + chips_[c].id + " were lost or made up");
    const SupplyOrder& order = context.book.supply_orders[c];
    TOLLGATE_CHECK(order.ordered() == order.begun() + order.lapsed() + order.outstanding(),
                   "supply orders of " + chips_[c].id + " were lost or made up");
    TOLLGATE_CHECK(
        order.begun() == product.received + in_lots[c] - whole(chips_[c].initial_stock) -
                             whole(chips_[c].initial_pipeline),
        "chips of " + chips_[c].id + " were begun that nobody ordered, or not delivered");
  }
}

}  // namespace tollgate
