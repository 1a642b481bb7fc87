/// Errors found while a file is read: all of them are collected, so that its author is told of
/// every one at once.
#pragma once

#include <string>
#include <vector>

#include "scenarios/tree.hpp"

namespace tollgate {

class ErrorList {
 public:
  void add(const Place& place, std::string message) {
    diagnostics_.push_back({place, std::move(message)});
  }
  void add(const std::vector<Diagnostic>& diagnostics) {
    diagnostics_.insert(diagnostics_.end(), diagnostics.begin(), diagnostics.end());
  }

  /// The key at `path` has something else than what is allowed, which is said in words.
  void wrong_type(const std::string& path, const Node& node, const std::string& allowed);

  /// The table at `path` has a key that it does not know.
  void unknown_key(const std::string& path, const std::string& key, const Node& node,
                   const std::vector<std::string>& allowed);
  /// The same of all keys of a table that are not `allowed`.
  void unknown_keys(const std::string& path, const Table& table,
                    const std::vector<std::string>& allowed);

  [[nodiscard]] bool is_empty() const { return diagnostics_.empty(); }
  [[nodiscard]] std::size_t size() const { return diagnostics_.size(); }

  /// Throws ScenarioError with all of them, if there are any.
  void stop_if_any();

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace tollgate
