/// The variables of a sweep file with keep = "summary".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/netcdf.hpp"
#include "output/sweep_metadata.hpp"

namespace tollgate {

/// Dimensions and variables of the summary of `kept`, the series without their long axes, and of
/// the sweep's outcomes.
void add_summary(NetcdfFile& netcdf, const RecordLayout& kept, const Outcomes& outcomes);

/// Their names.
std::vector<std::string> summary_names(const RecordLayout& kept);

/// How many points a block has: as many as go into some megabytes while they are summarised, but
/// enough blocks are left for as many shards and ranks. A power of two.
std::uint32_t points_per_block(const RecordLayout& kept, const SweepMetadata& sweep,
                               std::uint32_t replicas);

}  // namespace tollgate
