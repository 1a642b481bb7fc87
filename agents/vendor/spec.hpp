/// A chip vendor as the scenario describes it.
#pragma once

#include <string>

#include "engine/market/ids.hpp"
#include "engine/market/workload.hpp"

namespace tollgate {

struct VendorSpec {
  std::string id;
  std::string name;
  RegionId headquarters;
  std::string stack;                          ///< software stack, e.g. "cuda"
  PerWorkload<double> utilisation;            ///< of the stack at the start, relative to CUDA
  PerWorkload<double> utilisation_max{1, 1};  ///< of the stack when it is mature
  double preference = 0;         ///< taste for the vendor at equal price and throughput, utils
  double reprice_days = 91;      ///< rhythm of repricing
  double levy_pass_through = 0;  ///< share of a levy that is put on the price, 0..1
  double price_response = 0;     ///< change of log price per unit of log scarcity and repricing
  double price_ceiling = 2;      ///< highest price over list price
  double minimum_margin = 0;     ///< lowest (net price - unit cost) / net price at which it sells
  double forecast_memory_days = 90;       ///< time constant of the exponential smoothing of orders
  double forecast_trend_memory_days = 0;  ///< that of the trend of orders; 0: no trend is seen
  double salvage = 0.5;             ///< share of unit cost that a chip left over is still worth
  double holding_cost = 0.1;        ///< of stock per year, share of unit cost
  double supply_priority = 1;       ///< weight of its claims when a supplier is short
  double write_down_days = 30;      ///< after which stock that a rule has stranded is written down
  double stranded_discount = 1;     ///< on stranded stock outside its markets; 1: not offered there
  double initial_orders_cover = 1;  ///< first forecast, as a multiple of pipeline over lead time
};

}  // namespace tollgate
