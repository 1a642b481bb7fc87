/// Keys that are read one by one, without a table of keys: the head of a file, settings.
///
/// What is wrong is added to the errors; then, as when nothing stands at the key, there is no
/// value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/error_list.hpp"

namespace tollgate {

/// Checks `format`, which every file must have, and that `title` and `description` are texts.
void check_head(const Node& root, std::int64_t format, ErrorList& errors);

/// A text out of a few, as its place among them.
std::optional<std::size_t> choice_of(const std::string& path, const Node& node,
                                     std::span<const std::string> allowed, ErrorList& errors);

/// A finite number that a text is; none if it is anything else.
std::optional<double> parsed_number(std::string_view text);

class PlainTable {
 public:
  /// All of them must outlive this.
  PlainTable(const Table& table, std::string path, ErrorList& errors)
      : table_(table), path_(std::move(path)), errors_(errors) {}

  /// A whole number from `low` to `high`.
  [[nodiscard]] std::optional<std::int64_t> whole(const char* key, std::int64_t low,
                                                  std::int64_t high) const;
  [[nodiscard]] std::optional<bool> boolean(const char* key) const;
  [[nodiscard]] std::optional<std::size_t> choice(const char* key,
                                                  std::span<const std::string_view> names) const;

 private:
  [[nodiscard]] const Node* find(const char* key) const;

  const Table& table_;
  std::string path_;
  ErrorList& errors_;
};

}  // namespace tollgate
