/// The words of one factor of a sweep, [factor.<id>]: which key it varies, and how its values are
/// given. What kind of key that is, is not known yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/design/design.hpp"
#include "scenarios/error_list.hpp"

namespace tollgate {

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
  std::vector<Node> levels;  ///< scenarios, values, or the cells that speak for a column
  Node low, high;            ///< of a range
  bool is_log = false;
  Node distribution;  ///< as it would stand at the key
  std::optional<std::uint64_t> steps;
  std::string source;
};

/// What a factor's words are judged by besides themselves.
struct FactorSetting {
  std::optional<DesignKind> design;  ///< none: it has an error of its own
  bool has_points = false;           ///< a table of points has been read
};

/// Reads the factor at a table; nothing after an error, which is added to `errors`.
std::optional<FactorText> read_factor(const std::string& id, const Node& node,
                                      const FactorSetting& setting, ErrorList& errors);

/// What is wrong with a factor that gives values beside a table of points.
std::string needs_its_key_only(const FactorText& factor);

}  // namespace tollgate
