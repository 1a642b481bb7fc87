// Distributions in a scenario: what they are given by, and the files that some are read from.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "scenarios/data_files.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;
using Kind = FormParameter::Kind;

std::string unit_of(const KeySpec& key) {
  return key.type == KeyType::kDate ? "days since 1970-01-01" : key.unit;
}

ParameterKind kind_of(const KeySpec& key) {
  if (key.type == KeyType::kDate) return ParameterKind::kDay;
  return key.type == KeyType::kInteger ? ParameterKind::kWhole : ParameterKind::kReal;
}

}  // namespace

Range Reader::range_of(const KeySpec& key) {
  return key.type == KeyType::kDate ? range_of_days() : key.range;
}

bool Reader::is_value(const KeySpec& key, TableFile::Kind kind, double number) {
  const bool is_number = kind == TableFile::Kind::kWhole || kind == TableFile::Kind::kReal;
  const bool is_kind = key.type == KeyType::kDate ? kind == TableFile::Kind::kDate : is_number;
  return is_kind && range_of(key).contains(number);
}

void Reader::read_distribution(const Site& site, const KeySpec& key, const Node& node,
                               const std::string& path) {
  const std::size_t errors_before = errors_.size();
  const DistributionForm* form = read_distribution_form(key, node, path);
  if (form == nullptr) return;
  GivenParameters given = read_form_parameters(key, *form, node, path);
  if (node.table()->contains("file") && errors_.size() == errors_before) {
    given.arrays["values"] = read_column(key, node, path);
  }
  if (errors_.size() > errors_before) return;
  auto made = make_distribution(*form, std::move(given));
  if (const auto* wrong = std::get_if<std::string>(&made)) {
    errors_.add(node.place, fmt::format("key '{}': {}", path, *wrong));
    return;
  }
  UncertainParameter parameter;
  parameter.key = path;
  parameter.unit = unit_of(key);
  parameter.sentence = key.sentence;
  parameter.source = text_or_empty(*node.table(), "source");
  if (parameter.source.empty()) parameter.source = site.source;
  parameter.distribution = std::move(std::get<Distribution>(made));
  parameter.kind = kind_of(key);
  const Range range = range_of(key);
  parameter.low = range.is_low_open ? std::nextafter(range.low, kUnbounded) : range.low;
  parameter.high = range.is_high_open ? std::nextafter(range.high, -kUnbounded) : range.high;
  parameter.input = name_of(parameter.distribution) == "posterior"
                        ? posterior_name(node.table()->at("file"))
                        : path;
  parameter.store = [locate = site.locate, set = setter_of(key)](WorldSpec& world, double x) {
    set(locate(world), x);
  };
  parameter.store(scenario_.world, parameter.fitted(central(parameter.distribution)));
  scenario_.uncertain.push_back(std::move(parameter));
}

const DistributionForm* Reader::read_distribution_form(const KeySpec& key, const Node& node,
                                                       const std::string& path) {
  if (!key.may_be_uncertain) {
    std::string allowed = "a date";
    if (key.type == KeyType::kNumber) allowed = "a number " + key.range.described(key.unit);
    if (key.type == KeyType::kInteger) allowed = "a whole number " + key.range.described("");
    errors_.add(node.place,
                fmt::format("key '{}' is a distribution; allowed is {} only", path, allowed));
    return nullptr;
  }
  std::vector<std::string> names;
  for (const DistributionForm& form : distribution_forms()) names.push_back(form.name);
  const auto form =
      choice_of(joined(path, "distribution"), node.table()->at("distribution"), names, errors_);
  return form ? &distribution_forms()[*form] : nullptr;
}

GivenParameters Reader::read_form_parameters(const KeySpec& key, const DistributionForm& form,
                                             const Node& node, const std::string& path) {
  const Table& table = *node.table();
  GivenParameters given;
  for (const FormParameter& parameter : form.parameters) {
    const auto found = table.find(parameter.name);
    const std::string inner = joined(path, parameter.name);
    if (found == table.end()) {
      if (!parameter.is_required) continue;
      errors_.add(node.place, fmt::format("key '{}' is missing: a {} distribution needs {}", inner,
                                          form.name, enumerate(form.names(true), "and")));
    } else if (parameter.kind == Kind::kText) {
      if (found->second.text() == nullptr) errors_.wrong_type(inner, found->second, "a text");
    } else if (parameter.kind == Kind::kValues || parameter.kind == Kind::kNumbers) {
      given.arrays[parameter.name] =
          read_array(key, parameter.kind == Kind::kValues, found->second, inner);
    } else if (const auto x = parameter.kind == Kind::kValue ? read_value(key, found->second, inner)
                                                             : read_bare(found->second, inner)) {
      given.numbers[parameter.name] = *x;
    }
  }
  std::vector<std::string> allowed = form.names(false);
  allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
  for (const auto& [name, child] : table) {
    if (name == "distribution" || is_circumstance(name) || form.find(name) != nullptr) continue;
    errors_.unknown_key(path, name, child, allowed);
  }
  if (form.name == "sample") check_sample(table, node, path);
  return given;
}

void Reader::check_sample(const Table& table, const Node& node, const std::string& path) {
  const bool has_file = table.contains("file");
  if (table.contains("values") == has_file) {
    errors_.add(node.place,
                fmt::format("key '{}': a sample distribution needs either 'values' or 'file' "
                            "and 'column'",
                            path));
  } else if (has_file != table.contains("column")) {
    errors_.add(node.place, fmt::format("key '{}': 'file' and 'column' belong together", path));
  }
}

std::optional<double> Reader::read_value(const KeySpec& key, const Node& node,
                                         const std::string& path) {
  if (key.type == KeyType::kDate) return read_day(path, node);
  const auto number = read_bare(node, path);
  if (!number || !check_range(key, path, node, *number)) return std::nullopt;
  return number;
}

std::optional<double> Reader::read_bare(const Node& node, const std::string& path) {
  const auto number = number_in(node);
  if (!number) errors_.wrong_type(path, node, "a number");
  return number;
}

std::vector<double> Reader::read_array(const KeySpec& key, bool is_of_values, const Node& node,
                                       const std::string& path) {
  std::vector<double> result;
  if (node.array() == nullptr) {
    errors_.wrong_type(
        path, node,
        is_of_values && key.type == KeyType::kDate ? "an array of dates" : "an array of numbers");
    return result;
  }
  for (const Node& child : *node.array()) {
    if (const auto x = is_of_values ? read_value(key, child, path) : read_bare(child, path)) {
      result.push_back(*x);
    }
  }
  return result;
}

// A file is read once, however many parameters take a column of it.
const TableFile* Reader::table_file(const Node& file, const std::string& path) {
  const fs::path found = data_file_path(file);
  if (!fs::is_regular_file(found)) {
    errors_.add(file.place, fmt::format("key '{}' names {}, but there is no file '{}'", path,
                                        file.as_toml(), found.lexically_normal().string()));
    return nullptr;
  }
  const std::string canonical = fs::canonical(found).string();
  const auto known = tables_.find(canonical);
  if (known != tables_.end()) return known->second ? &*known->second : nullptr;
  auto& table = tables_[canonical];
  try {
    table = read_table_file(canonical, found.lexically_normal().string());
  } catch (const ScenarioError& error) {
    errors_.add(error.diagnostics());
    return nullptr;
  }
  return &*table;
}

std::vector<double> Reader::read_column(const KeySpec& key, const Node& node,
                                        const std::string& path) {
  const Table& given = *node.table();
  const TableFile* table = table_file(given.at("file"), joined(path, "file"));
  if (table == nullptr) return {};
  const auto column_node = given.find("column");
  const std::string name = column_node == given.end() ? path : *column_node->second.text();
  const auto column = table->find(name);
  if (!column) {
    const Node& at = column_node == given.end() ? given.at("file") : column_node->second;
    errors_.add(at.place,
                fmt::format("'{}' has no column '{}'; its columns are {}{}", table->shown, name,
                            enumerate(table->names), suggestion(name, table->names)));
    return {};
  }
  const TableFile::Column& cells = table->columns[*column];
  for (std::size_t row = 0; row < table->rows(); ++row) {
    if (is_value(key, cells.kinds[row], cells.numbers[row])) continue;
    (void)read_value(key, table->as_node(row, *column), path);
    return {};  // one complaint per column
  }
  return cells.numbers;
}

// The name of the file alone, so that it does not matter where a scenario lies.
std::string Reader::posterior_name(const Node& file) {
  const fs::path path = fs::canonical(data_file_path(file));
  const std::string name = path.filename().string();
  const auto [known, is_new] = posteriors_.emplace(name, path.string());
  if (!is_new && known->second != path.string()) {
    errors_.add(file.place,
                fmt::format("another file of posterior draws is called '{}', too: '{}'; rename "
                            "one of them, as rows are drawn by the name of the file",
                            name, known->second));
  }
  return "posterior " + name;
}

}  // namespace tollgate
