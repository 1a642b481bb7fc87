#include "agents/context.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

std::vector<RegionId> headquarters_of(const std::vector<VendorSpec>& vendors) {
  std::vector<RegionId> result;
  for (const VendorSpec& vendor : vendors) result.push_back(vendor.headquarters);
  return result;
}

std::vector<CustomerView> customers_of(const WorldSpec& spec) {
  std::vector<CustomerView> customers;
  for (std::size_t b = 0; b < spec.buyers.size(); ++b) {
    const BuyerSpec& buyer = spec.buyers[b];
    customers.push_back(
        {BuyerId{b}, buyer.site, buyer.headquarters,
         std::string{kCustomerClassNames[static_cast<std::size_t>(buyer.customer_class)]}});
  }
  for (const TraderSpec& trader : spec.traders) {
    customers.push_back({BuyerId{}, trader.hub, trader.hub, std::string{}});
  }
  return customers;
}

}  // namespace

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
      record(layout) {
  events.clear(world.start);
  book.supply_orders.resize(world.chips.size());
  book.unserved.assign(world.chips.size(), 0);
  book.in_production.assign(world.chips.size(), 0);
  accounts.outside = ledger.open_account();
  accounts.treasury = ledger.open_account();
  const auto open = [&](std::vector<AccountId>& accounts_of_kind, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) accounts_of_kind.push_back(ledger.open_account());
  };
  open(accounts.vendors, world.vendors.size());
  open(accounts.buyers, world.buyers.size());
  open(accounts.traders, world.traders.size());
  open(accounts.landlords, world.landlords.size());
  open(accounts.governments, world.regions.size());
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
