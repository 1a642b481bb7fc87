#include "scenarios/plain_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace tollgate {

void check_head(const Node& root, std::int64_t format, ErrorList& errors) {
  const Table& table = *root.table();
  const auto found = table.find("format");
  if (found == table.end()) {
    errors.add(root.place,
               fmt::format("key 'format' is missing; this program reads format = {}", format));
  } else if (const auto* number = std::get_if<std::int64_t>(&found->second.value);
             number == nullptr || *number != format) {
    errors.add(found->second.place,
               fmt::format("key 'format' is {}; this program reads format = {}",
                           found->second.described(), format));
  }
  for (const char* key : {"title", "description"}) {
    const auto text = table.find(key);
    if (text != table.end() && text->second.text() == nullptr) {
      errors.wrong_type(key, text->second, "a text");
    }
  }
}

std::optional<std::size_t> choice_of(const std::string& path, const Node& node,
                                     std::span<const std::string> allowed, ErrorList& errors) {
  std::string hint;
  if (const std::string* text = node.text()) {
    const auto place = std::ranges::find(allowed, *text);
    if (place != allowed.end()) return static_cast<std::size_t>(place - allowed.begin());
    hint = suggestion(*text, allowed);
  }
  errors.wrong_type(path, node, enumerate(allowed) + hint);
  return std::nullopt;
}

std::optional<double> parsed_number(std::string_view text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(x)) return {};
  return x;
}

const Node* PlainTable::find(const char* key) const {
  const auto found = table_.find(key);
  return found == table_.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> PlainTable::whole(const char* key, std::int64_t low,
                                              std::int64_t high) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&node->value);
  if (number != nullptr && *number >= low && *number <= high) return *number;
  errors_.wrong_type(joined(path_, key), *node,
                     fmt::format("a whole number from {} to {}", low, high));
  return std::nullopt;
}

std::optional<bool> PlainTable::boolean(const char* key) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = std::get_if<bool>(&node->value)) return *value;
  errors_.wrong_type(joined(path_, key), *node, "true or false");
  return std::nullopt;
}

std::optional<std::size_t> PlainTable::choice(const char* key,
                                              std::span<const std::string_view> names) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const std::vector<std::string> allowed(names.begin(), names.end());
  return choice_of(joined(path_, key), *node, allowed, errors_);
}

}  // namespace tollgate
