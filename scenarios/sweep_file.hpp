/// The words of a sweep file: settings and factors as written, before any scenario is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/error_list.hpp"
#include "scenarios/sweep.hpp"
#include "scenarios/sweep_factor_text.hpp"
#include "scenarios/table_file.hpp"

namespace tollgate {

inline constexpr std::int64_t kSweepFormat = 1;
inline constexpr std::int64_t kMostMorrisLevels = 1000;
/// Below what TOML's whole numbers hold.
inline constexpr std::int64_t kMostSweepSeed = 9'200'000'000'000'000'000;

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
  Place keep_place;
  std::vector<FactorText> factors;
  std::optional<TableFile> points;  ///< of a table
};

/// Reads what can be read and adds what is wrong to `errors`. Throws ScenarioError when the file is
/// none or no TOML.
SweepFile read_sweep_file(const std::string& path, const SweepOverrides& overrides,
                          ErrorList& errors);

}  // namespace tollgate
