/// Intermediaries as the scenario describes them: grey traders, routes, and landlords of compute.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/market/ids.hpp"

namespace tollgate {

/// A leg between two jurisdictions that a grey shipment may take.
struct RouteSpec {
  std::string id;
  RegionId from;
  RegionId to;
  double cost_usd = 0;  ///< per chip
  double delay_days = 0;
  double detection = 0;  ///< probability that a lot is seized on this leg, at enforcement 1
  std::optional<double> capacity_per_month;  ///< chips of all traders; none: no limit
};

/// Buys where a chip is legal and brings it where it is not.
struct TraderSpec {
  std::string id;
  std::string name;
  RegionId hub;                      ///< where it buys
  std::vector<RegionId> serves;      ///< regions to which it delivers
  double capacity_per_month = 0;     ///< chips, at the start
  double potential_entrants = 0.05;  ///< share of the capacity of the start that never leaves
  double initial_markup = 0.3;       ///< over expected cost, at the start
  double markup_ceiling = 1.5;
  double markup_response = 0.1;     ///< per month, d ln(1 + mark-up) / d ln(asked / capacity)
  double required_return = 0.25;    ///< on the cost of a month's capacity; nobody enters or leaves
  double entry_rate = 1;            ///< per year, d ln capacity / d (return - required return)
  double return_memory_days = 180;  ///< over which the realised return is smoothed
  double lot_units = 64;            ///< chips that are seized or pass together
};

/// Owns compute abroad and rents it out.
struct LandlordSpec {
  std::string id;
  std::string name;
  RegionId region;
  std::vector<RegionId> rents_to;  ///< headquarters of customers
  double capacity_h100e = 0;
  double capacity_growth = 1;      ///< factor per year
  double price_usd_per_month = 0;  ///< per H100e, at the start
  double price_response = 0;       ///< per month, d ln price / d occupancy
  double price_floor = 0.5;        ///< factor on the price of the start
  double price_ceiling = 2;        ///< the same
  double target_occupancy = 0.85;  ///< at which the price stands still
  double contract_days = 365;
};

}  // namespace tollgate
