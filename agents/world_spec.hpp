/// Everything that one replica's world is made from: the typed tables of a scenario.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agents/buyer/fringe.hpp"
#include "agents/buyer/spec.hpp"
#include "agents/intermediary/spec.hpp"
#include "agents/supplier/spec.hpp"
#include "agents/vendor/spec.hpp"
#include "engine/design/sampling_design.hpp"
#include "engine/kernel/sim_time.hpp"
#include "engine/market/chip.hpp"
#include "engine/market/ids.hpp"
#include "engine/policy/instrument.hpp"
#include "engine/policy/licence_office_spec.hpp"
#include "engine/policy/regime.hpp"
#include "engine/policy/response_spec.hpp"

namespace tollgate {

struct RegionSpec {
  std::string id;
  std::string name;
  double shipping_days = 7;  ///< from the vendor's stock to a site here
};

/// Entities are sorted by id, but for the members of fringes, which follow the named buyers; an
/// `Id` is the place in the table.
struct WorldSpec {
  SimTime start;
  SimTime until;
  RegionId reference_region;     ///< whose prices and installed compute are the yardstick
  RegionId focus_region;         ///< whose market the headline is about
  std::uint64_t seed = 1;        ///< of the ensemble, unless the command line gives one
  std::uint32_t replicas = 100;  ///< the same
  SamplingDesign sampling = SamplingDesign::kPlain;
  bool noise = true;               ///< false: lots by largest remainder, no shocks, mean delays
  bool scripted_redesigns = true;  ///< false: vendors begin redesigns when rules bar their chips
  std::vector<RegionSpec> regions;
  std::vector<ChipSpec> chips;
  std::vector<VendorSpec> vendors;
  std::vector<SupplierSpec> suppliers;
  std::vector<BuyerSpec> buyers;
  std::vector<FringeSpec> fringes;  ///< where the synthetic ones among the buyers come from
  DemandSpec demand;
  std::vector<TraderSpec> traders;
  std::vector<RouteSpec> routes;
  std::vector<LandlordSpec> landlords;
  std::vector<InstrumentSpec> policies;
  std::vector<PoliticsSpec> politics;
  std::vector<RegimeSpec> regimes;
  std::vector<TransitionSpec> transitions;
  LicenceOfficeSpec licence_office;
  ResponseSpec response;
};

}  // namespace tollgate
