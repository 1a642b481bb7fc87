/// What is wrong with a scenario, said so that its author can mend it.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate {

/// Where a key or value stands: a file and a place in it, or a command-line override.
struct Place {
  std::string file;  ///< path as shown to the user, or "--set key=value"
  int line = 0;      ///< from 1; 0 when the place is a whole file or an override
  int column = 0;
  bool is_override = false;  ///< laid over a scenario by a command line or a sweep
};

struct Diagnostic {
  Place place;
  std::string message;  ///< key, what was found, what is allowed, nearest spelling
};

/// The user's fault: everything that is wrong with a scenario, in the order of files and lines.
class ScenarioError : public std::runtime_error {
 public:
  explicit ScenarioError(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// Throws ScenarioError with one mistake: at a place of a file, or in an option of the command
/// line.
[[noreturn]] void fail(const Place& place, const std::string& message);
[[noreturn]] void refuse(const std::string& option, const std::string& message);

/// "file:line:col: error: message" and the line itself with a caret under the place.
std::string format(const Diagnostic& diagnostic);

/// The candidate nearest to `word` by Damerau-Levenshtein distance, if one is near enough to be
/// meant; empty otherwise.
std::string nearest_spelling(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

/// "'a', 'b' or 'c'"; `last` is the word before the last one.
std::string enumerate(std::span<const std::string> words, std::string_view last = "or");

/// "a levy", "an import_approval".
std::string with_article(std::string_view noun);

}  // namespace tollgate
