#include "scenarios/library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace tollgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubfolders[] = {"worlds", "policies"};
constexpr const char* kSweeps = "sweeps";

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

template <class Subfolders>
std::vector<std::string> names_in(const Subfolders& subfolders) {
  std::vector<std::string> names;
  for (const char* subfolder : subfolders) {
    const fs::path folder = fs::path(scenario_folder()) / subfolder;
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> shipped_names() { return names_in(kSubfolders); }

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

/// The shipped files of one subfolder, by name.
std::vector<ShippedScenario> list_folder(const char* subfolder, const char* kind) {
  const fs::path folder = fs::path(scenario_folder()) / subfolder;
  if (!fs::is_directory(folder)) {
    fail({folder.string(), 0, 0},
         "the folder of shipped scenarios is missing; set "
         "TOLLGATE_SCENARIOS to where they are");
  }
  std::vector<ShippedScenario> result;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    const Node root = parse_file(entry.path().string(), shown_path(entry.path().string()));
    result.push_back({entry.path().stem().string(), kind, text_of(root, "title"),
                      text_of(root, "description"), entry.path().string()});
  }
  std::ranges::sort(result, {}, &ShippedScenario::name);
  return result;
}

}  // namespace

std::string shown_path(const std::string& path) {
  std::error_code error;
  const fs::path relative = fs::relative(path, error);
  if (error || relative.empty() || *relative.begin() == "..") return path;
  return relative.string();
}

std::string scenario_folder() {
  if (const char* folder = std::getenv("TOLLGATE_SCENARIOS")) return folder;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share/tollgate/scenarios";
  if (!error && fs::is_directory(installed)) return installed.string();
  return TOLLGATE_SHIPPED_SCENARIOS;
}

std::vector<ShippedScenario> list_shipped() {
  std::vector<ShippedScenario> result = list_folder("worlds", "world");
  const std::vector<ShippedScenario> policies = list_folder("policies", "policy");
  result.insert(result.end(), policies.begin(), policies.end());
  return result;
}

std::vector<ShippedScenario> list_shipped_sweeps() { return list_folder(kSweeps, "sweep"); }

std::string find_sweep(const std::string& name_or_path) {
  const Place command_line{"command line", 0, 0};
  if (fs::is_regular_file(name_or_path)) return name_or_path;
  const std::vector<std::string> names = names_in(std::array{kSweeps});
  if (looks_like_path(name_or_path)) {
    const std::string meant = nearest_spelling(fs::path(name_or_path).stem().string(), names);
    fail(command_line,
         fmt::format("there is no file '{}'{}", name_or_path,
                     meant.empty() ? ""
                                   : fmt::format("; a sweep called '{}' is shipped: its name alone "
                                                 "finds it",
                                                 meant)));
  }
  const fs::path path = fs::path(scenario_folder()) / kSweeps / (name_or_path + ".toml");
  if (fs::is_regular_file(path)) return path.string();
  fail(command_line,
       fmt::format("no sweep is called '{}'; shipped are {}, and a file is named by "
                   "its path{}",
                   name_or_path, enumerate(names, "and"), suggestion(name_or_path, names)));
}

std::string lasting_name_of_sweep(const std::string& name_or_path) {
  if (!fs::is_regular_file(name_or_path)) return name_or_path;
  return fs::absolute(name_or_path).lexically_normal().string();
}

ResolvedTree resolve_tree(const std::string& name_or_path, const std::vector<std::string>& sets) {
  return resolve_tree(name_or_path, fs::current_path().string(), {"command line", 0, 0}, sets);
}

ResolvedTree resolve_tree(const std::string& reference, const std::string& folder,
                          const Place& place, const std::vector<std::string>& sets) {
  const fs::path path = locate(reference, folder, place);
  Resolver resolver;
  ResolvedTree tree;
  tree.name = path.stem().string();
  tree.root = resolver.resolve(path, place);
  tree.files = std::move(resolver).files();
  for (const std::string& assignment : sets) overlay(tree.root, parse_override(assignment));
  return tree;
}

std::string name_or_path_of(const ResolvedTree& tree) {
  const fs::path file = tree.files.back();
  std::error_code error;
  const fs::path in_folder = fs::relative(file, scenario_folder(), error);
  const bool is_shipped = !error && !in_folder.empty() && *in_folder.begin() != "..";
  return is_shipped ? tree.name : shown_path(file.string());
}

}  // namespace tollgate
