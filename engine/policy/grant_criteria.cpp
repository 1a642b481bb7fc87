#include "engine/policy/grant_criteria.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate {
namespace {

/// `per_doubling` to the number of times that `x` has doubled beyond `reference`.
double above_reference(double per_doubling, double x, double reference) {
  if (per_doubling == 1 || x <= reference) return 1;
  return std::pow(per_doubling, std::log2(x / reference));
}

}  // namespace

double grant_probability(const LicenceOfficeSpec& spec, ReviewPolicy review) {
  switch (review) {
    case ReviewPolicy::kPresumptionOfApproval:
      return spec.grant_presumption_of_approval;
    case ReviewPolicy::kCaseByCase:
      return spec.grant_case_by_case;
    case ReviewPolicy::kPresumptionOfDenial:
      return spec.grant_presumption_of_denial;
  }
  return 0;
}

double standing_odds(const LicenceOfficeSpec& spec, std::optional<CustomerClass> customer_class,
                     double tpp) {
  return spec.odds.of(customer_class) *
         above_reference(spec.odds_per_doubling_of_tpp, tpp, spec.reference_tpp);
}

double odds_of_order(const LicenceOfficeSpec& spec, Workload end_use, std::int64_t units) {
  const double training = end_use == Workload::kTraining ? spec.odds_training : 1.0;
  return training * above_reference(spec.odds_per_doubling_of_units, static_cast<double>(units),
                                    spec.reference_units);
}

double odds_ratio(const LicenceOfficeSpec& spec, const LicenceRequest& request) {
  return standing_odds(spec, request.customer_class, request.tpp) *
         odds_of_order(spec, request.end_use, request.units);
}

double with_odds(double probability, double odds_ratio) {
  if (odds_ratio == 1) return probability;
  return probability * odds_ratio / (1 - probability + probability * odds_ratio);
}

}  // namespace tollgate
