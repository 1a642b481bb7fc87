#include "agents/regulator/government_books.hpp"

#include <algorithm>

#include "engine/kernel/check.hpp"

namespace tollgate {

GovernmentBooks::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto money = [&](const char* name, const char* long_name, const char* description) {
    return layout.add_series({name,
                              {axes.region},
                              ValueType::kInteger,
                              Aggregation::kSumOverQuarter,
                              "cents",
                              long_name,
                              description});
  };
  tariff_receipts = money("tariff_receipts", "Receipts of tariffs",
                          "Tariffs that customers paid the government of the region on what passed "
                          "its border, in US cents.");
  subsidy_paid = money("subsidy_paid", "Purchase subsidies",
                       "What the government of the region paid towards chips that passed its "
                       "border, in US cents.");
}

GovernmentBooks::GovernmentBooks(const Context& context, const Series& series) : series_(series) {
  const std::size_t regions = context.spec.regions.size();
  for (std::size_t i = 0; i < context.law.instruments(); ++i) {
    const InstrumentSpec& rule = context.law.instrument(InstrumentId{i});
    const auto add = [&](std::vector<Share>& shares, double rate) {
      shares.push_back({InstrumentId{i}, rate, std::vector(regions, RunningShare{rate})});
    };
    if (rule.is_a<Tariff>()) add(tariffs_, rule.as<Tariff>().rate_on_price());
    if (rule.is_a<PurchaseSubsidy>()) add(subsidies_, rule.as<PurchaseSubsidy>().rate);
  }
}

void GovernmentBooks::clear(Context& context, ShipmentId id, SeriesId charged_by_instrument) {
  Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  shipment.tariff = tariff_on(context, shipment, charged_by_instrument);
  shipment.subsidy = subsidy_on(context, shipment, charged_by_instrument);
  const AccountId customer = context.account_of(order);
  const AccountId government = context.accounts.governments[order.region.index()];
  context.ledger.transfer(customer, government, shipment.tariff);
  context.ledger.transfer(government, customer, shipment.subsidy);
  context.record.add(series_.tariff_receipts, shipment.tariff.value, order.region.index());
  context.record.add(series_.subsidy_paid, shipment.subsidy.value, order.region.index());
}

void GovernmentBooks::trace_charge(const Context& context, const Share& share, Reason reason,
                                   const Shipment& shipment, Cents amount) {
  const Order& order = context.book.orders[shipment.order];
  context.trace->decide(Decision::kCharged, reason)
      .of(context, shipment.order)
      .instrument(share.instrument)
      .units(shipment.units)
      .cents(amount)
      .set(Number::kRate, share.rate)
      .region(order.region);
}

Cents GovernmentBooks::tariff_on(Context& context, const Shipment& shipment,
                                 SeriesId charged_by_instrument) {
  const Order& order = context.book.orders[shipment.order];
  const Cents price = times(order.unit_price, shipment.units);
  Cents sum{0};
  for (Share& tariff : tariffs_) {
    if (!context.is_charged(tariff.instrument, shipment)) continue;
    const Cents amount = tariff.by_region[order.region.index()].charge(price);
    context.record.add(charged_by_instrument, amount.value, tariff.instrument.index());
    if (context.trace != nullptr) {
      trace_charge(context, tariff, Reason::kOnClearance, shipment, amount);
    }
    sum = sum + amount;
  }
  return sum;
}

// Where several would pay more than they may together, the later ones pay towards a part of the
// price only.
Cents GovernmentBooks::subsidy_on(Context& context, const Shipment& shipment,
                                  SeriesId charged_by_instrument) {
  const Order& order = context.book.orders[shipment.order];
  const Cents price = times(order.unit_price, shipment.units);
  Cents sum{0};
  double left = PurchaseSubsidy::kMostOfPrice;
  for (Share& subsidy : subsidies_) {
    if (left <= 0 || !context.is_charged(subsidy.instrument, shipment)) continue;
    const bool is_whole = subsidy.rate <= left;
    const Cents base = is_whole ? price : share_of(price, left / subsidy.rate);
    left -= std::min(left, subsidy.rate);
    const Cents amount = subsidy.by_region[order.region.index()].charge(base);
    context.record.add(charged_by_instrument, amount.value, subsidy.instrument.index());
    if (context.trace != nullptr) {
      trace_charge(context, subsidy, Reason::kSubsidised, shipment, amount);
    }
    sum = sum + amount;
  }
  return sum;
}

void GovernmentBooks::check(const Context& context, std::span<const Cents> fined) const {
  for (std::size_t r = 0; r < context.spec.regions.size(); ++r) {
    Cents taken = fined[r];
    for (const Share& tariff : tariffs_) taken = taken + tariff.by_region[r].charged();
    for (const Share& subsidy : subsidies_) taken = taken - subsidy.by_region[r].charged();
    TOLLGATE_CHECK(context.ledger.balance(context.accounts.governments[r]) == taken,
                   "the government of " + context.spec.regions[r].id +
                       " holds something other than its tariffs and fines less its subsidies");
  }
}

}  // namespace tollgate
