/// Who and what takes part in the market, as indices into the scenario's tables.
#pragma once

#include "engine/kernel/strong_id.hpp"

namespace tollgate {

using RegionId = Id<struct RegionTag>;
using ChipId = Id<struct ChipTag>;
using VendorId = Id<struct VendorTag>;
using SupplierId = Id<struct SupplierTag>;
using BuyerId = Id<struct BuyerTag>;
using TraderId = Id<struct TraderTag>;
using LandlordId = Id<struct LandlordTag>;
using RouteId = Id<struct RouteTag>;

}  // namespace tollgate
