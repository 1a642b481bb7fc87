/// CSV files that scenarios take samples and posterior draws from: a line of names, then rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/tree.hpp"

namespace tollgate {

struct TableFile {
  struct Row {
    int line = 0;
    std::vector<std::string> cells;
    std::vector<int> columns;  ///< where in the line each cell begins, from 1
  };
  std::string shown;  ///< path in places
  std::vector<std::string> names;
  std::vector<Row> rows;

  /// Place of a column among the names.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] Place place_of(const Row& row, std::size_t column) const;
  /// A cell as TOML would have it: a number, a date, else a text.
  [[nodiscard]] Node as_node(const Row& row, std::size_t column) const;
};

/// Throws ScenarioError when a row has more or fewer cells than there are names, or when there is
/// none. Precondition: the file can be opened.
TableFile read_table_file(const std::string& path, const std::string& shown);

}  // namespace tollgate
