#pragma once

#include <algorithm>
#include <vector>

#include "engine/policy/conditions.hpp"
#include "engine/policy/instruments/instrument_kind.hpp"

namespace tollgate {

/// Sale only to the listed buyers.
struct ApprovedCustomers {
  std::vector<BuyerId> approved;

  static constexpr std::string_view kName = "approved_customers";
  static constexpr std::string_view kSentence = "Sale only to the buyers that are listed.";
  static constexpr Scope kScope = Scope::kSales;
  static constexpr bool kSparesEarlier = true;

  [[nodiscard]] bool singles_out(const CustomerView& customer) const {
    return std::ranges::find(approved, customer.buyer) == approved.end();
  }
  void apply(const Meeting& at, Conditions& conditions) const { conditions.bar(at); }

  template <class Keys>
  static void describe(Keys& keys) {
    keys.references("approved", &ApprovedCustomers::approved, "Buyers that may buy.").required();
  }
};

}  // namespace tollgate
