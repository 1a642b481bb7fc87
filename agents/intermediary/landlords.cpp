#include "agents/intermediary/landlords.hpp"

#include <cmath>
#include <limits>

#include "agents/intermediary/adjustment.hpp"
#include "engine/kernel/check.hpp"

namespace tollgate {
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
                                      "compute at the region, in US cents."})),
      rental_price(
          layout.add_series({"rental_price",
                             {axes.region},
                             ValueType::kReal,
                             Aggregation::kAtQuarterEnd,
                             "USD",
                             "Rent per H100e and month",
                             "Rent asked for a month of an H100e at the region, mean of "
                             "its landlords weighed by capacity; NaN if there is none."})) {}

Landlords::Landlords(const Context& context, const Series& series)
    : series_(series), specs_(context.spec.landlords), log_price_(specs_.size()) {
  for (const LandlordSpec& spec : specs_) capacity_.push_back(spec.capacity_h100e);
}

void Landlords::start(Context& context) {
  for (std::size_t l = 0; l < specs_.size(); ++l) {
    context.offers.rental(LandlordId{l}) = {from_usd(specs_[l].price_usd_per_month),
                                            specs_[l].capacity_h100e, specs_[l].contract_days};
    context.schedule(context.first_time(specs_[l].id, "growth_phase", kDaysPerMonth),
                     EventKind::kCapacityGrown, l);
  }
}

void Landlords::handle(Context& context, const Event& event) {
  const LandlordSpec& spec = specs_[event.agent];
  switch (event.kind) {
    case EventKind::kCapacityGrown:
      move_price(context, LandlordId{std::size_t{event.agent}});
      grow(context, LandlordId{std::size_t{event.agent}});
      if (context.trace != nullptr) {
        const RentalOffer& offer = context.offers.rental(LandlordId{std::size_t{event.agent}});
        context.trace->event()
            .region(spec.region)
            .set(Number::kPrice, in_usd(offer.price_per_month))
            .set(Number::kH100e, offer.free_h100e);
      }
      context.schedule(context.now() + days_rounded(kDaysPerMonth), EventKind::kCapacityGrown,
                       event.agent);
      return;
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

double Landlords::rented(const Context& context, LandlordId landlord) const {
  return capacity_[landlord.index()] - context.offers.rental(landlord).free_h100e;
}

// Occupancy cannot tell by how much demand exceeds what there is: above the target a rent rises
// slowly, towards an empty house it falls fast.
void Landlords::move_price(Context& context, LandlordId landlord) {
  const LandlordSpec& spec = specs_[landlord.index()];
  const double capacity = capacity_[landlord.index()];
  if (capacity <= 0) return;
  double& log_price = log_price_[landlord.index()];
  log_price = groped_log_price(log_price, spec.price_response,
                               rented(context, landlord) / capacity - spec.target_occupancy,
                               std::log(spec.price_floor), std::log(spec.price_ceiling));
  context.offers.rental(landlord).price_per_month =
      from_usd(spec.price_usd_per_month * std::exp(log_price));
}

void Landlords::grow(Context& context, LandlordId landlord) {
  const LandlordSpec& spec = specs_[landlord.index()];
  const double capacity = grown(spec.capacity_h100e, spec.capacity_growth, context);
  context.offers.rental(landlord).free_h100e += capacity - capacity_[landlord.index()];
  capacity_[landlord.index()] = capacity;
}

void Landlords::close_quarter(Context& context) {
  for (std::size_t l = 0; l < specs_.size(); ++l) {
    context.record.add_real(series_.rented_h100e, rented(context, LandlordId{l}),
                            specs_[l].region.index());
  }
  for (std::size_t r = 0; r < context.spec.regions.size(); ++r) {
    double rents = 0;
    double capacity = 0;
    for (std::size_t l = 0; l < specs_.size(); ++l) {
      if (specs_[l].region.index() != r) continue;
      rents += in_usd(context.offers.rental(LandlordId{l}).price_per_month) * capacity_[l];
      capacity += capacity_[l];
    }
    context.record.set_real(
        series_.rental_price,
        capacity > 0 ? rents / capacity : std::numeric_limits<double>::quiet_NaN(), r);
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
