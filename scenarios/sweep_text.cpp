#include "scenarios/sweep_text.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "engine/kernel/stream.hpp"
#include "scenarios/data_files.hpp"
#include "scenarios/loader.hpp"

namespace tollgate {
namespace {

Node node_of(std::uint64_t x) { return {static_cast<std::int64_t>(x), {}, {}}; }
Node node_of(std::string_view text) { return {std::string(text), {}, {}}; }

std::uint64_t hash_of_points(const Sweep& sweep) {
  std::uint64_t hash = 0;
  std::vector<double> coordinates(sweep.factors.size());
  for (std::uint64_t point = 0; point < sweep.points(); ++point) {
    sweep.fill(point, coordinates);
    for (const double x : coordinates) hash = mix(hash, hash_name(fmt::format("{}", x)));
  }
  return hash;
}

}  // namespace

std::string resolved_text(const Sweep& sweep, const SweepFile& file, const SweepTrees& trees) {
  Node root = file.root;
  Table settings{{"seed", node_of(sweep.seed)},
                 {"replicas", node_of(std::uint64_t{sweep.replicas})},
                 {"design", node_of(name_of(sweep.design.kind))},
                 {"common_noise", {sweep.common_noise, {}, {}}},
                 {"keep", node_of(kKeepNames[static_cast<std::size_t>(sweep.keep)])}};
  overlay(root, Node{Table{{"sweep", Node{std::move(settings), {}, {}}}}, {}, {}});
  if (!file.set.table()->empty()) (*root.table())["set"] = file.set;
  std::string text = as_text(root, false) + data_file_comments(file.root);
  if (file.points) {
    text += fmt::format("\n# {} points, hash {:016x}\n", sweep.points(), hash_of_points(sweep));
  }
  for (const ResolvedTree& tree : trees.scenarios) {
    text += fmt::format("\n# Scenario '{}' with what is set for all points\n\n{}", tree.name,
                        as_text(tree.root, false) + data_file_comments(tree.root));
  }
  return text;
}

}  // namespace tollgate
