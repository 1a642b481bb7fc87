#include "agents/vendor/pricing.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {
namespace {

/// No customer expects to wait longer than this for a chip that is out of stock.
constexpr double kLongestQuotedDelayDays = 720;
/// Beyond a factor e between demand and supply the price does not respond further.
constexpr double kLargestLogScarcity = 1;

double days_to_ship(const Context& context, ChipId chip, const Product& product) {
  const std::int64_t missing = product.waiting - product.stock;
  if (missing < 0) return 0;
  const double per_day = static_cast<double>(context.book.in_production[chip.index()]) /
                         std::max(context.chips[chip.index()].lead_time_days, 1.0);
  if (per_day <= 0) return kLongestQuotedDelayDays;
  return std::min(kLongestQuotedDelayDays, static_cast<double>(missing) / per_day);
}

/// Log of what is asked for over what can be delivered until the next repricing.
double scarcity(const Context& context, ChipId chip, const Product& product) {
  const ChipSpec& spec = context.chips[chip.index()];
  const double horizon = context.spec.vendors[spec.vendor.index()].reprice_days;
  const double asked = static_cast<double>(product.waiting) + product.orders_per_day * horizon;
  const double there = static_cast<double>(product.stock) +
                       static_cast<double>(context.book.in_production[chip.index()]) *
                           std::min(1.0, horizon / std::max(spec.lead_time_days, 1.0));
  return std::clamp(std::log((asked + 1) / (there + 1)), -kLargestLogScarcity, kLargestLogScarcity);
}

}  // namespace

Pricing::Pricing(const Context& context) : price_factor_(context.chips.size(), 1.0) {}

void Pricing::reprice(Context& context, VendorId vendor, const Products& products) {
  const VendorSpec& spec = context.spec.vendors[vendor.index()];
  for (std::size_t c = 0; c < products.size(); ++c) {
    if (context.chips[c].vendor != vendor) continue;
    price_factor_[c] =
        std::min(spec.price_ceiling,
                 std::exp(spec.price_response * scarcity(context, ChipId{c}, products[c])));
    post_offers(context, ChipId{c}, products[c]);
  }
}

// A levy tau on proceeds leaves (1 - tau) p: passed on whole, the price rises by 1 / (1 - tau). A
// duty d on top leaves the price and raises the outlay: borne whole, the price falls by 1 / (1 +
// d).
void Pricing::post_offers(Context& context, ChipId chip, const Product& product) const {
  const ChipSpec& spec = context.chips[chip.index()];
  const VendorSpec& vendor = context.spec.vendors[spec.vendor.index()];
  for (std::size_t r = 0; r < context.spec.regions.size(); ++r) {
    const RegionId region{r};
    ChipOffer& offer = context.offers.chip(chip, region);
    offer.is_open = false;
    const bool is_redirected = !is_market(spec, region);
    if (is_redirected &&
        !(product.is_stranded && vendor.stranded_discount < 1 && product.stock > product.waiting)) {
      continue;
    }
    if (!is_on_sale(spec, context.now())) continue;
    double levy = 0;
    double duty = 0;
    for (std::size_t k = 0; k < context.law.customers(); ++k) {
      if (context.law.customer(CustomerId{k}).site != region) continue;
      const Conditions& conditions = context.law.conditions(chip, CustomerId{k});
      levy = std::max(levy, conditions.levy_rate);
      duty = std::max(duty, conditions.duty_rate);
    }
    if (levy >= 1) continue;  // nothing of the price would be left
    const double pass = vendor.levy_pass_through;
    const double price = spec.price_usd * price_factor_[chip.index()] *
                         (1 + pass * levy / (1 - levy)) * (1 + pass * duty) / (1 + duty) *
                         (is_redirected ? 1 - vendor.stranded_discount : 1.0);
    const double net = (1 - levy) * price;
    // The cost of stranded stock is sunk.
    if (!is_redirected && net - spec.unit_cost_usd < vendor.minimum_margin * net) continue;
    offer = {true, from_usd(price), days_to_ship(context, chip, product)};
  }
}

}  // namespace tollgate
