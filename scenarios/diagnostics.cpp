#include "scenarios/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <tuple>

namespace tollgate {
namespace {

std::string joined(std::vector<Diagnostic>& diagnostics) {
  std::ranges::stable_sort(diagnostics, {}, [](const Diagnostic& d) {
    return std::tuple(d.place.file, d.place.line, d.place.column);
  });
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += format(diagnostic);
  return text + fmt::format("{} error{}\n", diagnostics.size(), diagnostics.size() == 1 ? "" : "s");
}

std::string line_of(const Place& place) {
  std::ifstream file(place.file);
  std::string line;
  for (int i = 0; i < place.line; ++i) {
    if (!std::getline(file, line)) return {};
  }
  return line;
}

/// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
std::size_t spelling_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

ScenarioError::ScenarioError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(joined(diagnostics)), diagnostics_(std::move(diagnostics)) {}

void fail(const Place& place, const std::string& message) {
  throw ScenarioError(std::vector(1, Diagnostic{place, message}));
}

void refuse(const std::string& option, const std::string& message) {
  const Place place{option, 0, 0};
  fail(place, message);
}

std::string format(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  if (place.line == 0) return fmt::format("{}: error: {}\n", place.file, diagnostic.message);
  std::string text = fmt::format("{}:{}:{}: error: {}\n", place.file, place.line, place.column,
                                 diagnostic.message);
  const std::string line = line_of(place);
  if (!line.empty()) {
    // Tabs stay tabs, so that the caret stands under its place whatever their width.
    std::string indent = line.substr(0, static_cast<std::size_t>(std::max(0, place.column - 1)));
    std::ranges::replace_if(
        indent, [](char c) { return c != '\t'; }, ' ');
    text += fmt::format("{:>5} | {}\n      | {}^\n", place.line, line, indent);
  }
  return text;
}

std::string nearest_spelling(std::string_view word, std::span<const std::string> candidates) {
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = spelling_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  const std::string nearest = nearest_spelling(word, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

std::string enumerate(std::span<const std::string> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? fmt::format(" {} ", last) : ", ";
    text += "'" + words[i] + "'";
  }
  return text;
}

std::string with_article(std::string_view noun) {
  const bool has_vowel = std::string_view{"aeiou"}.find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", has_vowel ? "an" : "a", noun);
}

}  // namespace tollgate
