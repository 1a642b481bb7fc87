/// A sweep: one scenario, or several, run at many points of some of its keys.
///
/// Two kinds of factor. The value of a number factor is written into a replica's world, by the same
/// setters that draws use, so that a change of point costs nothing; its key is not drawn then,
/// exactly as if the command line had set it. A structural factor (scenarios, switches, names,
/// lists) has levels with labels; each combination of its levels is a variant, a scenario of its
/// own. Variants may have different axes: the output has the union of their labels.
///
/// Immutable after loading; threads share it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/world.hpp"
#include "engine/design/design.hpp"
#include "engine/kernel/union_layout.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

/// What of each replica is kept: every quarter of it, quantiles over replicas, or headline numbers.
enum class Keep : unsigned char { kAll, kQuarterly, kSummary };
inline constexpr std::array<std::string_view, 3> kKeepNames = {"all", "quarterly", "summary"};

struct SweepFactor {
  std::string id;   ///< name of the coordinate
  std::string key;  ///< dotted path, e.g. "policy.levy.rate"; empty: of scenarios
  std::string unit;
  std::string sentence;  ///< from the key table
  std::string source;
  std::vector<std::string> labels;  ///< of a structural factor, by level

  // Of a number factor.
  ParameterKind kind = ParameterKind::kReal;
  std::vector<double> levels;  ///< the values, where there are only a few
  Distribution distribution;   ///< otherwise: what it is drawn from; of a range, uniform
  bool is_range = false;       ///< of the distribution: it was given by its ends
  bool is_log = false;         ///< of a range: even steps of the logarithm
  /// Of a distribution in a design by levels (morris): how many strata of equal probability, of
  /// which the middles are taken, so that its tails may be infinite; 0: any probability.
  std::uint64_t strata = 0;
  double low = 0;  ///< ends of what the key allows
  double high = 0;

  [[nodiscard]] bool is_structural() const { return !labels.empty(); }

  /// The coordinate that a design's number in [0, 1] means: a value in the key's unit (of a date:
  /// days since 1970-01-01), or the place of a label.
  [[nodiscard]] double at(double u) const;

  /// A number as the key can have it: within its range, whole where it has to be.
  [[nodiscard]] double fitted(double value) const;

  /// A coordinate in words: a label, a date, a number.
  [[nodiscard]] std::string shown(double coordinate) const;
};

/// A combination of levels of the structural factors.
struct SweepVariant {
  Scenario scenario;  ///< number factors at their central values; without `resolved_toml`
  WorldLayout layout;
  /// [factor]: writes a coordinate into a world; none of structural factors.
  std::vector<std::function<void(WorldSpec&, double)>> store;
  std::vector<std::size_t> draws;  ///< places of its draws among those of the sweep
  /// Command that runs its scenario with what is set for all points.
  std::string command;
};

class Sweep {
 public:
  std::string name;  ///< file name without extension
  std::string title;
  std::uint64_t seed = 1;
  std::uint32_t replicas = 1;  ///< of each point
  DesignSpec design;           ///< its seed is derived from that of the sweep
  bool common_noise = true;    ///< replica i has the same noise and draws at every point
  Keep keep = Keep::kAll;
  std::vector<SweepFactor> factors;    ///< in the order of the file
  std::vector<SweepVariant> variants;  ///< the last structural factor fastest
  /// What any variant draws, in the order in which it is first met.
  std::vector<UncertainParameter> uncertain;
  std::string resolved;  ///< the sweep and its scenarios as text: what makes two sweeps the same

  [[nodiscard]] std::uint64_t points() const { return points_; }
  /// Item point * replicas + replica is a replica of a point.
  [[nodiscard]] std::uint64_t items() const { return points_ * replicas; }
  /// Layout of all records.
  [[nodiscard]] const RecordLayout& layout() const { return union_->record(); }
  [[nodiscard]] const UnionLayout& union_layout() const { return *union_; }

  /// Coordinates of a point, one for each factor. May be called by several threads.
  void fill(std::uint64_t point, std::span<double> coordinates) const;

  /// The variant that a point with these coordinates is of.
  [[nodiscard]] std::size_t variant_of(std::span<const double> coordinates) const;
  [[nodiscard]] std::size_t variant_of(std::uint64_t point) const;

 private:
  friend class SweepReader;
  std::uint64_t points_ = 0;
  std::optional<Design> plan_;  ///< none: a table
  std::vector<double> table_;   ///< [point][factor]
  std::optional<UnionLayout> union_;
};

struct SweepOverrides {
  std::vector<std::string> sets;  ///< "key=value", for all points
  std::optional<std::uint64_t> seed;
  std::optional<std::uint32_t> replicas;
};

/// Limits of a sweep: a point has a 24-bit number, a replica one of the same range as in a run.
inline constexpr std::uint64_t kMostPoints = 10'000'000;
inline constexpr std::uint32_t kMostReplicasOfPoint = 10'000'000;
inline constexpr std::size_t kMostVariants = 1024;

/// Reads and validates a sweep, named by path or, if shipped, by name, and loads its variants.
/// Throws ScenarioError with all errors found.
Sweep load_sweep(const std::string& name_or_path, const SweepOverrides& overrides = {});

}  // namespace tollgate
