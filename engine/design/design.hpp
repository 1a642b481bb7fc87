/// Experimental designs: the points of a sweep in the unit cube, each computed from its number.
///
/// A factor has a few levels or is continuous. A point has one number u in [0, 1] for each factor;
/// of n levels it means level min(n - 1, floor(n u)). Points depend on the seed and the names of
/// the factors, never on the points before; so shards and resumed sweeps need no list of points.
///
/// - grid: every combination of levels, the last factor fastest.
/// - one_at_a_time: all factors at their first level; then one factor after the other at each of
///   its other levels, the rest at their first.
/// - lhs, sobol: see engine/design/sampling_plan.hpp.
/// - saltelli: for variance-based indices (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018). Of
///   each base sample d + 2 points: A, then for each factor A with this coordinate from B, then B;
///   with `second_order` after those for each factor B with this coordinate from A (2 d + 2
///   points). The order is that of SALib. A and B are the two halves of one Sobol point of 2 d
///   dimensions.
/// - morris: trajectories of elementary effects (Morris 1991, doi:10.2307/1269043; their mean
///   modulus mu*: Campolongo, Cariboni & Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004), d + 1
///   points each, in the order of SALib. The levels are j / (p - 1), each step moves one factor by
///   p / (2 (p - 1)) up or down.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/design/sampling_plan.hpp"

namespace tollgate {

enum class DesignKind : unsigned char {
  kGrid,
  kLatinHypercube,
  kSobol,
  kSaltelli,
  kMorris,
  kOneAtATime,
  kTable  ///< points that the user lists: no `Design`
};
inline constexpr std::array<std::string_view, 7> kDesignNames = {
    "grid", "lhs", "sobol", "saltelli", "morris", "one_at_a_time", "table"};

constexpr std::string_view name_of(DesignKind kind) {
  return kDesignNames[static_cast<std::size_t>(kind)];
}

/// Whether the design takes a factor at a few levels only.
constexpr bool has_levels(DesignKind kind) {
  return kind == DesignKind::kGrid || kind == DesignKind::kOneAtATime;
}

struct DesignSpec {
  DesignKind kind = DesignKind::kGrid;
  std::uint64_t seed = 1;
  std::uint32_t points = 0;        ///< lhs, sobol: points; saltelli: base samples
  bool second_order = false;       ///< saltelli
  std::uint32_t trajectories = 0;  ///< morris
  std::uint32_t levels = 4;        ///< morris; even
};

struct DesignFactor {
  std::string name;
  std::uint64_t levels = 0;  ///< of a grid or one at a time; at least 1
};

/// Number of points of a design; 2^64 - 1 stands for that many or more.
std::uint64_t points_of(const DesignSpec& spec, std::span<const DesignFactor> factors);

/// The level out of `levels` that `u` means.
inline std::size_t level_at(double u, std::size_t levels) {
  return std::min(levels - 1, static_cast<std::size_t>(u * static_cast<double>(levels)));
}

class Design {
 public:
  /// Precondition: the design has fewer than 2^24 points, `most_factors` factors at most, and is no
  /// table.
  Design(DesignSpec spec, std::vector<DesignFactor> factors);

  [[nodiscard]] std::uint64_t points() const { return points_; }
  [[nodiscard]] std::size_t factors() const { return factors_.size(); }
  [[nodiscard]] const DesignSpec& spec() const { return spec_; }

  /// One number in [0, 1] for each factor. Precondition: `point` is below `points()`, `unit` has
  /// that size. May be called by several threads.
  void fill(std::uint64_t point, std::span<double> unit) const;

  /// As many as there are Sobol dimensions for.
  static std::size_t most_factors(DesignKind kind);

 private:
  void fill_grid(std::uint64_t point, std::span<double> unit) const;
  void fill_one_at_a_time(std::uint64_t point, std::span<double> unit) const;
  void fill_saltelli(std::uint64_t point, std::span<double> unit) const;
  void fill_trajectory(std::uint64_t point, std::span<double> unit) const;

  DesignSpec spec_;
  std::vector<DesignFactor> factors_;
  std::vector<std::uint64_t> names_;  ///< hashes of the factors' names
  std::uint64_t points_;
  std::optional<SamplingPlan> plan_;  ///< lhs, sobol, saltelli
};

}  // namespace tollgate
