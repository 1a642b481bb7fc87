#include "scenarios/variant_trees.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/loader.hpp"

namespace tollgate {
namespace {

Node whole(std::uint64_t x) { return {static_cast<std::int64_t>(x), {}, {}}; }

Node as_distribution(const FactorText& text) {
  if (text.form == FactorForm::kRange || text.form == FactorForm::kDistribution) {
    return text.distribution;
  }
  Node node{Table{}, text.place, text.levels.front().place};
  node.table()->emplace("distribution", Node{std::string("sample"), text.place, text.place});
  node.table()->emplace("values", Node{text.levels, text.place, text.place});
  return node;
}

}  // namespace

VariantTrees::VariantTrees(const SweepFile& file, const SweepTrees& trees, const Sweep& sweep)
    : file_(file), trees_(trees), sweep_(sweep) {
  for (const SweepFactor& factor : sweep.factors) {
    if (factor.is_structural()) size_ = std::min(size_ * factor.labels.size(), kMostVariants + 1);
  }
  if (size_ > kMostVariants) {
    fail(file.root.place, fmt::format("scenarios, switches and other levels that are no numbers "
                                      "have more than {} combinations, each of which is loaded",
                                      kMostVariants));
  }
}

std::size_t VariantTrees::level_of(std::size_t variant, std::size_t factor) const {
  for (std::size_t f = sweep_.factors.size(); f-- > factor + 1;) {
    if (sweep_.factors[f].is_structural()) variant /= sweep_.factors[f].labels.size();
  }
  return variant % sweep_.factors[factor].labels.size();
}

std::string VariantTrees::described(std::size_t variant) const {
  std::string text;
  for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
    const SweepFactor& factor = sweep_.factors[f];
    if (!factor.is_structural()) continue;
    text += fmt::format("{}{} = '{}'", text.empty() ? "" : ", ", factor.id,
                        factor.labels[level_of(variant, f)]);
  }
  return text;
}

ResolvedTree VariantTrees::plain(std::size_t variant) const {
  const auto of_scenarios = trees_.of_scenarios;
  ResolvedTree tree = trees_.scenarios[of_scenarios ? level_of(variant, *of_scenarios) : 0];
  for (std::size_t f = 0; f < file_.factors.size(); ++f) {
    if (!sweep_.factors[f].is_structural() || f == of_scenarios) continue;
    lay(tree.root, file_.factors[f], file_.factors[f].levels[level_of(variant, f)]);
  }
  Node run{Table{{"seed", whole(sweep_.seed)}, {"replicas", whole(sweep_.replicas)}}, {}, {}};
  overlay(tree.root, Node{Table{{"run", std::move(run)}}, {}, {}});
  return tree;
}

ResolvedTree VariantTrees::with_distributions(std::size_t variant) const {
  ResolvedTree tree = plain(variant);
  for (std::size_t f = 0; f < file_.factors.size(); ++f) {
    const FactorText& text = file_.factors[f];
    if (sweep_.factors[f].is_structural() || text.form == FactorForm::kOwn) continue;
    lay(tree.root, text, as_distribution(text));
  }
  return tree;
}

ResolvedTree VariantTrees::with_numbers(const ResolvedTree& plain,
                                        const std::vector<FactorAt>& at) const {
  ResolvedTree tree = plain;
  for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
    const SweepFactor& factor = sweep_.factors[f];
    if (factor.is_structural()) continue;
    const auto given = std::ranges::find(at, f, &FactorAt::factor);
    const FactorValue own =
        given != at.end() ? given->value : centre_of(factor, file_.factors[f], sweep_.design);
    UncertainParameter parameter;
    parameter.kind = factor.kind;
    Node node = as_node(parameter, own.value);
    node.place = own.place;
    lay(tree.root, file_.factors[f], std::move(node));
  }
  return tree;
}

}  // namespace tollgate
