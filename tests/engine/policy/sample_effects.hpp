/// One effect of every kind of instrument, strong enough to be seen.
#pragma once

#include <vector>

#include "engine/policy/instruments.hpp"

namespace tollgate::tests {

/// In the order of their registration. Those that list buyers list buyer 0, those that name rules
/// name none, those that list suppliers or vendors list the first of them.
inline std::vector<Effect> sample_effects() {
  std::vector<Effect> effects(kInstrumentKinds);
  [&]<std::size_t... Kind>(std::index_sequence<Kind...>) { ((effects[Kind].emplace<Kind>()), ...); }
  (std::make_index_sequence<kInstrumentKinds>{});
  for (Effect& effect : effects) {
    if (auto* list = std::get_if<ApprovedCustomers>(&effect))
      list->approved = {BuyerId{std::size_t{0}}};
    if (auto* list = std::get_if<EntityList>(&effect)) {
      list->listed_buyers = {BuyerId{std::size_t{0}}};
      list->listed_vendors = {VendorId{std::size_t{0}}};
      list->suppliers = {SupplierId{std::size_t{0}}};
    }
    if (auto* levy = std::get_if<Levy>(&effect)) levy->rate = 0.25;
    if (auto* cap = std::get_if<VolumeCap>(&effect)) cap->units = 1;
    if (auto* test = std::get_if<Testing>(&effect)) test->delay_days = 30;
    if (auto* tariff = std::get_if<Tariff>(&effect)) tariff->rate = 0.5;
    if (auto* cut = std::get_if<ComponentCut>(&effect))
      cut->suppliers = {SupplierId{std::size_t{0}}};
    if (auto* enforcement = std::get_if<Enforcement>(&effect)) enforcement->strength = 3;
    if (auto* guidance = std::get_if<Guidance>(&effect)) guidance->strength = 5;
    if (auto* customs = std::get_if<Customs>(&effect)) {
      customs->probability = 0.75;
      customs->seized_share = 0.5;
    }
    if (auto* quota = std::get_if<ImportApproval>(&effect)) quota->units = 1;
    if (auto* subsidy = std::get_if<PurchaseSubsidy>(&effect)) subsidy->rate = 0.3;
    if (auto* antitrust = std::get_if<Antitrust>(&effect)) {
      antitrust->region = RegionId{std::size_t{0}};
      antitrust->fine_share = 0.1;
      antitrust->decisions_per_year = 50;
    }
    if (auto* control = std::get_if<CounterControl>(&effect)) {
      control->suppliers = {SupplierId{std::size_t{0}}};
      control->capacity_factor = 0.5;
    }
  }
  return effects;
}

}  // namespace tollgate::tests
