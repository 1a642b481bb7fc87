/// Synthetic buyers: many small firms of one kind, of which only totals and a size distribution are
/// known.
///
/// A fringe of n members becomes n ordinary buyers. Member k has the share of the totals that the
/// quantile (k + 1/2)/n of the size distribution has in the sum of these quantiles, so sizes are
/// the same in every replica and only the totals may be drawn.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agents/buyer/spec.hpp"

namespace tollgate {

struct WorldSpec;

enum class SizeDistribution : unsigned char { kLognormal, kPareto };
inline constexpr std::array<std::string_view, 2> kSizeDistributionNames = {"lognormal", "pareto"};

/// How a fringe is split; kept, so that replicas after the first allocate nothing.
struct FringeShares {
  std::vector<double> shares;       ///< of the members in the totals, ascending
  std::vector<std::int64_t> parts;  ///< of the units at hand
  std::vector<std::size_t> by_remainder;
};

/// As a buyer, but need, budget and installed chips are totals of all members.
struct FringeSpec : BuyerSpec {
  std::int64_t count = 0;
  SizeDistribution size_distribution = SizeDistribution::kLognormal;
  double size_sigma = 1;  ///< lognormal: standard deviation of log size
  double size_shape = 2;  ///< pareto: tail index
  FringeShares split;     ///< memory of `size_fringe`
};

/// Largest number of members of one fringe.
inline constexpr double kMostMembers = 10000;

/// "startups_007": of fringe `startups`, the member of place 6. Numbers are padded to the width of
/// `count`, three digits at least.
std::string member_id(const FringeSpec& fringe, std::int64_t place);

/// Adds the members of all fringes to `world.buyers`, after the named buyers, fringe by fringe. To
/// be called once, when the counts are known.
void append_fringe(WorldSpec& world);

/// Place of the fringe's first member in `world.buyers`, after `append_fringe`.
std::size_t first_member(const WorldSpec& world, std::size_t fringe);

/// Writes the numbers of the members anew, as totals and sizes may have been drawn. Chips are split
/// by largest remainder (ties to the smaller member), so that they sum to the total exactly.
void size_fringe(WorldSpec& world);

}  // namespace tollgate
