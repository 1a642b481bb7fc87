/// CSV files that scenarios take samples and posterior draws from, and sweeps their points: a line
/// of names, then rows.
///
/// Such files may have millions of cells, so that they are kept by column, 13 bytes a cell: numbers
/// and dates as doubles, texts by their place among the different ones of the column.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/tree.hpp"

namespace tollgate {

struct TableFile {
  /// What a cell is, as TOML would have it.
  enum class Kind : unsigned char { kWhole, kReal, kDate, kText };
  struct Column {
    std::vector<double> numbers;  ///< of a date: days since 1970-01-01; of a text: its place below
    std::vector<Kind> kinds;
    std::vector<std::uint32_t> begins;  ///< where in its line each cell begins, from 1
    std::vector<std::string> texts;     ///< the different ones, as they are met
  };
  std::string shown;  ///< path in places
  std::vector<std::string> names;
  std::vector<Column> columns;       ///< one for each name
  std::vector<std::uint32_t> lines;  ///< [row]

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  /// Place of a column among the names.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] Place place_of(std::size_t row, std::size_t column) const;
  /// A cell as a value of a scenario.
  [[nodiscard]] Node as_node(std::size_t row, std::size_t column) const;
};

/// Columns named in `labels` are of texts, whatever these look like. Throws ScenarioError when a
/// row has more or fewer cells than there are names, or when there is none. Precondition: the file
/// can be opened.
TableFile read_table_file(const std::string& path, const std::string& shown,
                          const std::set<std::string>& labels = {});

}  // namespace tollgate
