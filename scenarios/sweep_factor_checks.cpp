#include "scenarios/sweep_factor_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tollgate {
namespace {

/// Of a column that has texts where a number is allowed, so many are shown.
constexpr std::size_t kMostTextsTold = 10;

void check_keys(SweepFile& file, ErrorList& errors) {
  std::map<std::string, std::string> owners;
  std::string of_scenarios;
  std::erase_if(file.factors, [&](const FactorText& factor) {
    if (factor.form == FactorForm::kScenarios) {
      if (of_scenarios.empty()) {
        of_scenarios = factor.id;
        return false;
      }
      errors.add(factor.place, fmt::format("factor '{}' has 'scenarios', but '{}' has them, too; "
                                           "one factor may",
                                           factor.id, of_scenarios));
      return true;
    }
    if (const Node* set = find_node(file.set, factor.key)) {
      errors.add(set->place, fmt::format("key '{}' is set here, but factor '{}' varies it",
                                         factor.key, factor.id));
    }
    const auto [known, is_new] = owners.emplace(factor.key, factor.id);
    if (!is_new) {
      errors.add(factor.key_place, fmt::format("factor '{}' varies key '{}', but so does '{}'",
                                               factor.id, factor.key, known->second));
    }
    return !is_new;
  });
}

void check_base(const Table& factors, const SweepFile& file, ErrorList& errors) {
  // In the table, as a factor with scenarios may have been left out for an error.
  const bool has_scenarios = std::ranges::any_of(factors, [](const auto& entry) {
    return entry.second.table() != nullptr && entry.second.table()->contains("scenarios");
  });
  if (!has_scenarios && !file.root.table()->contains("base")) {
    errors.add(file.root.place,
               "key 'base' is missing: a sweep needs a scenario, or a factor with 'scenarios'");
  }
}

void check_columns(const Table& factors, const TableFile& points, SweepFile& file,
                   ErrorList& errors) {
  std::vector<std::string> ids;
  for (const auto& [id, node] : factors) ids.push_back(id);
  for (const std::string& name : points.names) {
    if (std::ranges::find(ids, name) != ids.end()) continue;
    errors.add({points.shown, 1, 1}, fmt::format("column '{}' is no factor; factors are {}{}", name,
                                                 enumerate(ids, "and"), suggestion(name, ids)));
  }
  std::erase_if(file.factors, [&](const FactorText& factor) {
    if (points.find(factor.id)) return false;
    errors.add(factor.place, fmt::format("factor '{}' has no column in '{}'; its columns are {}{}",
                                         factor.id, points.shown, enumerate(points.names, "and"),
                                         suggestion(factor.id, points.names)));
    return true;
  });
}

/// Cells that speak for all of a column, which may have millions: the first, the least and the
/// largest number and date, and what is neither.
std::vector<Node> levels_in(const TableFile& points, std::size_t column) {
  const TableFile::Column& cells = points.columns[column];
  std::set<std::size_t> rows = {0};
  const auto add_ends = [&](const auto& is_of_kind) {
    std::optional<std::size_t> low, high;
    for (std::size_t row = 0; row < points.rows(); ++row) {
      if (!is_of_kind(cells.kinds[row])) continue;
      if (!low || cells.numbers[row] < cells.numbers[*low]) low = row;
      if (!high || cells.numbers[row] > cells.numbers[*high]) high = row;
    }
    if (low) rows.insert({*low, *high});
  };
  using enum TableFile::Kind;
  add_ends([](TableFile::Kind kind) { return kind == kWhole || kind == kReal; });
  add_ends([](TableFile::Kind kind) { return kind == kDate; });
  std::size_t texts = 0;  // which are numbered as they are met
  for (std::size_t row = 0; row < points.rows() && texts < kMostTextsTold; ++row) {
    if (cells.kinds[row] != kText || cells.numbers[row] < static_cast<double>(texts)) continue;
    rows.insert(row);
    ++texts;
  }
  std::vector<Node> levels;
  for (const std::size_t row : rows) levels.push_back(points.as_node(row, column));
  return levels;
}

}  // namespace

void check_factors(const Table& factors, SweepFile& file, ErrorList& errors) {
  if (factors.empty()) {
    errors.add(file.root.place, "the sweep has no factors; it needs at least one [factor.<id>]");
  }
  check_keys(file, errors);
  check_base(factors, file, errors);
  if (!file.points) return;
  check_columns(factors, *file.points, file, errors);
  for (FactorText& factor : file.factors) {
    if (factor.form != FactorForm::kColumn) continue;
    factor.levels = levels_in(*file.points, file.points->find(factor.id).value());
  }
}

}  // namespace tollgate
