/// What an export rule looks at in a chip: bounds on its attributes.
#pragma once

#include <limits>
#include <string>

#include "engine/market/chip.hpp"

namespace tollgate {

/// Closed interval; both ends open by default.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool contains(double x) const { return low <= x && x <= high; }
  [[nodiscard]] bool is_given() const {
    return low > -std::numeric_limits<double>::infinity() ||
           high < std::numeric_limits<double>::infinity();
  }
};

/// Bounds on the attributes of a chip; all of them must hold.
struct ChipBounds {
  Bounds tpp;
  Bounds performance_density;
  Bounds dram_bandwidth_gbs;
  Bounds io_bandwidth_gbs;
  Bounds bandwidth_sum_gbs;  ///< memory and chip-to-chip together

  [[nodiscard]] bool contains(const ChipSpec& chip) const {
    const double dram_gbs = chip.dram_bandwidth_tbs * 1000;
    return tpp.contains(chip.tpp) && performance_density.contains(chip.performance_density) &&
           dram_bandwidth_gbs.contains(dram_gbs) &&
           io_bandwidth_gbs.contains(chip.io_bandwidth_gbs) &&
           bandwidth_sum_gbs.contains(dram_gbs + chip.io_bandwidth_gbs);
  }
  [[nodiscard]] bool is_given() const {
    return tpp.is_given() || performance_density.is_given() || dram_bandwidth_gbs.is_given() ||
           io_bandwidth_gbs.is_given() || bandwidth_sum_gbs.is_given();
  }
};

/// One of several sets of bounds of a rule, with the name it has in the scenario.
struct ChipWindow {
  std::string id;
  ChipBounds bounds;
};

}  // namespace tollgate
