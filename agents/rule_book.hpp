/// The law of a world as it stands in its scenario, outside a run.
#pragma once

#include <vector>

#include "agents/world_spec.hpp"
#include "engine/policy/law.hpp"

namespace tollgate {

/// Headquarters by vendor.
std::vector<RegionId> headquarters_of(const std::vector<VendorSpec>& vendors);

/// Everybody who orders of vendors: buyers, then traders.
std::vector<CustomerView> customers_of(const WorldSpec& spec);

/// Tells the law what speaks for or against a grant for a chip, customer by customer.
void post_grant_odds(const WorldSpec& spec, ChipId chip, double tpp, Law& law);

/// Tells the law the licence office's chances: by review policy, and the odds of all chips.
void post_grant_chances(const WorldSpec& spec, Law& law);

/// `law` is compiled for no date yet. Governments are in their first regimes, and answers of
/// retaliations have not been given. `spec` must outlive it.
class RuleBook {
 public:
  explicit RuleBook(const WorldSpec& spec);
  RuleBook(const RuleBook&) = delete;
  RuleBook& operator=(const RuleBook&) = delete;

  /// The dates on which some rule turns, within the run, and its start; sorted.
  [[nodiscard]] std::vector<SimTime> turns() const;

 private:
  const WorldSpec& spec_;
  std::vector<RegionId> vendor_headquarters_;

 public:
  Law law;
};

}  // namespace tollgate
