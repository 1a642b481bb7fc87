/// Where scenario files are: shipped ones by name, others by path, and what they extend.
#pragma once

#include <string>
#include <vector>

#include "scenarios/tree.hpp"

namespace tollgate {

struct ShippedScenario {
  std::string name;  ///< e.g. "h200-levy"
  std::string kind;  ///< "world" or "policy"
  std::string title;
  std::string description;
  std::string path;
};

/// Folder of the shipped files: the environment's TOLLGATE_SCENARIOS, else the source tree that
/// this program was built from, else share/tollgate/scenarios beside the installed program.
std::string scenario_folder();

/// The shipped scenarios, worlds first, by name. Throws ScenarioError when there is no folder.
std::vector<ShippedScenario> list_shipped();

/// A scenario with everything it extends laid under it, and the overrides laid over it.
struct ResolvedTree {
  std::string name;  ///< stem of the file
  Node root;
  std::vector<std::string> files;  ///< all files read, the named one last
};

/// Sweep files that are shipped, by name.
std::vector<ShippedScenario> list_shipped_sweeps();

/// The file of a sweep named by path or, if shipped, by name. Throws ScenarioError.
std::string find_sweep(const std::string& name_or_path);

/// The name of a sweep by which it is found from any folder: of a file its absolute path.
std::string lasting_name_of_sweep(const std::string& name_or_path);

/// A path as a person would type it from here: relative when it is below the working folder.
std::string shown_path(const std::string& path);

/// Reads a scenario named by path or, if shipped, by name. Throws ScenarioError.
ResolvedTree resolve_tree(const std::string& name_or_path, const std::vector<std::string>& sets);

/// The same for a scenario that a file in `folder` names at `place`.
ResolvedTree resolve_tree(const std::string& reference, const std::string& folder,
                          const Place& place, const std::vector<std::string>& sets);

/// A scenario as a person would name it from here: a shipped one by its name, others by their path.
std::string name_or_path_of(const ResolvedTree& tree);

}  // namespace tollgate
