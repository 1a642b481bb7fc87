#include "scenarios/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

std::string as_text(const Node& root, bool has_places) {
  Printer printer;
  printer.has_places = has_places;
  printer.print(*root.table(), "");
  return printer.text;
}

/// A source speaks for the numbers of its own file: what another file lays over them needs its own.
void find_unsourced(const Node& node, const std::string& path, std::vector<std::string> covered,
                    std::vector<std::string>& result) {
  const bool is_number = std::holds_alternative<double>(node.value) ||
                         std::holds_alternative<std::int64_t>(node.value);
  if (is_number && std::ranges::find(covered, node.place.file) == covered.end()) {
    result.push_back(fmt::format("{} ({}:{})", path, node.place.file, node.place.line));
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

}  // namespace

Scenario load_scenario(const std::string& name_or_path, const std::vector<std::string>& sets) {
  const ResolvedTree tree = resolve_tree(name_or_path, sets);
  Scenario scenario = Reader{}.read(tree);
  scenario.resolved_toml = as_text(tree.root, false);
  return scenario;
}

std::string show_scenario(const std::string& name_or_path, const std::vector<std::string>& sets) {
  return as_text(resolve_tree(name_or_path, sets).root, true);
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

void draw_parameters(const Scenario& scenario, std::uint64_t seed, std::uint32_t replica,
                     WorldSpec& world, std::vector<double>& draws) {
  draws.clear();
  const StreamFactory streams(seed, replica);
  for (const UncertainParameter& parameter : scenario.uncertain) {
    Stream stream = streams.make(parameter.key, "draw");
    const double value =
        std::clamp(draw(parameter.distribution, stream), parameter.low, parameter.high);
    parameter.store(world, value);
    draws.push_back(value);
  }
  size_fringe(world);
}

}  // namespace tollgate
