#include "scenarios/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tollgate {
namespace {

std::vector<std::string> names_of(const TableSpec& keys) {
  std::vector<std::string> names;
  for (const KeySpec& key : keys.keys) names.push_back(key.name);
  return names;
}

bool is_circumstance(std::string_view key) {
  return std::ranges::find(kCircumstances, key) != std::end(kCircumstances);
}

std::optional<double> number_in(const Node& node) {
  if (const auto* real = std::get_if<double>(&node.value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*integer);
  }
  return std::nullopt;
}

std::string text_or_empty(const Table& table, const char* key) {
  const auto found = table.find(key);
  return found != table.end() && found->second.text() != nullptr ? *found->second.text()
                                                                 : std::string{};
}

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

}  // namespace

Scenario Reader::read(const ResolvedTree& tree) {
  scenario_.name = tree.name;
  read_top_level(tree.root);
  read_entities(tree.root);
  const Table& root = *tree.root.table();
  for (const SingleTable& single : single_tables()) {
    static const Node kEmpty{Table{}, {}, {}};
    const auto found = root.find(single.keys.name);
    Node missing = kEmpty;
    missing.key = missing.place = tree.root.place;
    const Node& node = found == root.end() ? missing : found->second;
    read_table({&single.keys, &node, single.keys.name, single.at,
                node.table() != nullptr ? text_or_empty(*node.table(), "source") : ""});
  }
  if (diagnostics_.empty()) {
    check_lineage(root);
    check_politics(root);
  }
  if (!diagnostics_.empty()) throw ScenarioError(std::move(diagnostics_));
  size_fringe(scenario_.world);
  std::ranges::sort(scenario_.uncertain, {}, &UncertainParameter::key);
  return std::move(scenario_);
}

void Reader::read_top_level(const Node& root) {
  std::vector<std::string> allowed = {"format", "title", "description", "extends"};
  for (const EntityTable& entity : entity_tables()) allowed.push_back(entity.keys.name);
  for (const SingleTable& single : single_tables()) allowed.push_back(single.keys.name);
  for (const auto& [name, node] : *root.table()) {
    if (std::ranges::find(allowed, name) == allowed.end()) unknown_key(node, "", name, allowed);
  }
  const Table& table = *root.table();
  const auto format = table.find("format");
  if (format == table.end()) {
    diagnostics_.push_back({root.place, fmt::format("key 'format' is missing; this program reads "
                                                    "format = {}",
                                                    kScenarioFormat)});
  } else if (!std::holds_alternative<std::int64_t>(format->second.value) ||
             std::get<std::int64_t>(format->second.value) != kScenarioFormat) {
    diagnostics_.push_back(
        {format->second.place, fmt::format("key 'format' is {}; this program reads format = {}",
                                           format->second.described(), kScenarioFormat)});
  }
  for (const char* key : {"title", "description"}) {
    const auto found = table.find(key);
    if (found != table.end() && found->second.text() == nullptr) {
      wrong_type(key, found->second, "a text");
    }
  }
  scenario_.title = text_or_empty(table, "title");
  scenario_.description = text_or_empty(table, "description");
}

// First all ids, so that any key may refer to any entity; then the entities.
void Reader::read_entities(const Node& root) {
  const Table& table = *root.table();
  for (const EntityTable& entity : entity_tables()) {
    const auto found = table.find(entity.keys.name);
    if (found != table.end()) {
      if (const Table* entities = found->second.table()) {
        for (const auto& [id, node] : *entities) {
          ids(entity.kind).push_back(id);
          if (is_bare_key(id) && !is_circumstance(id) && id != "value" && id != "distribution")
            continue;
          diagnostics_.push_back(
              {node.key,
               fmt::format("'{}' cannot be the id of a {}; ids are of letters, digits, '_' and "
                           "'-', and not the words 'value', 'distribution', 'source', 'basis', "
                           "'confidence' or 'note'",
                           id, name_of(entity.kind))});
        }
      } else {
        wrong_type(entity.keys.name, found->second,
                   fmt::format("tables [{}.<id>]", entity.keys.name));
      }
    }
    entity.make(scenario_.world, ids(entity.kind));
  }
  for (const EntityTable& entity : entity_tables()) {
    if (entity.kind == EntityKind::kTrader) append_members(root);
    const auto found = table.find(entity.keys.name);
    if (found == table.end() || found->second.table() == nullptr) continue;
    std::size_t index = 0;
    for (const auto& [id, node] : *found->second.table()) {
      const Locate at = [find = entity.at, index](WorldSpec& world) { return find(world, index); };
      ++index;
      const std::string path = joined(entity.keys.name, id);
      if (node.table() == nullptr) {
        wrong_type(path, node, "a table");
        continue;
      }
      read_table({&entity.keys, &node, path, at, text_or_empty(*node.table(), "source")});
    }
  }
  if (ids(EntityKind::kRegion).empty()) {
    diagnostics_.push_back({root.place,
                            "the scenario has no regions; it needs at least one [region.<id>], or "
                            "'extends' a world such as \"world-2025\""});
  }
}

// A chip and the one that it comes after are of one vendor, and a redesign is of an original.
void Reader::check_lineage(const Table& root) {
  const std::vector<ChipSpec>& chips = scenario_.world.chips;
  for (const ChipSpec& chip : chips) {
    const Node& node = root.at("chip").table()->at(chip.id);
    const auto check = [&](const char* key, ChipId from) {
      if (!from.is_some()) return;
      const ChipSpec& base = chips[from.index()];
      if (base.vendor != chip.vendor) {
        complain(node, key,
                 fmt::format("key 'chip.{}.{}' names '{}', a chip of another vendor", chip.id, key,
                             base.id));
      } else if (base.id == chip.id) {
        complain(node, key, fmt::format("key 'chip.{}.{}' names the chip itself", chip.id, key));
      }
    };
    check("successor_of", chip.successor_of);
    check("redesign_of", chip.redesign_of);
    if (chip.redesign_of.is_some() && chips[chip.redesign_of.index()].id != chip.id &&
        chips[chip.redesign_of.index()].redesign_of.is_some()) {
      complain(
          node, "redesign_of",
          fmt::format("key 'chip.{}.redesign_of' names '{}', itself a redesign; allowed is the "
                      "chip that it was scaled from",
                      chip.id, chips[chip.redesign_of.index()].id));
    }
  }
}

void Reader::read_table(const Site& site) {
  const Table* table = site.node->table();
  if (table == nullptr) return wrong_type(site.path, *site.node, "a table");
  std::vector<std::string> unsound;
  for (const auto& [name, node] : *table) {
    if (is_circumstance(name)) {
      if (node.text() == nullptr) wrong_type(joined(site.path, name), node, "a text");
      continue;
    }
    if (const KeySpec* key = site.keys->find(name)) {
      const std::size_t errors_before = diagnostics_.size();
      read_key(site, *key, node);
      if (diagnostics_.size() > errors_before) unsound.push_back(name);
    } else {
      unknown_key(node, site.path, name, names_of(*site.keys));
    }
  }
  for (const KeySpec& key : site.keys->keys) {
    if (!key.is_required || table->contains(key.name)) continue;
    diagnostics_.push_back(
        {site.node->key,
         fmt::format("key '{}' is missing: {}", joined(site.path, key.name), key.sentence)});
  }
  check_used(site);
  if (site.keys->check) {
    unsound_ = std::move(unsound);
    site.keys->check(*this, site.locate(scenario_.world), *site.node, site.path);
  }
}

// Keys of a policy belong to kinds of instruments.
void Reader::check_used(const Site& site) {
  const Table& table = *site.node->table();
  const auto instrument = table.find("instrument");
  if (site.keys->name != "policy" || instrument == table.end() ||
      instrument->second.text() == nullptr) {
    return;
  }
  const auto found = std::ranges::find(kInstrumentKindNames, *instrument->second.text());
  if (found == kInstrumentKindNames.end()) return;
  const auto kind = static_cast<InstrumentKind>(found - kInstrumentKindNames.begin());
  const auto contains = [kind](const std::vector<InstrumentKind>& kinds) {
    return std::ranges::find(kinds, kind) != kinds.end();
  };
  for (const KeySpec& key : site.keys->keys) {
    const auto node = table.find(key.name);
    if (node == table.end()) {
      if (contains(key.required_by)) {
        diagnostics_.push_back(
            {site.node->key, fmt::format("key '{}' is missing: a {} needs it. {}",
                                         joined(site.path, key.name), *found, key.sentence)});
      }
    } else if (!key.used_by.empty() && !contains(key.used_by)) {
      std::vector<std::string> users;
      for (const InstrumentKind user : key.used_by) {
        users.emplace_back(kInstrumentKindNames[static_cast<std::size_t>(user)]);
      }
      diagnostics_.push_back(
          {node->second.key, fmt::format("key '{}' does nothing in a {}; it belongs to {}",
                                         joined(site.path, key.name), *found, enumerate(users))});
    }
  }
}

void Reader::read_key(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  void* object = site.locate(scenario_.world);
  switch (key.type) {
    case KeyType::kNumber:
      return read_number(site, key, node);
    case KeyType::kInteger: {
      const Node* bare = without_circumstances(node, path);
      if (bare == nullptr) return;
      const auto* integer = std::get_if<std::int64_t>(&bare->value);
      if (integer == nullptr) {
        return wrong_type(path, *bare, "a whole number " + key.range.described(""));
      }
      if (!check_range(key, path, *bare, static_cast<double>(*integer))) return;
      return key.store_integer(object, *integer);
    }
    case KeyType::kBoolean: {
      const auto* boolean = std::get_if<bool>(&node.value);
      if (boolean == nullptr) return wrong_type(path, node, "true or false");
      return key.store_boolean(object, *boolean);
    }
    case KeyType::kText:
      if (node.text() == nullptr) return wrong_type(path, node, "a text");
      return key.store_text(object, *node.text());
    case KeyType::kDate: {
      const auto* date = std::get_if<SimTime>(&node.value);
      if (date == nullptr) return wrong_type(path, node, "a date such as 2025-12-08 (no quotes)");
      static const SimTime kFirst = parse_iso_date("2000-01-01").value();
      static const SimTime kLast = parse_iso_date("2100-01-01").value();
      if (*date < kFirst || *date > kLast) {
        return wrong_type(path, node, "a date from 2000-01-01 to 2100-01-01");
      }
      return key.store_date(object, *date);
    }
    case KeyType::kReference:
      if (node.text() == nullptr) {
        return wrong_type(path, node, fmt::format("the id of a {}", name_of(key.refers_to)));
      }
      if (const auto index = resolve(key.refers_to, node, path)) key.store_index(object, *index);
      return;
    case KeyType::kReferences:
      return read_references(site, key, node);
    case KeyType::kTexts:
      return read_texts(site, key, node);
    case KeyType::kChoice: {
      if (node.text() == nullptr) return wrong_type(path, node, enumerate(key.choices));
      const auto found = std::ranges::find(key.choices, *node.text());
      if (found == key.choices.end()) {
        diagnostics_.push_back({node.place, fmt::format("key '{}' is {}; allowed is {}{}", path,
                                                        node.described(), enumerate(key.choices),
                                                        suggestion(*node.text(), key.choices))});
        return;
      }
      return key.store_index(object, static_cast<std::size_t>(found - key.choices.begin()));
    }
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
  }
}

void Reader::read_number(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  if (node.table() != nullptr) return read_annotated(site, key, node, path);
  const auto number = number_in(node);
  if (!number) return wrong_type(path, node, "a number " + key.range.described(key.unit));
  if (!check_range(key, path, node, *number)) return;
  key.number(site.locate(scenario_.world)) = *number;
}

void Reader::read_annotated(const Site& site, const KeySpec& key, const Node& node,
                            const std::string& path) {
  const Table& table = *node.table();
  if (table.contains("distribution")) return read_distribution(site, key, node, path);
  if (!table.contains("value")) {
    diagnostics_.push_back(
        {node.place, fmt::format("key '{}' is a table without 'value' or 'distribution'; allowed "
                                 "is a number {}, {{ value = ... }} or {{ distribution = ... }}",
                                 path, key.range.described(key.unit))});
    return;
  }
  const Node* bare = without_circumstances(node, path);
  if (bare == nullptr) return;
  const auto number = number_in(*bare);
  if (!number) return wrong_type(path, *bare, "a number " + key.range.described(key.unit));
  if (!check_range(key, path, *bare, *number)) return;
  key.number(site.locate(scenario_.world)) = *number;
}

const Node* Reader::without_circumstances(const Node& node, const std::string& path) {
  const Table* table = node.table();
  if (table == nullptr || !table->contains("value")) return &node;
  const std::size_t errors_before = diagnostics_.size();
  std::vector<std::string> allowed = {"value"};
  allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
  for (const auto& [name, child] : *table) {
    if (name != "value" && !is_circumstance(name)) unknown_key(child, path, name, allowed);
  }
  return diagnostics_.size() == errors_before ? &table->at("value") : nullptr;
}

void Reader::read_distribution(const Site& site, const KeySpec& key, const Node& node,
                               const std::string& path) {
  const Table& table = *node.table();
  const Node& name_node = table.at("distribution");
  if (!key.may_be_uncertain) {
    diagnostics_.push_back(
        {node.place, fmt::format("key '{}' is a distribution; allowed is a number {} only", path,
                                 key.range.described(key.unit))});
    return;
  }
  std::vector<std::string> names;
  for (const DistributionForm& form : distribution_forms()) names.emplace_back(form.name);
  const std::string name = name_node.text() != nullptr ? *name_node.text() : "";
  const auto form = std::ranges::find(distribution_forms(), name, &DistributionForm::name);
  if (form == distribution_forms().end()) {
    diagnostics_.push_back(
        {name_node.place,
         fmt::format("key '{}.distribution' is {}; allowed is {}{}", path, name_node.described(),
                     enumerate(names), suggestion(name, names))});
    return;
  }
  const std::size_t errors_before = diagnostics_.size();
  std::vector<double> parameters;
  for (const std::string& parameter : form->parameters) {
    const auto found = table.find(parameter);
    if (found == table.end()) {
      diagnostics_.push_back(
          {node.place, fmt::format("key '{}.{}' is missing: a {} distribution "
                                   "needs {}",
                                   path, parameter, name, enumerate(form->parameters, "and"))});
      continue;
    }
    const auto number = number_in(found->second);
    if (!number) {
      wrong_type(joined(path, parameter), found->second, "a number");
      continue;
    }
    const bool is_spread = parameter == "sd" || parameter == "sigma";
    if (!is_spread) check_range(key, joined(path, parameter), found->second, *number);
    parameters.push_back(*number);
  }
  for (const auto& [child_name, child] : table) {
    if (child_name == "distribution" || is_circumstance(child_name) ||
        std::ranges::find(form->parameters, child_name) != form->parameters.end()) {
      continue;
    }
    std::vector<std::string> allowed = form->parameters;
    allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
    unknown_key(child, path, child_name, allowed);
  }
  if (diagnostics_.size() > errors_before) return;
  const auto made = make_distribution(*form, parameters);
  if (const auto* wrong = std::get_if<std::string>(&made)) {
    diagnostics_.push_back({node.place, fmt::format("key '{}': {}", path, *wrong)});
    return;
  }
  const auto& distribution = std::get<Distribution>(made);
  const std::string own_source = text_or_empty(table, "source");
  const auto field = [locate = site.locate, number = key.number](WorldSpec& world) -> double& {
    return number(locate(world));
  };
  field(scenario_.world) = std::clamp(central(distribution), key.range.low, key.range.high);
  scenario_.uncertain.push_back({path, key.unit, key.sentence,
                                 own_source.empty() ? site.source : own_source, distribution,
                                 key.range.low, key.range.high, field});
}

void Reader::read_references(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Array* array = node.array();
  if (array == nullptr) {
    return wrong_type(path, node, fmt::format("an array of ids of {}s", name_of(key.refers_to)));
  }
  std::vector<std::size_t> indices;
  for (const Node& child : *array) {
    if (child.text() == nullptr) {
      wrong_type(path, child, fmt::format("the id of a {}", name_of(key.refers_to)));
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
  if (array == nullptr) return wrong_type(path, node, "an array of texts");
  std::vector<std::string> texts;
  for (const Node& child : *array) {
    if (child.text() == nullptr) {
      wrong_type(path, child, "a text");
    } else if (std::ranges::find(allowed, *child.text()) == allowed.end()) {
      diagnostics_.push_back(
          {child.place, fmt::format("key '{}' names {}; allowed is {}{}", path, child.described(),
                                    enumerate(allowed), suggestion(*child.text(), allowed))});
    } else {
      texts.push_back(*child.text());
    }
  }
  key.store_texts(site.locate(scenario_.world), std::move(texts));
}

void Reader::read_units_by_chip(const Site& site, const KeySpec& key, const Node& node) {
  const std::string path = joined(site.path, key.name);
  const Table* table = node.table();
  if (table == nullptr) return wrong_type(path, node, "a table of chips and units");
  auto& list =
      *static_cast<std::vector<InstalledSpec>*>(key.sub_object(site.locate(scenario_.world)));
  list.clear();
  const std::vector<std::string>& chips = ids(EntityKind::kChip);
  for (const auto& [name, child] : *table) {
    if (is_circumstance(name)) continue;
    const auto chip = std::ranges::find(chips, name);
    if (chip == chips.end()) {
      diagnostics_.push_back(
          {child.key, fmt::format("key '{}' names no chip; there is no "
                                  "[chip.{}]{}",
                                  joined(path, name), name, suggestion(name, chips))});
      continue;
    }
    // The vector grows while it is read: an element is found through it, not by its address.
    const std::size_t place = list.size();
    list.push_back({ChipId{static_cast<std::size_t>(chip - chips.begin())}, 0});
    KeySpec units = key;
    units.name = name;
    units.may_be_uncertain = true;
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
  if (table == nullptr) return wrong_type(path, node, "a table of dates and numbers");
  key.clear_dates(site.locate(scenario_.world));
  std::size_t place = 0;
  for (const auto& [name, child] : *table) {
    if (is_circumstance(name)) continue;
    const auto date = parse_iso_date(name);
    if (!date) {
      diagnostics_.push_back(
          {child.key, fmt::format("key '{}' is no date such as 2025-12-08", joined(path, name))});
      continue;
    }
    key.add_date(site.locate(scenario_.world), *date);
    KeySpec number = key;
    number.name = name;
    number.may_be_uncertain = true;
    number.number = [at = key.number_at, place](void* object) -> double& {
      return at(object, place);
    };
    ++place;
    Site inner = site;
    inner.path = path;
    read_number(inner, number, child);
  }
}

std::optional<std::size_t> Reader::resolve(EntityKind kind, const Node& node,
                                           const std::string& path) {
  const std::vector<std::string>& known = ids(kind);
  const auto found = std::ranges::find(known, *node.text());
  if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
  std::vector<std::string> allowed = known;
  if (kind == EntityKind::kBuyer) {
    const std::vector<std::string>& fringes = ids(EntityKind::kFringe);
    allowed.insert(allowed.end(), fringes.begin(), fringes.end());
  }
  diagnostics_.push_back(
      {node.place, fmt::format("key '{}' names an unknown {}, {}; the {}s are {}{}", path,
                               name_of(kind), node.as_toml(), name_of(kind), enumerate(allowed),
                               suggestion(*node.text(), allowed))});
  return std::nullopt;
}

bool Reader::check_range(const KeySpec& key, const std::string& path, const Node& node, double x) {
  if (std::isfinite(x) && key.range.contains(x)) return true;
  diagnostics_.push_back({node.place, fmt::format("key '{}' is {}; allowed is a number {}", path,
                                                  node.as_toml(), key.range.described(key.unit))});
  return false;
}

void Reader::wrong_type(const std::string& path, const Node& node, const std::string& allowed) {
  diagnostics_.push_back(
      {node.place, fmt::format("key '{}' is {}; allowed is {}", path, node.described(), allowed)});
}

void Reader::unknown_key(const Node& node, const std::string& path, const std::string& key,
                         const std::vector<std::string>& allowed) {
  const std::string hint = suggestion(key, allowed);
  diagnostics_.push_back(
      {node.key,
       fmt::format("key '{}' is not known{}", joined(path, key),
                   hint.empty() ? fmt::format("; allowed is {}", enumerate(allowed)) : hint)});
}

bool Reader::are_sound(const Node& table, std::initializer_list<std::string_view> keys) const {
  return std::ranges::all_of(keys, [&](std::string_view key) {
    return table.table()->contains(std::string{key}) &&
           std::ranges::find(unsound_, key) == unsound_.end();
  });
}

void Reader::complain(const Node& table, std::string_view key, std::string message) {
  const auto found = table.table()->find(std::string{key});
  const Place& place = found == table.table()->end() ? table.key : found->second.place;
  diagnostics_.push_back({place, std::move(message)});
}

}  // namespace tollgate
