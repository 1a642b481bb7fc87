#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {

TableSpec demand_keys() {
  using D = DemandSpec;
  TableBuilder<D> t("demand", "Preferences and technology of use that all buyers share.");
  t.per_workload("growth", &D::growth, "factor per year", kFactorPerYear,
                 "Growth of expected need.")
      .required();
  t.number("volatility_common", &D::volatility_common, "per sqrt(year)", {0, 3},
           "Standard deviation of log need that all buyers share.");
  t.number("volatility_own", &D::volatility_own, "per sqrt(year)", {0, 3},
           "The same for each buyer alone.");
  t.number("price_sensitivity", &D::price_sensitivity, "utils", {0, 100},
           "alpha: utils lost per unit of the transformed price of effective compute.")
      .required();
  t.number("price_curvature", &D::price_curvature, "1", {-1, 2},
           "lambda of the Box-Cox transform: 1 linear logit, 0 constant elasticity.");
  t.number("nest_similarity", &D::nest_similarity, "1", {0, 1, false, true},
           "Similarity of options within a nest; 0 is the plain logit.");
  t.number("stack_learning", &D::stack_learning, "1/year", {0, 10},
           "Rate at which a software stack that runs on all compute of the focus region matures; "
           "others in proportion to their share.");
  t.number("switching_cost", &D::switching_cost, "utils", kUtils,
           "Loss on a software stack of which nothing is installed.");
  t.number("guidance_weight", &D::guidance_weight, "utils", kUtils,
           "Loss on a foreign chip per unit of official guidance.");
  t.number("delay_cost_per_month", &D::delay_cost_per_month, "utils per month", {0, 100},
           "Loss per month until delivery.");
  t.number("wait_value", &D::wait_value, "utils", kUtils, "Utility of buying nothing now.");
  t.number("refusal_cost", &D::refusal_cost, "utils", {0, 100},
           "Loss per unit of probability that the sale fails (denial, seizure, customs).");
  t.number("precaution_gain", &D::precaution_gain, "1", {0, 10},
           "Stock held on top of need, over what a cut of supply is expected to leave lacking.");
  t.number("precaution_horizon_days", &D::precaution_horizon_days, "days", kPeriodDays,
           "How far ahead buyers look for a cut, and how long a stock has to last.");
  t.number("announcement_belief", &D::announcement_belief, "1", kProbability,
           "Probability that a rule which was announced comes into force, as buyers see it.");
  t.number("hazard_memory_days", &D::hazard_memory_days, "days", kPeriodDays,
           "Time constant with which past cuts are forgotten.");
  t.number("planning_days", &D::planning_days, "days", kPeriodDays, "Rhythm of planning.");
  t.number("patience_days", &D::patience_days, "days", kPeriodDays,
           "After which an order that has not shipped is cancelled.");
  t.number("lot_units", &D::lot_units, "H100e", kPositive, "Size of a rack-scale lot.");
  t.number("budget_carry_over", &D::budget_carry_over, "1", kShare,
           "Share of unspent budget kept from quarter to quarter.");
  t.number("lifetime_years", &D::lifetime_years, "years", {0.1, 50},
           "Scale of the Weibull life of chips.");
  t.number("lifetime_shape", &D::lifetime_shape, "1", {0.2, 50}, "Shape of that life.");
  t.number("inference_elasticity", &D::inference_elasticity, "1", {0.01, 10},
           "Elasticity of substitution between compute and memory bandwidth in inference.");
  t.number("inference_compute_weight", &D::inference_compute_weight, "1", {0, 1, true, true},
           "Weight of compute in it.");
  t.number("rental_horizon_months", &D::rental_horizon_months, "months", {1, 240},
           "Months of rent that a buyer compares with the price of a chip.");
  t.number("reference_price_usd", &D::reference_price_usd, "USD per H100e", kPrice,
           "Price of effective compute at which the transformed price is zero.");
  return std::move(t).build();
}

}  // namespace tollgate
