// Why a price is what it is, for the trace.

#include <cmath>

#include "agents/vendor/pricing.hpp"

namespace tollgate {
namespace {

/// A price or shadow price this close to a bound lies on it: the solver stops at 1e-7.
constexpr double kOnTheBound = 1e-6;

bool is_at(double x, double bound) { return std::abs(x - bound) <= kOnTheBound * std::abs(bound); }

}  // namespace

// The bound that binds, by the same figures that went into the game.
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
  const double ceiling = spec.price_usd * vendor.price_ceiling /
                         (1 - levy_on(context, chip, markets_[region.index()]));
  if (is_at(in_usd(offer.price), ceiling)) return Reason::kCeiling;
  const double shadow_price = shadow_prices_[chip.index()];
  if (shadow_price <= 0) return Reason::kFirstOrderCondition;
  return is_at(shadow_price, wafer_opportunity(context, chip)) ? Reason::kOtherUse
                                                               : Reason::kSupplyBinds;
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
