/// What speaks for or against a grant: customer, end use, quantity, capability of the chip.
///
/// The review policy of the rule gives a probability p; each criterion multiplies its odds
/// p / (1 - p). An odds ratio of 1 is neutral, and if all are the probability is p, bit for bit.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/market/customer_class.hpp"
#include "engine/market/workload.hpp"
#include "engine/policy/instrument.hpp"
#include "engine/policy/licence_office_spec.hpp"

namespace tollgate {

/// What an application asks for, as the criteria see it.
struct LicenceRequest {
  std::optional<CustomerClass> customer_class;  ///< none: a trader
  Workload end_use = Workload::kTraining;
  std::int64_t units = 0;
  double tpp = 0;  ///< of the chip
};

/// Probability of a grant under a review policy, before any criterion.
double grant_probability(const LicenceOfficeSpec& spec, ReviewPolicy review);

/// Product of the odds ratios that the criteria give. Quantity and capability count above their
/// references: each doubling multiplies the odds once more.
double odds_ratio(const LicenceOfficeSpec& spec, const LicenceRequest& request);

/// The part of it that is known of a chip and a customer before there is an order, and the rest.
double standing_odds(const LicenceOfficeSpec& spec, std::optional<CustomerClass> customer_class,
                     double tpp);
double odds_of_order(const LicenceOfficeSpec& spec, Workload end_use, std::int64_t units);

/// `probability` with its odds multiplied by `odds_ratio` (> 0). 0 and 1 stay what they are.
double with_odds(double probability, double odds_ratio);

}  // namespace tollgate
