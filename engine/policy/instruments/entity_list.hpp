#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"
#include "engine/policy/targets.hpp"

namespace tollgate {

/// A list of firms. Sales to listed buyers need a licence, whatever the chip; listed vendors are
/// cut off from the suppliers named (footnote 4: foreign foundries need a licence to serve them,
/// which is not granted).
struct EntityList {
  std::vector<BuyerId> listed_buyers;
  std::vector<VendorId> listed_vendors;
  std::vector<SupplierId> suppliers;
  ReviewPolicy review = ReviewPolicy::kPresumptionOfDenial;

  static constexpr std::string_view kName = "entity_list";
  static constexpr std::string_view kSentence =
      "Firms listed: any chip for a listed buyer needs a licence; listed vendors are cut off from "
      "the suppliers named.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  [[nodiscard]] bool singles_out(const CustomerView& customer) const {
    return customer.buyer.is_some() &&
           std::ranges::find(listed_buyers, customer.buyer) != listed_buyers.end();
  }
  void apply(const Meeting& at, Conditions& conditions) const {
    conditions.require_licence(at, review);
  }
  [[nodiscard]] std::optional<ReviewPolicy> required_review() const { return review; }

  [[nodiscard]] bool cuts(const Targets& /*targets*/, SupplierId supplier, VendorId vendor,
                          RegionId /*vendor_headquarters*/) const {
    return std::ranges::find(suppliers, supplier) != suppliers.end() &&
           std::ranges::find(listed_vendors, vendor) != listed_vendors.end();
  }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.references("listed_buyers", &EntityList::listed_buyers, "Buyers on the list.");
    keys.references("listed_vendors", &EntityList::listed_vendors, "Vendors on the list.");
    keys.references("suppliers", &EntityList::suppliers,
                    "Suppliers that may not serve the listed vendors.");
    keys.choice("review", &EntityList::review, kReviewPolicyNames,
                "How applications for listed buyers are judged.");
  }
};

}  // namespace tollgate
