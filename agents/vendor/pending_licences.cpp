#include "agents/vendor/pending_licences.hpp"

namespace tollgate {

double held_for(const Context& context, const Order& order) {
  const VendorId vendor = context.chips[order.chip.index()].vendor;
  const double share = context.spec.vendors[vendor.index()].licence_stock_share;
  if (share == 0) return 0;
  return share * context.grant_chance(order) * static_cast<double>(order.waiting);
}

double reckoned_backlog(const Context& context, const Product& product) {
  auto units = static_cast<double>(product.waiting - product.under_review);
  if (product.under_review == 0) return units;
  for (const OrderId id : product.backlog) {
    const Order& order = context.book.orders[id];
    if (order.state == OrderState::kUnderReview) units += held_for(context, order);
  }
  return units;
}

}  // namespace tollgate
