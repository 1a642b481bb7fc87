/// The office that decides licence applications, as a scenario describes it.
#pragma once

namespace tollgate {

struct LicenceOfficeSpec {
  double officers = 1;                          ///< whole number of desks
  double service_days = 38;                     ///< mean time at a desk
  double service_cv = 1;                        ///< coefficient of variation of it (lognormal)
  double grant_presumption_of_approval = 0.95;  ///< probability of a grant
  double grant_case_by_case = 0.6;
  double grant_presumption_of_denial = 0.01;
  double validity_days = 365;  ///< after which an unused licence lapses
};

}  // namespace tollgate
