/// The table of keys: what may stand in a scenario, said once.
///
/// From these tables come the validator and the typed structs (scenarios/reader), the JSON Schema
/// and the reference page (scenarios/describe). A kind of entity is one file in scenarios/keys and
/// one line in `entity_tables`; scenarios/keys/table_builder.hpp binds its keys to a struct.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agents/world_spec.hpp"
#include "scenarios/tree.hpp"

namespace tollgate {

/// Kinds of entities that keys refer to.
enum class EntityKind : unsigned char {
  kRegion,
  kChip,
  kVendor,
  kSupplier,
  kBuyer,
  kFringe,
  kTrader,
  kRoute,
  kLandlord,
  kPolicy,
  kPolitics,
  kRegime,
  kTransition
};
inline constexpr std::size_t kEntityKinds = 13;

/// Numbers that a key may take; `low` and `high` belong to it unless open.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool is_low_open = false;
  bool is_high_open = false;
  [[nodiscard]] bool contains(double x) const {
    return (is_low_open ? x > low : x >= low) && (is_high_open ? x < high : x <= high);
  }
  [[nodiscard]] std::string described(const std::string& unit) const;
};

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

/// Finds the struct that a table is read into, within a world: the same place in every copy of it.
using Locate = std::function<void*(WorldSpec&)>;

enum class KeyType : unsigned char {
  kNumber,
  kInteger,
  kBoolean,
  kText,
  kDate,
  kReference,
  kReferences,
  kTexts,
  kChoice,
  kTable,
  kUnitsByChip,
  kNumbersByDate,
  kNamedTables
};

class Reader;
struct TableSpec;

struct KeySpec {
  std::string name;
  KeyType type = KeyType::kNumber;
  std::string unit;  ///< of numbers; "1" for ratios
  Range range;       ///< of numbers
  bool is_required = false;
  bool may_be_uncertain = false;  ///< numbers, dates, or the numbers of the table
  std::string default_toml;       ///< empty: none
  std::string sentence;
  EntityKind refers_to{};                  ///< of references
  std::vector<std::string> choices;        ///< of choices and of texts with a fixed vocabulary
  std::vector<std::string> used_by;        ///< names of the forms that use it; empty: all
  std::shared_ptr<const TableSpec> table;  ///< of sub-tables

  /// Stores a value that has been found valid. One of them is set, by type.
  std::function<double&(void*)> number;
  std::function<void(void*, std::int64_t)> store_integer;
  std::function<void(void*, bool)> store_boolean;
  std::function<void(void*, std::string)> store_text;
  std::function<void(void*, SimTime)> store_date;
  std::function<void(void*, std::size_t)> store_index;  ///< reference or choice
  std::function<void(void*, std::vector<std::size_t>)> store_indices;
  std::function<void(void*, std::vector<std::string>)> store_texts;
  std::function<void*(void*)> sub_object;  ///< of sub-tables
  /// Of numbers by date: empties the list; adds a date; the number at a place of the list.
  std::function<void(void*)> clear_dates;
  std::function<void(void*, SimTime)> add_date;
  std::function<double&(void*, std::size_t)> number_at;
  /// Of named sub-tables: makes one for each id; the one at a place.
  std::function<void(void*, std::vector<std::string>)> make_tables;
  std::function<void*(void*, std::size_t)> table_at;
};

struct Form;

struct TableSpec {
  std::string name;  ///< "vendor"
  std::string sentence;
  std::vector<KeySpec> keys;
  /// Of a table that comes in several forms: the key that says in which (a required choice), and
  /// the forms in the order of its choices.
  std::string form_key;
  std::vector<Form> forms;
  /// Pairs of keys of which exactly one must be given.
  std::vector<std::pair<std::string, std::string>> alternatives;
  /// Pairs of keys of which the first needs the second.
  std::vector<std::pair<std::string, std::string>> needs;
  std::function<void(void*, std::string)> store_source;  ///< where the struct keeps it, if it does
  /// Checks that involve several keys, after all of them have been read without error.
  std::function<void(Reader&, const void*, const Node&, const std::string& path)> check;

  [[nodiscard]] const KeySpec* find(std::string_view key) const;
};

/// The keys that a table has in one form besides the common ones, and the struct that they are in.
struct Form {
  TableSpec keys;                      ///< its name is the choice
  std::function<void*(void*)> object;  ///< within the struct of the table
};

/// Keys of a kind of entity, and where its entities are kept.
struct EntityTable {
  EntityKind kind;
  TableSpec keys;
  std::function<void(WorldSpec&, std::vector<std::string> ids)> make;  ///< one entity per id
  std::function<void*(WorldSpec&, std::size_t)> at;
};

/// The tables of entities ([vendor.nvidia], ...) in the order in which they are read.
const std::vector<EntityTable>& entity_tables();

/// The tables that stand alone: [run], [demand], [licence_office], [response].
struct SingleTable {
  TableSpec keys;
  Locate at;
};
const std::vector<SingleTable>& single_tables();

/// Text keys that every entity and every annotated number may carry.
inline constexpr std::string_view kCircumstances[] = {"source", "basis", "confidence", "note"};

inline bool is_circumstance(std::string_view key) {
  return std::ranges::find(kCircumstances, key) != std::end(kCircumstances);
}

/// Current version of the scenario format, key `format`.
inline constexpr std::int64_t kScenarioFormat = 1;

std::string_view name_of(EntityKind kind);

}  // namespace tollgate
