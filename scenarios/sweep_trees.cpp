#include "scenarios/sweep_trees.hpp"

#include <utility>

namespace tollgate {
namespace {

std::optional<ResolvedTree> read_tree(const SweepFile& file, const Node& reference,
                                      ErrorList& errors) {
  try {
    ResolvedTree tree = resolve_tree(*reference.text(), file.folder, reference.place, {});
    overlay(tree.root, file.set);
    return tree;
  } catch (const ScenarioError& error) {
    errors.add(error.diagnostics());
    return std::nullopt;
  }
}

}  // namespace

SweepTrees read_sweep_trees(const SweepFile& file, ErrorList& errors) {
  const std::size_t errors_before = errors.size();
  SweepTrees trees;
  for (std::size_t f = 0; f < file.factors.size(); ++f) {
    if (file.factors[f].form == FactorForm::kScenarios) trees.of_scenarios = f;
  }
  if (trees.of_scenarios) {
    for (const Node& level : file.factors[*trees.of_scenarios].levels) {
      if (auto tree = read_tree(file, level, errors)) trees.scenarios.push_back(*std::move(tree));
    }
  }
  trees.is_base_apart = trees.of_scenarios && file.base;
  if (file.base) {
    if (auto tree = read_tree(file, *file.base, errors)) {
      if (!trees.of_scenarios) trees.scenarios.push_back(*tree);
      trees.base = *std::move(tree);
    }
  } else if (!trees.scenarios.empty()) {
    trees.base = trees.scenarios.front();
  }
  if (errors.size() > errors_before || trees.scenarios.empty() || file.factors.empty()) {
    errors.stop_if_any();
  }
  return trees;
}

void lay(Node& root, const FactorText& factor, Node value) {
  Node over = nested(factor.key, factor.key_place, std::move(value));
  mark_as_override(over);
  overlay(root, std::move(over));
}

}  // namespace tollgate
