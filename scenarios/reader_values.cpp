// The values of keys: numbers, dates, references, lists.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// Dates that a scenario may name, in days since 1970-01-01.
const double kFirstDay = in_days(parse_iso_date("2000-01-01").value() - SimTime{});
const double kLastDay = in_days(parse_iso_date("2100-01-01").value() - SimTime{});

/// Rules turn at midnight.
SimTime at_day(double day) { return SimTime{} + days(std::llround(day)); }

}  // namespace

std::optional<double> Reader::number_in(const Node& node) {
  if (const auto* real = std::get_if<double>(&node.value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*integer);
  }
  return std::nullopt;
}

Range Reader::range_of_days() { return {kFirstDay, kLastDay}; }

std::function<void(void*, double)> Reader::setter_of(const KeySpec& key) {
  switch (key.type) {
    case KeyType::kDate:
      return [set = key.store_date](void* o, double day) { set(o, at_day(day)); };
    case KeyType::kInteger:
      return [set = key.store_integer](void* o, double x) { set(o, std::llround(x)); };
    default:
      return [number = key.number](void* o, double x) { number(o) = x; };
  }
}

void Reader::watch(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) watched_.emplace(key, std::nullopt);
}

const KeySpec* Reader::watched(const std::string& key) const {
  const auto found = watched_.find(key);
  return found != watched_.end() && found->second ? &*found->second : nullptr;
}

void Reader::note(const KeySpec& key, const std::string& path) {
  if (watched_.empty()) return;
  const auto found = watched_.find(path);
  const bool is_table = key.type == KeyType::kTable || key.type == KeyType::kUnitsByChip ||
                        key.type == KeyType::kNumbersByDate || key.type == KeyType::kNamedTables;
  if (found != watched_.end() && !is_table) found->second = key;
}

void Reader::read_key(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  note(key, path);
  void* object = site.locate(scenario_.world);
  switch (key.type) {
    case KeyType::kNumber:
      return read_number(site, key, node);
    case KeyType::kInteger: {
      if (node.table() != nullptr && node.table()->contains("distribution")) {
        return read_distribution(site, key, node, path);
      }
      const Node* bare = without_circumstances(node, path);
      if (bare == nullptr) return;
      const auto* integer = std::get_if<std::int64_t>(&bare->value);
      if (integer == nullptr) {
        return errors_.wrong_type(path, *bare, "a whole number " + key.range.described(""));
      }
      if (!check_range(key, path, *bare, static_cast<double>(*integer))) return;
      return key.store_integer(object, *integer);
    }
    case KeyType::kBoolean: {
      const auto* boolean = std::get_if<bool>(&node.value);
      if (boolean == nullptr) return errors_.wrong_type(path, node, "true or false");
      return key.store_boolean(object, *boolean);
    }
    case KeyType::kText:
      if (node.text() == nullptr) return errors_.wrong_type(path, node, "a text");
      return key.store_text(object, *node.text());
    case KeyType::kDate: {
      if (node.table() != nullptr && node.table()->contains("distribution")) {
        return read_distribution(site, key, node, path);
      }
      const Node* bare = without_circumstances(node, path);
      if (bare == nullptr) return;
      if (const auto day = read_day(path, *bare)) key.store_date(object, at_day(*day));
      return;
    }
    case KeyType::kReference:
      if (node.text() == nullptr) {
        return errors_.wrong_type(path, node,
                                  fmt::format("the id of a {}", name_of(key.refers_to)));
      }
      if (const auto index = resolve(key.refers_to, node, path)) key.store_index(object, *index);
      return;
    case KeyType::kReferences:
      return read_references(site, key, node);
    case KeyType::kTexts:
      return read_texts(site, key, node);
    case KeyType::kChoice:
      if (const auto place = choice_of(path, node, key.choices, errors_)) {
        key.store_index(object, *place);
      }
      return;
    case KeyType::kTable: {
      const auto locate = [outer = site.locate, sub = key.sub_object](WorldSpec& world) {
        return sub(outer(world));
      };
      return read_table({key.table.get(), &node, path, locate, site.source});
    }
    case KeyType::kUnitsByChip:
      return read_units_by_chip(site, key, node);
    case KeyType::kNumbersByDate:
      return read_numbers_by_date(site, key, node);
    case KeyType::kNamedTables:
      return read_named_tables(site, key, node);
  }
}

void Reader::read_number(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  note(key, path);
  if (node.table() != nullptr) return read_annotated(site, key, node, path);
  const auto number = number_in(node);
  if (!number) return errors_.wrong_type(path, node, "a number " + key.range.described(key.unit));
  if (!check_range(key, path, node, *number)) return;
  key.number(site.locate(scenario_.world)) = *number;
}

void Reader::read_annotated(const Site& site, const KeySpec& key, const Node& node,
                            const std::string& path) {
  const Table& table = *node.table();
  if (table.contains("distribution")) return read_distribution(site, key, node, path);
  if (!table.contains("value")) {
    errors_.add(node.place,
                fmt::format("key '{}' is a table without 'value' or 'distribution'; allowed "
                            "is a number {}, {{ value = ... }} or {{ distribution = ... }}",
                            path, key.range.described(key.unit)));
    return;
  }
  const Node* bare = without_circumstances(node, path);
  if (bare == nullptr) return;
  const auto number = number_in(*bare);
  if (!number) return errors_.wrong_type(path, *bare, "a number " + key.range.described(key.unit));
  if (!check_range(key, path, *bare, *number)) return;
  key.number(site.locate(scenario_.world)) = *number;
}

const Node* Reader::without_circumstances(const Node& node, const std::string& path) {
  const Table* table = node.table();
  if (table == nullptr || !table->contains("value")) return &node;
  const std::size_t errors_before = errors_.size();
  std::vector<std::string> allowed = {"value"};
  allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
  errors_.unknown_keys(path, *table, allowed);
  return errors_.size() == errors_before ? &table->at("value") : nullptr;
}

std::optional<double> Reader::read_day(const std::string& path, const Node& node) {
  const auto* date = std::get_if<SimTime>(&node.value);
  if (date == nullptr) {
    errors_.wrong_type(path, node, "a date such as 2025-12-08 (no quotes)");
    return std::nullopt;
  }
  const double day = in_days(*date - SimTime{});
  if (day < kFirstDay || day > kLastDay) {
    errors_.wrong_type(path, node, "a date from 2000-01-01 to 2100-01-01");
    return std::nullopt;
  }
  return day;
}

void Reader::read_named_tables(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Table* table = node.table();
  if (table == nullptr)
    return errors_.wrong_type(path, node, fmt::format("tables [{}.<id>]", path));
  std::vector<std::string> names;
  for (const auto& [name, child] : *table) {
    if (!is_circumstance(name)) names.push_back(name);
  }
  key.make_tables(site.locate(scenario_.world), names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto locate = [outer = site.locate, at = key.table_at, i](WorldSpec& world) {
      return at(outer(world), i);
    };
    read_table(
        {key.table.get(), &table->at(names[i]), joined(path, names[i]), locate, site.source});
  }
}

void Reader::read_references(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Array* array = node.array();
  if (array == nullptr) {
    return errors_.wrong_type(path, node,
                              fmt::format("an array of ids of {}s", name_of(key.refers_to)));
  }
  std::vector<std::size_t> indices;
  for (const Node& child : *array) {
    if (child.text() == nullptr) {
      errors_.wrong_type(path, child, fmt::format("the id of a {}", name_of(key.refers_to)));
    } else if (key.refers_to == EntityKind::kBuyer && is_fringe(*child.text())) {
      add_members(child, path, indices);
    } else if (const auto index = resolve(key.refers_to, child, path)) {
      indices.push_back(*index);
    }
  }
  key.store_indices(site.locate(scenario_.world), std::move(indices));
}

void Reader::read_texts(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const std::vector<std::string>& allowed = key.choices.empty() ? ids(key.refers_to) : key.choices;
  const Array* array = node.array();
  if (array == nullptr) return errors_.wrong_type(path, node, "an array of texts");
  std::vector<std::string> texts;
  for (const Node& child : *array) {
    if (child.text() == nullptr) {
      errors_.wrong_type(path, child, "a text");
    } else if (std::ranges::find(allowed, *child.text()) == allowed.end()) {
      errors_.add(child.place,
                  fmt::format("key '{}' names {}; allowed is {}{}", path, child.described(),
                              enumerate(allowed), suggestion(*child.text(), allowed)));
    } else {
      texts.push_back(*child.text());
    }
  }
  key.store_texts(site.locate(scenario_.world), std::move(texts));
}

void Reader::read_units_by_chip(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Table* table = node.table();
  if (table == nullptr) return errors_.wrong_type(path, node, "a table of chips and units");
  auto& list =
      *static_cast<std::vector<InstalledSpec>*>(key.sub_object(site.locate(scenario_.world)));
  list.clear();
  const std::vector<std::string>& chips = ids(EntityKind::kChip);
  for (const auto& [name, child] : *table) {
    if (is_circumstance(name)) continue;
    const auto chip = std::ranges::find(chips, name);
    if (chip == chips.end()) {
      errors_.add(child.key, fmt::format("key '{}' names no chip; there is no "
                                         "[chip.{}]{}",
                                         joined(path, name), name, suggestion(name, chips)));
      continue;
    }
    // The vector grows while it is read: an element is found through it, not by its address.
    const std::size_t place = list.size();
    list.push_back({ChipId{static_cast<std::size_t>(chip - chips.begin())}, 0});
    KeySpec units = key;
    units.name = name;
    units.type = KeyType::kNumber;
    units.number = [sub = key.sub_object, place](void* object) -> double& {
      return (*static_cast<std::vector<InstalledSpec>*>(sub(object)))[place].units;
    };
    Site inner = site;
    inner.path = path;
    read_number(inner, units, child);
  }
}

// The tree sorts keys, and ISO dates sort as time goes.
void Reader::read_numbers_by_date(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Table* table = node.table();
  if (table == nullptr) return errors_.wrong_type(path, node, "a table of dates and numbers");
  key.clear_dates(site.locate(scenario_.world));
  std::size_t place = 0;
  for (const auto& [name, child] : *table) {
    if (is_circumstance(name)) continue;
    const auto date = parse_iso_date(name);
    if (!date) {
      errors_.add(child.key,
                  fmt::format("key '{}' is no date such as 2025-12-08", joined(path, name)));
      continue;
    }
    key.add_date(site.locate(scenario_.world), *date);
    KeySpec number = key;
    number.name = name;
    number.type = KeyType::kNumber;
    number.number = [at = key.number_at, place](void* object) -> double& {
      return at(object, place);
    };
    ++place;
    Site inner = site;
    inner.path = path;
    read_number(inner, number, child);
  }
}

}  // namespace tollgate
