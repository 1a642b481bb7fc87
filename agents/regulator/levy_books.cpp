#include "agents/regulator/levy_books.hpp"

#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

/// First instant after a quarter of the record.
SimTime end_of(const Context& context, std::size_t quarter) {
  const Quarter first = context.record.layout().first_quarter();
  return start_of({first.index + static_cast<int>(quarter) + 1});
}

}  // namespace

LevyBooks::Series::Series(RecordLayout& layout, const OutputAxes& axes) {
  const auto money = [&](const char* name, Aggregation aggregation, const char* long_name,
                         const char* description) {
    return layout.add_series(
        {name, {axes.vendor}, ValueType::kInteger, aggregation, "cents", long_name, description});
  };
  levy_receipts =
      money("levy_receipts", Aggregation::kSumOverQuarter, "Treasury receipts of the levy, accrued",
            "Levies on proceeds and on customs value charged on shipments of the "
            "vendor, whether remitted yet or not, in US cents.");
  levy_remitted = money("levy_remitted", Aggregation::kSumOverQuarter, "Levies remitted",
                        "Levies that the vendor paid to the treasury, in US cents.");
  levy_owed = money("levy_owed", Aggregation::kAtQuarterEnd, "Levies owed",
                    "Levies charged on shipments of the vendor and not yet remitted, in US cents.");
}

LevyBooks::LevyBooks(const Context& context, const Series& series)
    : series_(series), owed_(context.spec.vendors.size()), remitted_(context.spec.vendors.size()) {
  for (std::size_t i = 0; i < context.law.instruments(); ++i) {
    const InstrumentSpec& rule = context.law.instrument(InstrumentId{i});
    if (!rule.is_a<Levy>()) continue;
    const Levy& levy = rule.as<Levy>();
    levies_.push_back({InstrumentId{i}, levy.is_due_in_transit(),
                       days_rounded(levy.remittance_days),
                       std::vector(owed_.size(), RunningShare{levy.rate_on_price()})});
  }
  charged_in_.resize(context.record.layout().quarters() * levies_.size() * owed_.size());
}

void LevyBooks::enter_transit(Context& context, ShipmentId id, SeriesId charged_by_instrument) {
  const std::size_t places = (id.index() + 1) * levies_.size();
  if (owes_.size() < places) owes_.resize(places);
  for (std::size_t l = 0; l < levies_.size(); ++l) {
    const bool is_owed = context.is_charged(levies_[l].instrument, context.book.shipments[id]);
    owed_by(id)[l] = static_cast<std::uint8_t>(is_owed);
    if (is_owed && levies_[l].is_due_in_transit) charge(context, l, id, charged_by_instrument);
  }
}

void LevyBooks::clear(Context& context, ShipmentId id, SeriesId charged_by_instrument) {
  for (std::size_t l = 0; l < levies_.size(); ++l) {
    if (owed_by(id)[l] != 0 && !levies_[l].is_due_in_transit) {
      charge(context, l, id, charged_by_instrument);
    }
  }
}

void LevyBooks::charge(Context& context, std::size_t levy, ShipmentId id,
                       SeriesId charged_by_instrument) {
  Shipment& shipment = context.book.shipments[id];
  const Order& order = context.book.orders[shipment.order];
  const VendorId vendor = context.chips[order.chip.index()].vendor;
  Levied& levied = levies_[levy];
  const Cents amount =
      levied.by_vendor[vendor.index()].charge(times(order.unit_price, shipment.units));
  shipment.levies = shipment.levies + amount;
  if (context.trace != nullptr) {
    context.trace
        ->decide(Decision::kCharged,
                 levied.is_due_in_transit ? Reason::kInTransit : Reason::kOnClearance)
        .of(context, id)
        .instrument(levied.instrument)
        .cents(amount)
        .set(Number::kRate, context.law.instrument(levied.instrument).as<Levy>().rate_on_price());
  }
  Cents& owed = owed_[vendor.index()];
  owed = owed + amount;
  Cents& in_quarter = charged_in(context.record.open_quarter(), levy, vendor);
  in_quarter = in_quarter + amount;
  context.record.add(series_.levy_receipts, amount.value, vendor.index());
  context.record.add(charged_by_instrument, amount.value, levied.instrument.index());
}

void LevyBooks::remit(Context& context, std::size_t levy, std::size_t quarter) {
  for (std::size_t v = 0; v < owed_.size(); ++v) {
    const Cents amount = charged_in(quarter, levy, VendorId{v});
    context.ledger.transfer(context.accounts.vendors[v], context.accounts.treasury, amount);
    owed_[v] = owed_[v] - amount;
    remitted_[v] = remitted_[v] + amount;
    if (context.trace != nullptr && amount > Cents{0}) {
      context.trace->decide(Decision::kRemitted, Reason::kQuarterDue)
          .by(VendorId{v})
          .instrument(levies_[levy].instrument)
          .cents(amount);
    }
    context.record.add(series_.levy_remitted, amount.value, v);
  }
}

// Levies fall due by calendar quarters: one in whose middle the run ends is not yet over.
void LevyBooks::close_quarter(Context& context) {
  const std::size_t quarter = context.record.open_quarter();
  const SimTime end = end_of(context, quarter);
  for (std::size_t l = 0; l < levies_.size() && end <= context.spec.until; ++l) {
    const SimTime due = end + levies_[l].remittance_lag;
    if (due == end) {
      remit(context, l, quarter);
    } else if (due < context.spec.until) {
      context.schedule(due, EventKind::kLevyRemitted, quarter, l);
    }
  }
  for (std::size_t v = 0; v < owed_.size(); ++v) {
    context.record.set(series_.levy_owed, owed_[v].value, v);
  }
}

Cents LevyBooks::charged() const {
  Cents total{0};
  for (std::size_t v = 0; v < owed_.size(); ++v) total = total + owed_[v] + remitted_[v];
  return total;
}

void LevyBooks::check(const Context& context) const {
  Cents all_remitted{0};
  for (std::size_t v = 0; v < owed_.size(); ++v) {
    Cents charged{0};
    for (const Levied& levied : levies_) charged = charged + levied.by_vendor[v].charged();
    TOLLGATE_CHECK(owed_[v] == charged - remitted_[v],
                   "what " + context.spec.vendors[v].id +
                       " owes in levies is not what it was charged less what it remitted");
    all_remitted = all_remitted + remitted_[v];
  }
  TOLLGATE_CHECK(context.ledger.balance(context.accounts.treasury) == all_remitted,
                 "the treasury holds something other than the levies remitted");
}

}  // namespace tollgate
