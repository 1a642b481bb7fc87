#include "scenarios/factor_kinds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// Some value of the factor.
const Node& first_value(const FactorText& factor) {
  switch (factor.form) {
    case FactorForm::kRange:
      return factor.low;
    case FactorForm::kDistribution:
      return factor.distribution;
    default:
      return factor.levels.front();
  }
}

/// A misspelt entity, or one that a scenario has not got, would be taken for a new one.
void check_entity(const FactorText& factor, const ResolvedTree& tree, ErrorList& errors) {
  const auto dot = factor.key.find('.');
  const std::string kind = factor.key.substr(0, dot);
  const auto is_kind = [&](const EntityTable& table) { return table.keys.name == kind; };
  if (dot == std::string::npos || !std::ranges::any_of(entity_tables(), is_kind)) return;
  const std::string id = factor.key.substr(dot + 1, factor.key.find('.', dot + 1) - dot - 1);
  const Node* entities = find_node(tree.root, kind);
  std::vector<std::string> ids;
  if (entities != nullptr && entities->table() != nullptr) {
    for (const auto& [name, node] : *entities->table()) ids.push_back(name);
  }
  if (std::ranges::find(ids, id) != ids.end()) return;
  errors.add(factor.key_place, fmt::format("key '{}' is of no {} of scenario '{}'{}", factor.key,
                                           kind, tree.name, suggestion(id, ids)));
}

bool is_number(const KeySpec& key) {
  return key.type == KeyType::kNumber || key.type == KeyType::kInteger ||
         key.type == KeyType::kDate;
}

/// Whether a factor may vary a key of this kind, and in this way.
void check_kind(const FactorText& factor, const FactorKind& kind, bool has_points,
                ErrorList& errors) {
  if (factor.key == "run.seed" || factor.key == "run.replicas") {
    errors.add(factor.key_place,
               fmt::format("key '{}' is the same at every point; '{}' in [sweep] sets it",
                           factor.key, factor.key.substr(4)));
  } else if (factor.key == "run.start" || factor.key == "run.until") {
    errors.add(factor.key_place,
               fmt::format("key '{}' is the same at every point, as they share the axis of time; "
                           "'{}' in [set] sets it",
                           factor.key, factor.key));
  } else if (factor.key == "run.sampling") {
    errors.add(
        factor.key_place,
        "key 'run.sampling' is the same at every point; it is of the replicas of a point and "
        "can be set in [set], while 'design' in [sweep] is of the points");
  } else if (kind.is_structural && factor.form != FactorForm::kValues) {
    errors.add(factor.key_place,
               is_number(*kind.key)
                   ? fmt::format("key '{}' is of the shape of a world, which is loaded for each "
                                 "value; allowed is 'values', a list",
                                 factor.key)
                   : fmt::format("key '{}' is no number; allowed is 'values', a list", factor.key));
  } else if (!kind.is_structural && factor.form == FactorForm::kValues && has_points) {
    errors.add(factor.place, needs_its_key_only(factor));
  }
}

}  // namespace

std::string no_own_distribution(const FactorText& factor) {
  return fmt::format(
      "key '{}' has no distribution of its own in the scenario; give one, or 'low' and 'high', or "
      "'values'",
      factor.key);
}

Classification classify_factors(const SweepFile& file, const SweepTrees& trees, ErrorList& errors) {
  const std::size_t errors_before = errors.size();
  ResolvedTree shown = trees.base;
  std::vector<std::string> keys;
  for (const FactorText& factor : file.factors) {
    if (factor.form == FactorForm::kScenarios) continue;
    for (const ResolvedTree& tree : trees.scenarios) check_entity(factor, tree, errors);
    if (trees.is_base_apart) check_entity(factor, trees.base, errors);
    keys.push_back(factor.key);
    if (factor.form != FactorForm::kOwn) lay(shown.root, factor, first_value(factor));
  }
  if (errors.size() > errors_before) errors.stop_if_any();

  Classification result;
  Reader reader;
  reader.watch(keys);
  std::vector<Diagnostic> found;
  try {
    const Scenario scenario = reader.read(shown);
    result.seed = scenario.world.seed;
    result.replicas = scenario.world.replicas;
  } catch (const ScenarioError& error) {
    found = error.diagnostics();
  }
  bool are_all_known = true;
  for (const FactorText& factor : file.factors) {
    FactorKind& kind = result.kinds.emplace_back();
    if (factor.form == FactorForm::kScenarios) {
      kind.is_structural = true;
    } else if (const KeySpec* key = reader.watched(factor.key)) {
      kind.key = *key;
      kind.is_structural = !is_number(*key) || !key->may_be_uncertain;
      check_kind(factor, kind, file.points.has_value(), errors);
    } else {
      are_all_known = false;
      if (!found.empty()) continue;
      errors.add(
          factor.key_place,
          factor.form == FactorForm::kOwn
              ? no_own_distribution(factor)
              : fmt::format("key '{}' is a table or a circumstance; a factor varies one value",
                            factor.key));
    }
  }
  if (!are_all_known || trees.is_base_apart) errors.add(found);
  if (!are_all_known || errors.size() > errors_before) errors.stop_if_any();
  return result;
}

}  // namespace tollgate
