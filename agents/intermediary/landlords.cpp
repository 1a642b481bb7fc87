#include "agents/intermediary/landlords.hpp"

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

constexpr double kMonthDays = kDaysPerYear / 12;

}  // namespace

Landlords::Series::Series(RecordLayout& layout, const OutputAxes& axes)
    : rented_h100e(layout.add_series({"rented_h100e",
                                      {axes.region},
                                      ValueType::kReal,
                                      Aggregation::kAtQuarterEnd,
                                      "H100e",
                                      "Compute rented out",
                                      "Compute at the region that is rented to customers from "
                                      "other regions."})),
      rental_spend(layout.add_series({"rental_spend",
                                      {axes.region},
                                      ValueType::kInteger,
                                      Aggregation::kSumOverQuarter,
                                      "cents",
                                      "Rent of compute",
                                      "Rent for the whole term of the contracts signed for "
                                      "compute at the region, in US cents."})) {}

Landlords::Landlords(const Context& context, const Series& series)
    : series_(series), specs_(context.spec.landlords) {
  for (const LandlordSpec& spec : specs_) capacity_.push_back(spec.capacity_h100e);
}

void Landlords::start(Context& context) {
  for (std::size_t l = 0; l < specs_.size(); ++l) {
    context.offers.rental(LandlordId{l}) = {from_usd(specs_[l].price_usd_per_month),
                                            specs_[l].capacity_h100e, specs_[l].contract_days};
    context.schedule(context.first_time(specs_[l].id, "growth_phase", kMonthDays),
                     EventKind::kCapacityGrown, l);
  }
}

void Landlords::handle(Context& context, const Event& event) {
  const LandlordSpec& spec = specs_[event.agent];
  RentalOffer& offer = context.offers.rental(LandlordId{std::size_t{event.agent}});
  switch (event.kind) {
    case EventKind::kCapacityGrown: {
      const double capacity = grown(spec.capacity_h100e, spec.capacity_growth, context);
      offer.free_h100e += capacity - capacity_[event.agent];
      capacity_[event.agent] = capacity;
      context.schedule(context.now() + days_rounded(kMonthDays), EventKind::kCapacityGrown,
                       event.agent);
      return;
    }
    case EventKind::kRentalSigned: {
      const RentalContract& contract = context.book.rentals[RentalId{std::size_t{event.subject}}];
      context.ledger.transfer(context.accounts.buyers[contract.buyer.index()],
                              context.accounts.landlords[event.agent], contract.price);
      context.record.add(series_.rental_spend, contract.price.value, spec.region.index());
      return;
    }
    default:
      TOLLGATE_CHECK(false, "an event for another kind of agent reached the landlords");
  }
}

void Landlords::close_quarter(Context& context) {
  for (std::size_t l = 0; l < specs_.size(); ++l) {
    const double rented = capacity_[l] - context.offers.rental(LandlordId{l}).free_h100e;
    context.record.add_real(series_.rented_h100e, rented, specs_[l].region.index());
  }
}

void Landlords::check(const Context& context) const {
  std::vector<double> rented(specs_.size(), 0.0);
  for (const RentalContract& contract : context.book.rentals.items()) {
    if (contract.is_open) rented[contract.landlord.index()] += contract.h100e;
  }
  for (std::size_t l = 0; l < specs_.size(); ++l) {
    const double free = context.offers.rental(LandlordId{l}).free_h100e;
    const double error = capacity_[l] - free - rented[l];
    TOLLGATE_CHECK(error < 1e-6 * (1 + capacity_[l]) && error > -1e-6 * (1 + capacity_[l]),
                   "compute of landlord " + specs_[l].id + " was lost or made up");
  }
}

}  // namespace tollgate
