#include "scenarios/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/tokenizer.hpp>
#include <charconv>
#include <fstream>
#include <unordered_map>
#include <utility>

#include "scenarios/plain_keys.hpp"

namespace tollgate {
namespace {

/// Beyond these a double does not have every whole number.
constexpr std::int64_t kMostWhole = std::int64_t{1} << 53;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<std::int64_t> parsed_whole(std::string_view text) {
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, whole);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return whole;
}

/// The cells of a line, in memory that serves all lines.
class Line {
 public:
  struct Cell {
    std::string_view text;
    std::uint32_t begin = 0;
  };

  const std::vector<Cell>& cells() const { return cells_; }

  void split(std::string_view text) {
    cells_.clear();
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      cells_.push_back(
          {trimmed(text.substr(begin, end - begin)), static_cast<std::uint32_t>(begin + 1)});
      begin = end + 1;
    }
  }

  /// With quotes or backslashes, which are not counted in places.
  void split_escaped(const std::string& text, int line, const std::string& shown) {
    unescaped_.clear();
    cells_.clear();
    try {
      const boost::tokenizer<boost::escaped_list_separator<char>> tokens(text);
      unescaped_.assign(tokens.begin(), tokens.end());
    } catch (const boost::escaped_list_error& error) {
      fail({shown, line, 1}, fmt::format("not CSV: {}", error.what()));
    }
    for (const std::string& cell : unescaped_) cells_.push_back({trimmed(cell), 1});
  }

 private:
  std::vector<Cell> cells_;
  std::vector<std::string> unescaped_;
};

/// Takes the cells of one column, row by row.
class ColumnReader {
 public:
  ColumnReader(TableFile::Column& column, bool is_of_labels)
      : column_(column), is_of_labels_(is_of_labels) {}

  void add(const Line::Cell& cell) {
    column_.begins.push_back(cell.begin);
    if (is_of_labels_) return add_text(cell.text);
    if (const auto whole = parsed_whole(cell.text);
        whole && *whole >= -kMostWhole && *whole <= kMostWhole) {
      push(TableFile::Kind::kWhole, static_cast<double>(*whole));
    } else if (const auto number = parsed_number(cell.text)) {
      push(TableFile::Kind::kReal, *number);
    } else if (const auto date = parse_iso_date(cell.text)) {
      push(TableFile::Kind::kDate, in_days(*date - SimTime{}));
    } else {
      add_text(cell.text);
    }
  }

 private:
  void add_text(std::string_view text) {
    std::string label(text);
    auto known = places_.find(label);
    if (known == places_.end()) {
      column_.texts.push_back(label);
      known = places_.emplace(std::move(label), places_.size()).first;
    }
    push(TableFile::Kind::kText, static_cast<double>(known->second));
  }

  void push(TableFile::Kind kind, double number) {
    column_.kinds.push_back(kind);
    column_.numbers.push_back(number);
  }

  TableFile::Column& column_;
  bool is_of_labels_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of texts
};

}  // namespace

std::optional<std::size_t> TableFile::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Place TableFile::place_of(std::size_t row, std::size_t column) const {
  return {shown, static_cast<int>(lines[row]), static_cast<int>(columns[column].begins[row])};
}

Node TableFile::as_node(std::size_t row, std::size_t column) const {
  const Column& cells = columns[column];
  const double number = cells.numbers[row];
  Node node;
  node.key = node.place = place_of(row, column);
  switch (cells.kinds[row]) {
    case Kind::kWhole:
      node.value = static_cast<std::int64_t>(number);
      break;
    case Kind::kReal:
      node.value = number;
      break;
    case Kind::kDate:
      node.value = SimTime{} + days(static_cast<std::int64_t>(number));
      break;
    case Kind::kText:
      node.value = cells.texts[static_cast<std::size_t>(number)];
      break;
  }
  return node;
}

TableFile read_table_file(const std::string& path, const std::string& shown,
                          const std::set<std::string>& labels) {
  TableFile table;
  table.shown = shown;
  std::vector<ColumnReader> readers;
  std::ifstream file(path);
  std::string text;
  Line line;
  for (int number = 1; std::getline(file, text); ++number) {
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // spreadsheets' mark
    if (text.ends_with('\r')) text.pop_back();
    if (text.find_first_not_of(" \t") == std::string::npos) continue;
    if (text.find_first_of("\"\\") == std::string::npos) {
      line.split(text);
    } else {
      line.split_escaped(text, number, shown);
    }
    if (table.names.empty()) {
      for (const Line::Cell& cell : line.cells()) table.names.emplace_back(cell.text);
      table.columns.resize(table.names.size());
      for (std::size_t c = 0; c < table.names.size(); ++c) {
        readers.emplace_back(table.columns[c], labels.contains(table.names[c]));
      }
      continue;
    }
    if (line.cells().size() != table.names.size()) {
      fail({shown, number, 1}, fmt::format("{} cells; the first line names {} columns",
                                           line.cells().size(), table.names.size()));
    }
    table.lines.push_back(static_cast<std::uint32_t>(number));
    for (std::size_t c = 0; c < readers.size(); ++c) readers[c].add(line.cells()[c]);
  }
  if (table.rows() == 0) fail({shown, 0, 0}, "the file has no rows under a line of names");
  return table;
}

}  // namespace tollgate
