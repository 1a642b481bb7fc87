#include "agents/context.hpp"

#include <cmath>
#include <utility>

#include "agents/rule_book.hpp"
#include "engine/kernel/draws.hpp"
#include "engine/policy/grant_criteria.hpp"

namespace tollgate {
Context::Context(const WorldSpec& world, const RecordLayout& layout, StreamFactory stream_factory)
    : spec(world),
      chips(world.chips),
      streams(stream_factory),
      offers(world.chips.size(), world.regions.size(), world.landlords.size()),
      demand(world.buyers.size(), world.chips.size()),
      vendor_headquarters(headquarters_of(world.vendors)),
      expected_fines(world.vendors.size() * world.regions.size(), 0.0),
      law(world.policies, chips, vendor_headquarters, customers_of(world), world.suppliers.size()),
      caps(law, world.chips.size(), world.start),
      record(layout),
      installed(world.regions.size() * world.chips.size(), 0) {
  events.clear(world.start);
  book.supply_orders.resize(world.chips.size());
  book.unserved.assign(world.chips.size(), 0);
  book.in_production.assign(world.chips.size(), 0);
  accounts.outside = ledger.open_account();
  accounts.treasury = ledger.open_account();
  const auto open = [&](std::vector<AccountId>& accounts_of_kind, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) accounts_of_kind.push_back(ledger.open_account());
  };
  open(accounts.governments, world.regions.size());
  open(accounts.vendors, world.vendors.size());
  open(accounts.buyers, world.buyers.size());
  open(accounts.traders, world.traders.size());
  open(accounts.landlords, world.landlords.size());
}

bool Context::is_charged(InstrumentId charge, const Shipment& shipment) const {
  const Order& order = book.orders[shipment.order];
  if (!law.applies(charge, order.chip, customer_of(order))) return false;
  switch (law.instrument(charge).grandfathers) {
    case Grandfathering::kShipped:
      return shipment.shipped >= law.in_force_since(charge);
    case Grandfathering::kOrdered:
      return order.placed >= law.in_force_since(charge);
    case Grandfathering::kNothing:
      break;
  }
  return true;
}

void Context::cancel_units(OrderId id, std::int64_t units) {
  Order& order = book.orders[id];
  const bool is_told = order.cancelled > 0;
  order.cancelled += units;
  if (is_told || units == 0) return;
  send(order.customer_kind == CustomerKind::kBuyer ? EventKind::kOrderCancelled
                                                   : EventKind::kHubOrderCancelled,
       order.customer, id.index());
}

double Context::grant_chance(ChipId chip, CustomerId customer, Workload end_use,
                             std::int64_t units) const {
  const Conditions& conditions = law.conditions(chip, customer);
  if (conditions.is_barred) return 0;
  if (!conditions.needs_licence) return 1;
  return chance_at_office(chip, customer, end_use, units);
}

double Context::grant_chance(const Order& order) const {
  const Conditions& conditions = conditions_of(order);
  if (conditions.bars(order.placed)) return 0;
  if (!conditions.needs_licence_for(order.placed)) return 1;
  return chance_at_office(order.chip, customer_of(order), order.workload, order.waiting);
}

double Context::chance_at_office(ChipId chip, CustomerId customer, Workload end_use,
                                 std::int64_t units) const {
  const ReviewPolicy review = law.conditions(chip, customer).review;
  const double odds =
      law.grant_odds(chip, customer) * odds_of_order(spec.licence_office, end_use, units);
  return with_odds(law.grant_probability[static_cast<std::size_t>(review)], odds);
}

std::vector<Stream> Context::streams_by_customer(std::string_view purpose) const {
  std::vector<Stream> result;
  for (const BuyerSpec& buyer : spec.buyers) result.push_back(streams.make(buyer.id, purpose));
  for (const TraderSpec& trader : spec.traders) result.push_back(streams.make(trader.id, purpose));
  return result;
}

SimTime Context::first_time(std::string_view agent, std::string_view purpose,
                            double period_days) const {
  if (!spec.noise) return now() + days_rounded(period_days / 2);
  Stream stream = streams.make(agent, purpose);
  return now() + days_rounded(period_days * draw_uniform(stream));
}

bool Context::is_sold_openly(ChipId chip, RegionId region) const {
  for (std::size_t b = 0; b < spec.buyers.size(); ++b) {
    if (spec.buyers[b].site != region) continue;
    const Conditions& conditions = law.conditions(chip, CustomerId{b});
    const bool is_denied =
        conditions.needs_licence && conditions.review == ReviewPolicy::kPresumptionOfDenial;
    if (!conditions.is_barred && !is_denied) return true;
  }
  return false;
}

bool Context::can_supply(SupplierId supplier, VendorId vendor) const {
  const VendorId holder = spec.suppliers[supplier.index()].stock_holder;
  return holder.is_some() ? holder == vendor : !law.is_cut(supplier, vendor);
}

double grown(double initial, double factor_per_year, const Context& context) {
  return initial * std::pow(factor_per_year, in_years(context.now() - context.spec.start));
}

}  // namespace tollgate
