/// A scenario as a tree of values, each of which knows where it was written.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "scenarios/diagnostics.hpp"

namespace tollgate {

struct Node;
using Table = std::map<std::string, Node>;
using Array = std::vector<Node>;

/// A TOML value of a kind that scenarios do not use (times, date-times), by its name.
struct Unsupported {
  std::string name;
};

struct Node {
  std::variant<Table, Array, std::string, std::int64_t, double, bool, SimTime, Unsupported> value;
  Place key;    ///< of the key, or of the table's header
  Place place;  ///< of the value

  [[nodiscard]] const Table* table() const { return std::get_if<Table>(&value); }
  [[nodiscard]] Table* table() { return std::get_if<Table>(&value); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value); }

  /// Whether this is a number with its circumstances, `{ value = ... }` or `{ distribution = ...
  /// }`.
  [[nodiscard]] bool is_annotated_number() const;

  /// The value as TOML on one line.
  [[nodiscard]] std::string as_toml() const;

  /// "the text 'abc'", "the number 3", "a table": for messages.
  [[nodiscard]] std::string described() const;
};

/// A key as TOML writes it: bare where that is allowed, else quoted.
std::string key_as_toml(const std::string& key);

/// Whether `key` needs no quotes: letters, digits, '_' and '-'.
bool is_bare_key(std::string_view key);

/// Dotted path of a key in the table at `path`.
std::string joined(const std::string& path, const std::string& key);

/// What stands at a dotted path below `root`; null if nothing does.
const Node* find_node(const Node& root, std::string_view path);

/// The text at a key; empty if there is none.
std::string text_or_empty(const Table& table, const char* key);

/// Parses a file. `shown` is the path in places. Throws ScenarioError on a syntax error.
Node parse_file(const std::string& path, const std::string& shown);

/// Parses "a.b.c=value" of the command line into a tree; a value that is no TOML is taken as text.
Node parse_override(const std::string& assignment);

/// A tree that has nothing but `leaf` at a dotted path; the tables around it stand at `key`.
Node nested(std::string_view path, const Place& key, Node leaf);

/// Marks everything below `node` as laid over a scenario.
void mark_as_override(Node& node);

/// Lays `over` on `base`: tables merge key by key, everything else is replaced.
void overlay(Node& base, Node over);

}  // namespace tollgate
