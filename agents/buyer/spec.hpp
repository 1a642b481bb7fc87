/// A buyer of compute, and what all buyers share, as the scenario describes them.
#pragma once

#include <string>
#include <vector>

#include "engine/market/customer_class.hpp"
#include "engine/market/ids.hpp"
#include "engine/market/throughput.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

/// Chips that a buyer has installed when the scenario starts.
struct InstalledSpec {
  ChipId chip;
  double units = 0;
};

struct BuyerSpec {
  std::string id;
  std::string name;
  RegionId headquarters;
  RegionId site;  ///< where its data centres stand
  CustomerClass customer_class = CustomerClass::kCloud;
  PerWorkload<double> need_h100e;     ///< compute wanted at the start, H100e
  double need_growth_multiplier = 1;  ///< on the growth of [demand]
  double budget_usd_per_quarter = 0;  ///< for accelerators, at the start
  double budget_growth = 1;           ///< factor per year
  std::vector<InstalledSpec> installed;
  double grey_aversion = 0;    ///< utils lost by buying in the grey market; large: never
  VendorId own_vendor;         ///< whose chips it gets at transfer price for inference; or none
  double transfer_markup = 0;  ///< transfer price over unit cost, less one
};

/// Preferences and technology of use that all buyers share.
struct DemandSpec {
  PerWorkload<double> growth;       ///< of need, factor per year
  double volatility_common = 0;     ///< of log need, per square root of a year
  double volatility_own = 0;        ///< the same, independent between buyers
  double price_sensitivity = 1;     ///< alpha: utils per unit of transformed relative price
  double price_curvature = 0;       ///< lambda of Box-Cox: 1 linear, 0 constant elasticity
  double nest_similarity = 0.5;     ///< 1 - dissimilarity; 0 is plain logit
  double stack_learning = 0;        ///< phi: 1/year at full use of a stack in the focus region
  double switching_cost = 0;        ///< utils for a stack on which nothing is installed
  double guidance_weight = 1;       ///< utils lost on a foreign chip per unit of guidance
  double delay_cost_per_month = 0;  ///< utils per month of waiting
  double wait_value = 0;            ///< utility of waiting
  double refusal_cost = 0;          ///< utils per unit of probability that the sale fails
  double precaution_gain = 0;       ///< stock held over what a cut is expected to leave lacking
  double hazard_memory_days = 180;  ///< time constant with which past cuts are forgotten
  double planning_days = 30;        ///< rhythm of planning
  double patience_days = 365;       ///< after which an order that has not shipped is cancelled
  double lot_units = 512;           ///< chips in a rack-scale lot
  double budget_carry_over = 1;     ///< share of unspent budget kept from quarter to quarter
  double lifetime_years = 5;        ///< Weibull scale of a cohort's life
  double lifetime_shape = 4;        ///< Weibull shape
  /// Elasticity of substitution between compute and memory bandwidth, and weight of compute.
  double inference_elasticity = InferenceTechnology{}.elasticity;
  double inference_compute_weight = InferenceTechnology{}.compute_weight;
  [[nodiscard]] InferenceTechnology inference_technology() const {
    return {inference_elasticity, inference_compute_weight};
  }
  double rental_horizon_months = 24;  ///< months of rent that a buyer compares with a purchase
  double reference_price_usd =
      25000;  ///< price of one H100e at which the transformed price is zero
  double precaution_horizon_days = 365;  ///< how far ahead buyers look for a cut
  double announcement_belief = 0.8;      ///< probability that an announced rule comes into force
};

}  // namespace tollgate
