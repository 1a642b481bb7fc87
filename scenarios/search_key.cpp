#include "scenarios/search_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "scenarios/loader.hpp"
#include "scenarios/plain_keys.hpp"

namespace tollgate {
namespace {

constexpr std::size_t kMostKeys = 3;

SearchKey parse(const std::string& text, const Place& place) {
  const auto equals = text.find('=');
  const auto colon = text.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || equals == 0 || colon == std::string::npos) {
    fail(place, "expected KEY=LOW:HIGH, for example --over policy.levy.rate=0:0.6");
  }
  SearchKey key;
  key.key = text.substr(0, equals);
  const std::string_view values = std::string_view(text).substr(equals + 1);
  const auto low = parsed_number(values.substr(0, colon - equals - 1));
  const auto high = parsed_number(values.substr(colon - equals));
  if (!low || !high) {
    fail(place, fmt::format("'{}' is not LOW:HIGH; allowed are two numbers, for "
                            "example 0:0.6",
                            values));
  }
  if (*low >= *high) {
    fail(place, fmt::format("the lower end {} is not below the upper end {}", *low, *high));
  }
  key.low = *low;
  key.high = *high;
  return key;
}

/// What stands at a key, in few words.
std::string present_at(const Node& root, const std::string& path) {
  const Node* node = find_node(root, path);
  if (node == nullptr) return {};
  if (!node->is_annotated_number()) return node->as_toml();
  const Table& table = *node->table();
  const auto value = table.find("value");
  if (value != table.end()) return value->second.as_toml();
  const std::string* name = table.at("distribution").text();
  return name == nullptr ? std::string{} : *name;
}

}  // namespace

std::string assignment(const std::string& key, double value) {
  // With a point or an exponent, as these keys take any number.
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return key + "=" + text;
}

OpenScenario::OpenScenario(std::string name_or_path, std::vector<std::string> sets,
                           const std::vector<std::string>& over)
    : name_or_path_(std::move(name_or_path)), sets_(std::move(sets)) {
  for (const std::string& text : over) {
    typed_.push_back("--over " + text);
    const Place place{typed_.back(), 0, 0};
    keys_.push_back(parse(text, place));
    const auto is_same = [&](const SearchKey& key) { return key.key == keys_.back().key; };
    if (std::ranges::count_if(keys_, is_same) > 1) {
      fail(place, fmt::format("key '{}' is searched over twice", keys_.back().key));
    }
  }
  if (keys_.empty() || keys_.size() > kMostKeys) {
    const Place place{"--over", 0, 0};
    fail(place,
         fmt::format("{} keys to search over; allowed are one to {}", keys_.size(), kMostKeys));
  }
  as_it_stands_ = load_scenario(name_or_path_, sets_);
  const Node root = resolve_tree(name_or_path_, sets_).root;
  for (SearchKey& key : keys_) {
    key.present = present_at(root, key.key);
    key.is_distribution =
        std::ranges::find(as_it_stands_.uncertain, key.key, &UncertainParameter::key) !=
        as_it_stands_.uncertain.end();
  }
  for (unsigned corner = 0; corner < 1U << keys_.size(); ++corner) {
    std::vector<double> values;
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      values.push_back((corner >> k & 1U) != 0 ? keys_[k].high : keys_[k].low);
    }
    (void)at(values);
  }
}

Scenario OpenScenario::at(const std::vector<double>& values) const {
  std::vector<std::string> sets = sets_;
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    sets.push_back(assignment(keys_[k].key, values[k]));
  }
  try {
    return load_scenario(name_or_path_, sets);
  } catch (const ScenarioError& error) {
    // The user typed a range, not this value.
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    for (Diagnostic& diagnostic : diagnostics) {
      for (std::size_t k = 0; k < keys_.size(); ++k) {
        if (diagnostic.place.file == "--set " + sets[sets_.size() + k]) {
          diagnostic.place.file = typed_[k];
        }
      }
    }
    throw ScenarioError(std::move(diagnostics));
  }
}

}  // namespace tollgate
