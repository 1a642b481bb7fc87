#include "scenarios/keys/keys.hpp"

namespace tollgate {

TableSpec licence_office_keys() {
  using L = LicenceOfficeSpec;
  TableBuilder<L> t("licence_office", "The office that decides licence applications.");
  t.number("officers", &L::officers, "officers", {1, 10000}, "Desks, a whole number.");
  t.number("service_days", &L::service_days, "days", {0, 3653, true}, "Mean time at a desk.");
  t.number("service_cv", &L::service_cv, "1", {0, 10},
           "Coefficient of variation of that time (lognormal).");
  t.number("grant_presumption_of_approval", &L::grant_presumption_of_approval, "1", kProbability,
           "Probability of a grant under presumption of approval.");
  t.number("grant_case_by_case", &L::grant_case_by_case, "1", kProbability,
           "The same under case-by-case review.");
  t.number("grant_presumption_of_denial", &L::grant_presumption_of_denial, "1", kProbability,
           "The same under presumption of denial.");
  t.number("validity_days", &L::validity_days, "days", kPeriodDays,
           "After which what has not shipped under a licence is cancelled.");
  return std::move(t).build();
}

}  // namespace tollgate
