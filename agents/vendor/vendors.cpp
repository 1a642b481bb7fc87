#include "agents/vendor/vendors.hpp"

#include <algorithm>
#include <cmath>

#include "agents/vendor/supply_orders.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

std::int64_t whole(double units) { return std::llround(units); }

}  // namespace

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

}  // namespace tollgate
