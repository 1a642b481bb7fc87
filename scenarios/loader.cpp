#include "scenarios/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "scenarios/data_files.hpp"
#include "scenarios/parameter_sampler.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// Values in this column and beyond push their comment to the right.
constexpr std::size_t kCommentColumn = 60;

struct Printer {
  bool has_places = false;
  std::string text;

  /// Scalars first, then sub-tables, as TOML wants it.
  void print(const Table& table, const std::string& path) {
    for (const auto& [name, node] : table) {
      if (!is_header(node)) line(name, node);
    }
    for (const auto& [name, node] : table) {
      if (!is_header(node)) continue;
      const std::string inner = path.empty() ? key_as_toml(name) : path + "." + key_as_toml(name);
      const Table& children = *node.table();
      const bool has_values =
          std::ranges::any_of(children, [](const auto& child) { return !is_header(child.second); });
      if (has_values || children.empty()) text += fmt::format("\n[{}]\n", inner);
      print(children, inner);
    }
  }

 private:
  static bool is_header(const Node& node) {
    return node.table() != nullptr && !node.is_annotated_number();
  }

  void line(const std::string& name, const Node& node) {
    std::string entry = key_as_toml(name) + " = " + node.as_toml();
    if (has_places) {
      entry.resize(std::max(entry.size() + 2, kCommentColumn), ' ');
      entry += "# " + node.place.file;
      if (node.place.line > 0) entry += fmt::format(":{}", node.place.line);
    }
    text += entry + "\n";
  }
};

/// A source speaks for the numbers of its own file: what another file lays over them needs its own.
void find_unsourced(const Node& node, const std::string& path, std::vector<std::string> covered,
                    std::vector<std::string>& result) {
  const bool is_number = std::holds_alternative<double>(node.value) ||
                         std::holds_alternative<std::int64_t>(node.value);
  if (is_number && std::ranges::find(covered, node.place.file) == covered.end()) {
    result.push_back(fmt::format("{} ({}:{})", path, node.place.file, node.place.line));
  }
  if (const Array* array = node.array()) {
    for (const Node& child : *array) find_unsourced(child, path, covered, result);
  }
  if (const Table* table = node.table()) {
    const auto source = table->find("source");
    if (source != table->end() && source->second.text() != nullptr &&
        !source->second.text()->empty()) {
      covered.push_back(source->second.place.file);
    }
    for (const auto& [name, child] : *table) {
      find_unsourced(child, path.empty() ? name : path + "." + name, covered, result);
    }
  }
}

/// Printed text is kept anywhere, so the files that it names are named from the root.
void name_files_from_root(Node& node) {
  Table* table = node.table();
  if (table == nullptr) return;
  const auto file = table->find("file");
  if (node.is_annotated_number() && file != table->end() && file->second.text() != nullptr) {
    file->second.value =
        std::filesystem::absolute(data_file_path(file->second)).lexically_normal().string();
  }
  for (auto& [name, child] : *table) name_files_from_root(child);
}

/// Puts values in the place of distributions; what is said about them stays.
void substitute(Node& node, const std::string& path, const std::map<std::string, Node>& values) {
  Table* table = node.table();
  if (table == nullptr) return;
  if (const auto found = values.find(path); found != values.end()) {
    Table plain;
    for (auto& [name, child] : *table) {
      if (is_circumstance(name)) plain.emplace(name, std::move(child));
    }
    plain.emplace("value", found->second);
    node.value = std::move(plain);
    return;
  }
  for (auto& [name, child] : *table) substitute(child, joined(path, name), values);
}

}  // namespace

std::string as_text(const Node& root, bool has_places) {
  Printer printer;
  printer.has_places = has_places;
  printer.print(*root.table(), "");
  return printer.text;
}

Node as_node(const UncertainParameter& parameter, double x) {
  Node node;
  switch (parameter.kind) {
    case ParameterKind::kReal:
      node.value = x;
      break;
    case ParameterKind::kWhole:
      node.value = static_cast<std::int64_t>(x);
      break;
    case ParameterKind::kDay:
      node.value = SimTime{} + days(static_cast<std::int64_t>(x));
      break;
  }
  return node;
}

Scenario load_scenario(const std::string& name_or_path, const std::vector<std::string>& sets) {
  const ResolvedTree tree = resolve_tree(name_or_path, sets);
  Scenario scenario = Reader{}.read(tree);
  scenario.resolved_toml = as_text(tree.root, false) + data_file_comments(tree.root);
  return scenario;
}

std::string show_scenario(const std::string& name_or_path, const std::vector<std::string>& sets) {
  ResolvedTree tree = resolve_tree(name_or_path, sets);
  name_files_from_root(tree.root);
  return as_text(tree.root, true) + data_file_comments(tree.root);
}

void require_replica(const WorldSpec& run, std::uint32_t replica, const char* option) {
  if (run.sampling == SamplingDesign::kPlain || replica < run.replicas) return;
  refuse(fmt::format("{} {}", option, replica),
         fmt::format("there is no such replica; with run.sampling = \"{}\" allowed is 0 to {}, as "
                     "run.replicas is {}",
                     kSamplingDesignNames[static_cast<std::size_t>(run.sampling)], run.replicas - 1,
                     run.replicas));
}

std::string show_replica(const std::string& name_or_path, const std::vector<std::string>& sets,
                         std::uint32_t replica) {
  ResolvedTree tree = resolve_tree(name_or_path, sets);
  const Scenario scenario = Reader{}.read(tree);
  const WorldSpec& run = scenario.world;
  require_replica(run, replica, "--draw");
  WorldSpec world = run;
  std::vector<double> draws;
  draw_parameters(scenario, run.seed, replica, world, draws);
  std::map<std::string, Node> values;
  for (std::size_t p = 0; p < draws.size(); ++p) {
    values.emplace(scenario.uncertain[p].key, as_node(scenario.uncertain[p], draws[p]));
  }
  substitute(tree.root, "", values);
  tree.root.table()->erase("correlation");  // of numbers that are no longer uncertain
  return fmt::format("# The world of replica {} of '{}': seed {}, sampling \"{}\", {} replicas.\n",
                     replica, scenario.name, run.seed,
                     kSamplingDesignNames[static_cast<std::size_t>(run.sampling)], run.replicas) +
         as_text(tree.root, true);
}

std::vector<std::string> numbers_without_source(const std::string& name_or_path) {
  std::vector<std::string> result;
  const ResolvedTree tree = resolve_tree(name_or_path, {});
  for (const auto& [name, node] : *tree.root.table()) {
    if (name == "format" || name == "run") continue;  // settings, not facts
    find_unsourced(node, name, {}, result);
  }
  return result;
}

}  // namespace tollgate
