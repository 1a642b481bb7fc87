#include "scenarios/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/trim.hpp>
#include <boost/tokenizer.hpp>
#include <charconv>
#include <fstream>

#include "scenarios/plain_keys.hpp"

namespace tollgate {
namespace {

TableFile::Row parse(const std::string& text, int line, const std::string& shown) {
  TableFile::Row row;
  row.line = line;
  int column = 1;
  const bool is_plain = text.find_first_of("\"\\") == std::string::npos;
  try {
    const boost::tokenizer<boost::escaped_list_separator<char>> cells(text);
    for (const std::string& cell : cells) {
      row.cells.push_back(boost::algorithm::trim_copy(cell));
      row.columns.push_back(is_plain ? column : 1);  // quotes are not counted
      column += static_cast<int>(cell.size()) + 1;
    }
  } catch (const boost::escaped_list_error& error) {
    fail({shown, line, 1}, fmt::format("not CSV: {}", error.what()));
  }
  return row;
}

}  // namespace

std::optional<std::size_t> TableFile::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Place TableFile::place_of(const Row& row, std::size_t column) const {
  return {shown, row.line, row.columns[column]};
}

Node TableFile::as_node(const Row& row, std::size_t column) const {
  const std::string& text = row.cells[column];
  Node node;
  node.key = node.place = place_of(row, column);
  node.value = text;
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, whole);
  if (read.ec == std::errc{} && read.ptr == end) {
    node.value = whole;
  } else if (const auto number = parsed_number(text)) {
    node.value = *number;
  } else if (const auto date = parse_iso_date(text)) {
    node.value = *date;
  }
  return node;
}

TableFile read_table_file(const std::string& path, const std::string& shown) {
  TableFile table;
  table.shown = shown;
  std::ifstream file(path);
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    if (line == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // spreadsheets' mark
    if (text.ends_with('\r')) text.pop_back();
    if (text.find_first_not_of(" \t") == std::string::npos) continue;
    TableFile::Row row = parse(text, line, shown);
    if (table.names.empty()) {
      table.names = std::move(row.cells);
      continue;
    }
    if (row.cells.size() != table.names.size()) {
      fail({shown, line, 1}, fmt::format("{} cells; the first line names {} columns",
                                         row.cells.size(), table.names.size()));
    }
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) fail({shown, 0, 0}, "the file has no rows under a line of names");
  return table;
}

}  // namespace tollgate
