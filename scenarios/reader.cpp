#include "scenarios/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/design/sampling_plan.hpp"
#include "scenarios/contradictions.hpp"

namespace tollgate {
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
  if (errors_.is_empty()) {
    check_lineage(root);
    check_politics(root);
  }
  if (errors_.is_empty()) check_contradictions(root);
  std::ranges::sort(scenario_.uncertain, {}, &UncertainParameter::key);
  if (errors_.is_empty()) read_correlations(tree.root);
  if (errors_.is_empty()) check_design(root);
  errors_.stop_if_any();
  size_fringe(scenario_.world);
  return std::move(scenario_);
}

void Reader::read_top_level(const Node& root) {
  std::vector<std::string> allowed = {"format", "title", "description", "extends", "correlation"};
  for (const EntityTable& entity : entity_tables()) allowed.push_back(entity.keys.name);
  for (const SingleTable& single : single_tables()) allowed.push_back(single.keys.name);
  const Table& table = *root.table();
  errors_.unknown_keys("", table, allowed);
  check_head(root, kScenarioFormat, errors_);
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
          errors_.add(
              node.key,
              fmt::format("'{}' cannot be the id of a {}; ids are of letters, digits, '_' and "
                          "'-', and not the words 'value', 'distribution', 'source', 'basis', "
                          "'confidence' or 'note'",
                          id, name_of(entity.kind)));
        }
      } else {
        errors_.wrong_type(entity.keys.name, found->second,
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
        errors_.wrong_type(path, node, "a table");
        continue;
      }
      read_table({&entity.keys, &node, path, at, text_or_empty(*node.table(), "source")});
    }
  }
  if (ids(EntityKind::kRegion).empty()) {
    errors_.add(root.place,
                "the scenario has no regions; it needs at least one [region.<id>], or "
                "'extends' a world such as \"world-2025\"");
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

void Reader::check_contradictions(const Table& root) {
  for (Contradiction& contradiction : contradictions(scenario_.world)) {
    complain(root.at("policy").table()->at(contradiction.policy), contradiction.key,
             std::move(contradiction.message));
  }
}

void Reader::check_design(const Table& root) {
  const std::size_t inputs = inputs_of(scenario_.uncertain).size();
  if (scenario_.world.sampling != SamplingDesign::kSobol ||
      inputs <= SamplingPlan::most_sobol_inputs()) {
    return;
  }
  complain(
      root.at("run"), "sampling",
      fmt::format("key 'run.sampling' is 'sobol', which covers up to {} uncertain numbers, but "
                  "there are {}; allowed is 'plain' or 'lhs'",
                  SamplingPlan::most_sobol_inputs(), inputs));
}

void Reader::read_table(const Site& site) {
  const Table* table = site.node->table();
  if (table == nullptr) return errors_.wrong_type(site.path, *site.node, "a table");
  const Form* form = read_form(site);
  std::vector<std::string> unsound;
  for (const auto& [name, node] : *table) {
    if (is_circumstance(name)) {
      if (node.text() == nullptr) errors_.wrong_type(joined(site.path, name), node, "a text");
      continue;
    }
    if (!site.keys->form_key.empty() && name == site.keys->form_key) continue;  // has been read
    const std::size_t errors_before = errors_.size();
    if (const KeySpec* own = form != nullptr ? form->keys.find(name) : nullptr) {
      Site inner = site;
      inner.locate = [outer = site.locate, object = form->object](WorldSpec& world) {
        return object(outer(world));
      };
      read_key(inner, *own, node);
    } else if (const KeySpec* key = site.keys->find(name); key != nullptr && is_used(*key, form)) {
      read_key(site, *key, node);
    } else {
      complain_of_stray_key(site, form, name, node);
    }
    if (errors_.size() > errors_before) unsound.push_back(name);
  }
  if (site.keys->store_source) {
    site.keys->store_source(site.locate(scenario_.world), text_or_empty(*table, "source"));
  }
  check_presence(site, *site.keys, "");
  unsound_ = std::move(unsound);
  if (site.keys->check) {
    site.keys->check(*this, site.locate(scenario_.world), *site.node, site.path);
  }
  if (form == nullptr) return;
  check_presence(site, form->keys, fmt::format("{} needs it. ", with_article(form->keys.name)));
  if (form->keys.check) {
    form->keys.check(*this, form->object(site.locate(scenario_.world)), *site.node, site.path);
  }
}

const Form* Reader::read_form(const Site& site) {
  if (site.keys->form_key.empty()) return nullptr;
  const Table& table = *site.node->table();
  const auto found = table.find(site.keys->form_key);
  if (found == table.end()) return nullptr;
  read_key(site, *site.keys->find(site.keys->form_key), found->second);
  if (found->second.text() == nullptr) return nullptr;
  for (const Form& form : site.keys->forms) {
    if (form.keys.name == *found->second.text()) return &form;
  }
  return nullptr;
}

bool Reader::is_used(const KeySpec& key, const Form* form) {
  return form == nullptr || key.used_by.empty() ||
         std::ranges::find(key.used_by, form->keys.name) != key.used_by.end();
}

// A key that is not of this form may be of another.
void Reader::complain_of_stray_key(const Site& site, const Form* form, const std::string& name,
                                   const Node& node) {
  std::vector<std::string> users;
  if (const KeySpec* common = site.keys->find(name)) users = common->used_by;
  for (const Form& other : site.keys->forms) {
    if (other.keys.find(name) != nullptr) users.push_back(other.keys.name);
  }
  if (form == nullptr && !users.empty()) return;  // the form itself has been complained of
  if (!users.empty()) {
    errors_.add(node.key, fmt::format("key '{}' does nothing in {}; it belongs to {}",
                                      joined(site.path, name), with_article(form->keys.name),
                                      enumerate(users)));
    return;
  }
  std::vector<std::string> allowed;
  for (const KeySpec& key : site.keys->keys) {
    if (is_used(key, form)) allowed.push_back(key.name);
  }
  if (form != nullptr) {
    for (const KeySpec& key : form->keys.keys) allowed.push_back(key.name);
  }
  errors_.unknown_key(site.path, name, node, allowed);
}

void Reader::check_presence(const Site& site, const TableSpec& keys, const std::string& reason) {
  const Table& table = *site.node->table();
  for (const KeySpec& key : keys.keys) {
    if (!key.is_required || table.contains(key.name)) continue;
    errors_.add(site.node->key, fmt::format("key '{}' is missing: {}{}",
                                            joined(site.path, key.name), reason, key.sentence));
  }
  for (const auto& [one, other] : keys.alternatives) {
    if (table.contains(one) != table.contains(other)) continue;
    complain(
        *site.node, table.contains(one) ? other : one,
        fmt::format("{} '{}' needs either '{}' or '{}'", site.keys->name, site.path, one, other));
  }
  for (const auto& [key, other] : keys.needs) {
    if (!table.contains(key) || table.contains(other)) continue;
    complain(*site.node, key,
             fmt::format("key '{}' is missing: '{}' needs it. {}", joined(site.path, other), key,
                         keys.find(other)->sentence));
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
  errors_.add(node.place, fmt::format("key '{}' names an unknown {}, {}; the {}s are {}{}", path,
                                      name_of(kind), node.as_toml(), name_of(kind),
                                      enumerate(allowed), suggestion(*node.text(), allowed)));
  return std::nullopt;
}

bool Reader::check_range(const KeySpec& key, const std::string& path, const Node& node, double x) {
  if (std::isfinite(x) && key.range.contains(x)) return true;
  errors_.add(node.place, fmt::format("key '{}' is {}; allowed is a number {}", path,
                                      node.as_toml(), key.range.described(key.unit)));
  return false;
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
  errors_.add(place, std::move(message));
}

}  // namespace tollgate
