/// A chip vendor as the scenario describes it.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/market/ids.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

/// How a vendor sets its prices (docs/pricing.md).
enum class PricingBehaviour : unsigned char {
  kBestResponse,  ///< best for itself at the prices that its rivals ask now
  kNash,          ///< its prices in the equilibrium of all vendors
  kListPrice      ///< the list price, always
};
inline constexpr std::array<std::string_view, 3> kPricingBehaviourNames = {"best_response", "nash",
                                                                           "list_price"};

struct VendorSpec {
  std::string id;
  std::string name;
  RegionId headquarters;
  std::string stack;                          ///< software stack, e.g. "cuda"
  PerWorkload<double> utilisation;            ///< of the stack at the start, relative to CUDA
  PerWorkload<double> utilisation_max{1, 1};  ///< of the stack when it is mature
  double preference = 0;     ///< taste for the vendor at equal price and throughput, utils
  double reprice_days = 91;  ///< rhythm of repricing
  PricingBehaviour pricing = PricingBehaviour::kBestResponse;
  double price_ceiling = 2;               ///< highest net price over list price
  double wafer_opportunity_weight = 0;    ///< share of what its wafers would earn in another of its
                                          ///< chips that counts as cost of a chip, 0..1
  double forecast_memory_days = 90;       ///< time constant of the exponential smoothing of orders
  double forecast_trend_memory_days = 0;  ///< that of the trend of orders; 0: no trend is seen
  double salvage = 0.5;             ///< share of unit cost that a chip left over is still worth
  double holding_cost = 0.1;        ///< of stock per year, share of unit cost
  double supply_priority = 1;       ///< weight of its claims when a supplier is short
  double write_down_days = 30;      ///< after which stock that a rule has stranded is written down
  double stranded_discount = 1;     ///< on stranded stock outside its markets; 1: not offered there
  double licence_stock_share = 1;   ///< of what orders under review can be expected to need, kept
  double initial_orders_cover = 1;  ///< first forecast, as a multiple of pipeline over lead time

  // Research and the next generation.
  double research_share = 0;                   ///< of net proceeds, into research
  double subsidy_usd_per_year = 0;             ///< into research besides
  double research_depreciation = 0.15;         ///< of the stock, per year
  double research_elasticity = 0;              ///< of the speed of development to the stock
  double reference_research_usd_per_year = 0;  ///< at the start, on the path of the launch dates
  double reference_research_growth = 1;        ///< factor per year on that path
  double forecast_handover = 0;  ///< share of the forecast that a successor takes over at launch

  // Redesign when a rule bars a chip.
  double redesign_days = 100;     ///< mean time from the news to the launch
  double redesign_cv = 0.6;       ///< coefficient of variation of it (lognormal)
  double redesign_margin = 0.01;  ///< share by which the redesign stays below a threshold
};

}  // namespace tollgate
