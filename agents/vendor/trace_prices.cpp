// Why a price is what it is, for the trace.

#include <cmath>

#include "agents/vendor/pricing.hpp"

namespace tollgate {
namespace {

/// A price or shadow price this close to a bound lies on it: the solver stops at 1e-7.
constexpr double kOnTheBound = 1e-6;

bool is_at(double x, double bound) { return std::abs(x - bound) <= kOnTheBound * std::abs(bound); }

}  // namespace

// The bound that binds, by the figures that went into the game. A chip that was not in it has the
// price that it had, though its offer may have been closed in between.
Reason Pricing::why_price(const Context& context, ChipId chip, RegionId region,
                          const ChipOffer& old) const {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  const ChipOffer& offer = context.offers.chip(chip, region);
  if (!offer.is_open) {
    return is_withdrawn_[place(chip, region)] != 0 ? Reason::kNotWorthSelling : Reason::kNotOffered;
  }
  if (!is_market(spec, region)) return Reason::kStrandedDiscount;
  if (vendor.pricing == PricingBehaviour::kListPrice) return Reason::kListPrice;
  if (old.is_open && old.price == offer.price) return Reason::kPriceKept;
  const Listing* listing = listing_of(chip, region);
  if (listing == nullptr) return Reason::kPriceKept;
  if (is_at(in_usd(offer.price), listing->ceiling)) return Reason::kCeiling;
  const double shadow_price = shadow_prices_[chip.index()];
  const bool has_other_use = listing->floor > 0 && listing->floor >= shadow_price;
  if (has_other_use || is_at(shadow_price, listing->floor)) {
    return listing->floor > 0 ? Reason::kOtherUse : Reason::kFirstOrderCondition;
  }
  return Reason::kSupplyBinds;
}

const Listing* Pricing::listing_of(ChipId chip, RegionId region) const {
  std::size_t listing = 0;
  for (const Market* market : played_) {
    for (const ListedChip& listed : market->chips) {
      const std::size_t l = listing++;
      if (market->clientele.region() == region && listed.chip == chip && !listed.is_for_house) {
        return &listings_[l];
      }
    }
  }
  return nullptr;
}

// A chip that was not on offer at a region and is not is no news.
void Pricing::trace_offer(const Context& context, ChipId chip, RegionId region,
                          const ChipOffer& old) const {
  const ChipOffer& offer = context.offers.chip(chip, region);
  if (!offer.is_open && !old.is_open) return;
  TraceLine line = context.trace->decide(Decision::kPriced, why_price(context, chip, region, old));
  line.by(context.chips[chip.index()].vendor)
      .chip(chip)
      .region(region)
      .set(Number::kShadowPrice, shadow_prices_[chip.index()])
      .set(Number::kDays, offer.delay_days);
  if (offer.is_open) line.set(Number::kPrice, in_usd(offer.price));
  if (old.is_open) line.set(Number::kOldPrice, in_usd(old.price));
}

}  // namespace tollgate
