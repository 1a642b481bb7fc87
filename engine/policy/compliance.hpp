/// Compliant redesign: the least costly scaling of a chip that no rule catches.
///
/// A rule catches a chip when all of its bounds hold. A redesign may lower three things: compute
/// (dense rates, TPP and performance density together, as units are switched off on the same die),
/// memory bandwidth, link bandwidth. Of all chips so scaled that no limit catches, the one of the
/// largest value is wanted; of several with one value, the one that gives up least in all.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/market/chip.hpp"
#include "engine/policy/instrument.hpp"
#include "engine/policy/law.hpp"

namespace tollgate {

/// A rule as a designer sees it: what it catches, and the chips for which another rule has taken
/// its place.
struct Limit {
  ChipBounds caught;
  std::vector<ChipBounds> lifted;

  [[nodiscard]] bool catches(const ChipSpec& chip) const;
};

/// What a chip is worth; must not fall when an attribute rises.
using ChipValue = std::function<double(const ChipSpec&)>;

/// The chip scaled under `limits`, `margin` (a share, e.g. 0.01) below each threshold that it gives
/// way to. A chip that no limit catches comes back as it is; none when no scaling helps, as under a
/// rule without thresholds. Memory stacks and size go with memory bandwidth.
///
/// Exact: value and limits are monotone or step-like in each attribute, so that an optimum lies on
/// the grid of thresholds (with a bound on a sum, where it meets the grid), which is searched
/// whole.
std::optional<ChipSpec> scaled_under(const ChipSpec& chip, std::span<const Limit> limits,
                                     double margin, const ChipValue& value);

/// Whether rules known at `now` will leave no buyer at `site` the hope of a permission for the
/// chip: each is caught by a ban or a presumption of denial that no other rule lifts.
bool is_closed(const Law& law, ChipId chip, RegionId site, SimTime now);

/// Which rules a design gives way to.
enum class DesignAim : unsigned char {
  kFree,  ///< under every ban and every licence requirement, whatever its review
  kSold   ///< under bans and presumptions of denial only
};

/// Limits, known at `now`, on the sale of a chip to buyers at `site`, by targets alone: what the
/// rules would catch, were the chip's attributes right. A rule that names the chip or has no
/// bound at all is a limit that no scaling gets under.
std::vector<Limit> limits_on(const Law& law, ChipId chip, RegionId site, SimTime now,
                             DesignAim aim);

}  // namespace tollgate
