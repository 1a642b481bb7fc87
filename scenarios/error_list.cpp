#include "scenarios/error_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tollgate {

void ErrorList::wrong_type(const std::string& path, const Node& node, const std::string& allowed) {
  add(node.place, fmt::format("key '{}' is {}; allowed is {}", path, node.described(), allowed));
}

void ErrorList::unknown_key(const std::string& path, const std::string& key, const Node& node,
                            const std::vector<std::string>& allowed) {
  const std::string hint = suggestion(key, allowed);
  add(node.key,
      fmt::format("key '{}' is not known{}", joined(path, key),
                  hint.empty() ? fmt::format("; allowed is {}", enumerate(allowed)) : hint));
}

void ErrorList::unknown_keys(const std::string& path, const Table& table,
                             const std::vector<std::string>& allowed) {
  for (const auto& [name, node] : table) {
    if (std::ranges::find(allowed, name) == allowed.end()) unknown_key(path, name, node, allowed);
  }
}

void ErrorList::stop_if_any() {
  if (!is_empty()) throw ScenarioError(std::exchange(diagnostics_, {}));
}

}  // namespace tollgate
