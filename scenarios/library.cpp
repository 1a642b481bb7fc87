#include "scenarios/library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace tollgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubfolders[] = {"worlds", "policies"};

/// A path as a person would type it from here: relative when it is below the working folder.
std::string shown_path(const fs::path& path) {
  std::error_code error;
  const fs::path relative = fs::relative(path, error);
  if (error || relative.empty() || *relative.begin() == "..") return path.string();
  return relative.string();
}

bool looks_like_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".toml");
}

fs::path shipped_path(const std::string& name) {
  for (const char* subfolder : kSubfolders) {
    fs::path path = fs::path(scenario_folder()) / subfolder / (name + ".toml");
    if (fs::exists(path)) return path;
  }
  return {};
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const char* subfolder : kSubfolders) {
    const fs::path folder = fs::path(scenario_folder()) / subfolder;
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

/// The file that `reference` means in a file of `folder`; `place` is where it is written.
fs::path locate(const std::string& reference, const fs::path& folder, const Place& place) {
  if (looks_like_path(reference)) {
    fs::path path = fs::path(reference).is_absolute() ? fs::path(reference) : folder / reference;
    if (fs::is_regular_file(path)) return path;
    const std::string meant = nearest_spelling(path.stem().string(), shipped_names());
    fail(place, fmt::format("there is no file '{}'{}", shown_path(path.lexically_normal()),
                            meant.empty() ? ""
                                          : fmt::format("; a scenario called '{}' is shipped: its "
                                                        "name alone finds it",
                                                        meant)));
  }
  fs::path path = shipped_path(reference);
  if (!path.empty()) return path;
  if (fs::is_regular_file(folder / reference)) return folder / reference;
  const std::vector<std::string> names = shipped_names();
  fail(place, fmt::format("no scenario is called '{}'; shipped are {}, and a file is named by its "
                          "path{}",
                          reference, enumerate(names), suggestion(reference, names)));
}

/// What a file extends: its references and where they are written.
std::vector<std::pair<std::string, Place>> references_of(const Node& root) {
  std::vector<std::pair<std::string, Place>> references;
  const Table& table = *root.table();
  const auto found = table.find("extends");
  if (found == table.end()) return references;
  const auto take = [&](const Node& node) {
    if (node.text() == nullptr) {
      fail(node.place, fmt::format("key 'extends' is {}; allowed is a scenario's name or path, or "
                                   "an array of them",
                                   node.described()));
    }
    references.emplace_back(*node.text(), node.place);
  };
  if (const Array* array = found->second.array()) {
    for (const Node& node : *array) take(node);
  } else {
    take(found->second);
  }
  return references;
}

struct Link {
  fs::path file;
  Place extends;  ///< where this file names the next one
};

class Resolver {
 public:
  Node resolve(const fs::path& path, const Place& from) {
    const fs::path file = fs::canonical(path);
    const auto seen = std::ranges::find(chain_, file, &Link::file);
    if (seen != chain_.end()) fail(from, cycle_message(seen, file));
    chain_.push_back({file, {}});
    const std::string shown = shown_path(path);
    Node own = parse_file(file.string(), shown);
    Node result{Table{}, {shown, 0, 0}, {shown, 0, 0}};
    for (const auto& [reference, place] : references_of(own)) {
      chain_.back().extends = place;
      overlay(result, resolve(locate(reference, file.parent_path(), place), place));
    }
    own.table()->erase("extends");
    overlay(result, std::move(own));
    if (std::ranges::find(files_, shown) == files_.end()) files_.push_back(shown);
    chain_.pop_back();
    return result;
  }

  [[nodiscard]] std::vector<std::string> files() && { return std::move(files_); }

 private:
  std::string cycle_message(std::vector<Link>::iterator from, const fs::path& file) {
    std::string text = "the scenario extends itself";
    for (auto link = from; link != chain_.end(); ++link) {
      const fs::path next = std::next(link) == chain_.end() ? file : std::next(link)->file;
      text += fmt::format("; {} ({}:{}) extends {}", link->file.filename().string(),
                          link->extends.file, link->extends.line, next.filename().string());
    }
    return text;
  }

  std::vector<Link> chain_;
  std::vector<std::string> files_;
};

std::string text_of(const Node& root, const char* key) {
  const auto found = root.table()->find(key);
  if (found == root.table()->end() || found->second.text() == nullptr) return {};
  return *found->second.text();
}

}  // namespace

std::string scenario_folder() {
  if (const char* folder = std::getenv("TOLLGATE_SCENARIOS")) return folder;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share/tollgate/scenarios";
  if (!error && fs::is_directory(installed)) return installed.string();
  return TOLLGATE_SHIPPED_SCENARIOS;
}

std::vector<ShippedScenario> list_shipped() {
  std::vector<ShippedScenario> result;
  for (const char* subfolder : kSubfolders) {
    const fs::path folder = fs::path(scenario_folder()) / subfolder;
    if (!fs::is_directory(folder)) {
      fail({folder.string(), 0, 0},
           "the folder of shipped scenarios is missing; set "
           "TOLLGATE_SCENARIOS to where they are");
    }
    std::vector<ShippedScenario> of_kind;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".toml") continue;
      const Node root = parse_file(entry.path().string(), shown_path(entry.path()));
      of_kind.push_back({entry.path().stem().string(),
                         std::string_view(subfolder) == "worlds" ? "world" : "policy",
                         text_of(root, "title"), text_of(root, "description"),
                         entry.path().string()});
    }
    std::ranges::sort(of_kind, {}, &ShippedScenario::name);
    result.insert(result.end(), of_kind.begin(), of_kind.end());
  }
  return result;
}

ResolvedTree resolve_tree(const std::string& name_or_path, const std::vector<std::string>& sets) {
  const Place command_line{"command line", 0, 0};
  const fs::path path = locate(name_or_path, fs::current_path(), command_line);
  Resolver resolver;
  ResolvedTree tree;
  tree.name = path.stem().string();
  tree.root = resolver.resolve(path, command_line);
  tree.files = std::move(resolver).files();
  for (const std::string& assignment : sets) overlay(tree.root, parse_override(assignment));
  return tree;
}

}  // namespace tollgate
