/// The words of a sweep file: settings and factors as written, before any scenario is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/sweep.hpp"
#include "scenarios/table_file.hpp"
#include "scenarios/tree.hpp"

namespace tollgate {

inline constexpr std::int64_t kSweepFormat = 1;
inline constexpr std::int64_t kMostMorrisLevels = 1000;
/// Below what TOML's whole numbers hold.
inline constexpr std::int64_t kMostSweepSeed = 9'200'000'000'000'000'000;

/// How a factor's values are given.
enum class FactorForm : unsigned char {
  kScenarios,
  kValues,
  kRange,
  kDistribution,
  kOwn,    ///< as the base has it: a distribution
  kColumn  ///< of the table of points
};

struct FactorText {
  std::string id;
  Place place;  ///< of its id
  FactorForm form = FactorForm::kValues;
  std::string key;
  Place key_place;
  std::vector<Node> levels;  ///< scenarios, values, or the different cells of the column
  Node low, high;            ///< of a range
  bool is_log = false;
  Node distribution;  ///< as it would stand at the key
  std::optional<std::uint64_t> steps;
  std::string source;
};

struct SweepFile {
  std::string name;
  std::string title;
  std::string folder;  ///< that its paths are relative to
  Node root;
  std::optional<Node> base;
  Node set;  ///< overrides for all points
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> replicas;
  DesignSpec design;
  Place design_place;
  bool common_noise = true;
  Keep keep = Keep::kAll;
  std::vector<FactorText> factors;
  std::optional<TableFile> points;  ///< of a table
};

/// Reads what can be read and adds what is wrong to `diagnostics`. Throws ScenarioError when the
/// file is none or no TOML.
SweepFile read_sweep_file(const std::string& path, const SweepOverrides& overrides,
                          std::vector<Diagnostic>& diagnostics);

/// A cell of a CSV file as TOML would have it: a number, a date, else a text.
Node cell_as_node(const std::string& text, const Place& place);

}  // namespace tollgate
