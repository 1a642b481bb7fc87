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

double odds_ratio(const LicenceOfficeSpec& spec, const LicenceRequest& request) {
  const double end_use = request.end_use == Workload::kTraining ? spec.odds_training : 1.0;
  return spec.odds.of(request.customer_class) * end_use *
         above_reference(spec.odds_per_doubling_of_units, static_cast<double>(request.units),
                         spec.reference_units) *
         above_reference(spec.odds_per_doubling_of_tpp, request.tpp, spec.reference_tpp);
}

double with_odds(double probability, double odds_ratio) {
  if (odds_ratio == 1) return probability;
  return probability * odds_ratio / (1 - probability + probability * odds_ratio);
}

}  // namespace tollgate
