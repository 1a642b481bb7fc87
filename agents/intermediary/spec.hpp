/// Intermediaries as the scenario describes them: grey traders, routes, and landlords of compute.
#pragma once

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
};

/// Buys where a chip is legal and brings it where it is not.
struct TraderSpec {
  std::string id;
  std::string name;
  RegionId hub;                   ///< where it buys
  std::vector<RegionId> serves;   ///< regions to which it delivers
  double capacity_per_month = 0;  ///< chips
  double capacity_growth = 1;     ///< factor per year
  double margin = 0.3;            ///< over expected cost
  double lot_units = 64;          ///< chips that are seized or pass together
};

/// Owns compute abroad and rents it out.
struct LandlordSpec {
  std::string id;
  std::string name;
  RegionId region;
  std::vector<RegionId> rents_to;  ///< headquarters of customers
  double capacity_h100e = 0;
  double capacity_growth = 1;      ///< factor per year
  double price_usd_per_month = 0;  ///< per H100e
  double contract_days = 365;
};

}  // namespace tollgate
