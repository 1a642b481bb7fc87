#include "agents/rule_book.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/policy/grant_criteria.hpp"

namespace tollgate {

std::vector<RegionId> headquarters_of(const std::vector<VendorSpec>& vendors) {
  std::vector<RegionId> result;
  for (const VendorSpec& vendor : vendors) result.push_back(vendor.headquarters);
  return result;
}

std::vector<CustomerView> customers_of(const WorldSpec& spec) {
  std::vector<CustomerView> customers;
  for (std::size_t b = 0; b < spec.buyers.size(); ++b) {
    const BuyerSpec& buyer = spec.buyers[b];
    customers.push_back(
        {BuyerId{b}, buyer.site, buyer.headquarters,
         std::string{kCustomerClassNames[static_cast<std::size_t>(buyer.customer_class)]}});
  }
  for (const TraderSpec& trader : spec.traders) {
    customers.push_back({BuyerId{}, trader.hub, trader.hub, std::string{}});
  }
  return customers;
}

void post_grant_odds(const WorldSpec& spec, ChipId chip, double tpp, Law& law) {
  for (const CustomerId head : law.group_heads()) {
    const auto customer_class = head.index() < spec.buyers.size()
                                    ? std::optional{spec.buyers[head.index()].customer_class}
                                    : std::nullopt;  // a trader
    law.set_grant_odds(chip, law.group_of(head),
                       standing_odds(spec.licence_office, customer_class, tpp));
  }
}

void post_grant_chances(const WorldSpec& spec, Law& law) {
  for (std::size_t policy = 0; policy < kReviewPolicyNames.size(); ++policy) {
    law.grant_probability[policy] =
        grant_probability(spec.licence_office, static_cast<ReviewPolicy>(policy));
  }
  for (std::size_t c = 0; c < spec.chips.size(); ++c) {
    post_grant_odds(spec, ChipId{c}, spec.chips[c].tpp, law);
  }
}

RuleBook::RuleBook(const WorldSpec& spec)
    : spec_(spec),
      vendor_headquarters_(headquarters_of(spec.vendors)),
      law(spec.policies, spec.chips, vendor_headquarters_, customers_of(spec),
          spec.suppliers.size()) {
  post_grant_chances(spec, law);
  const auto first_regime = [&](PoliticsId government) {
    return spec.politics[government.index()].initial;
  };
  for (std::size_t i = 0; i < spec.policies.size(); ++i) {
    const InstrumentSpec& rule = spec.policies[i];
    law.set_regime_on(InstrumentId{i}, do_hold(rule.regimes, spec.regimes, first_regime));
    if (!rule.is_a<Retaliation>()) continue;
    for (const std::string& id : rule.as<Retaliation>().answer) {
      law.set_switch(find_rule(spec.policies, id), false);
    }
  }
}

std::vector<SimTime> RuleBook::turns() const {
  std::vector<SimTime> dates{spec_.start};
  for (const InstrumentSpec& rule : spec_.policies) {
    if (!rule.enabled) continue;
    if (rule.effective > spec_.start && rule.effective < spec_.until) {
      dates.push_back(rule.effective);
    }
    for (const std::optional<SimTime>& end : {rule.until, rule.withdrawn}) {
      if (end && *end > spec_.start && *end < spec_.until) dates.push_back(*end);
    }
  }
  std::ranges::sort(dates);
  dates.erase(std::unique(dates.begin(), dates.end()), dates.end());
  return dates;
}

}  // namespace tollgate
