/// Builds a table of keys bound to the members of a struct: type, unit, range and the sentence that
/// documents a key are said in one line, the default is that of the struct.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/schema.hpp"

namespace tollgate {

/// The kind of entity that an id is of.
template <class IdType>
inline constexpr EntityKind kKindOf = EntityKind::kPolicy;
template <>
inline constexpr EntityKind kKindOf<RegionId> = EntityKind::kRegion;
template <>
inline constexpr EntityKind kKindOf<ChipId> = EntityKind::kChip;
template <>
inline constexpr EntityKind kKindOf<VendorId> = EntityKind::kVendor;
template <>
inline constexpr EntityKind kKindOf<SupplierId> = EntityKind::kSupplier;
template <>
inline constexpr EntityKind kKindOf<BuyerId> = EntityKind::kBuyer;

/// A default as TOML; of infinity, which no key can say, none.
std::string default_number(double x);

/// `low` is not above `high`.
void check_bounds(Reader& reader, const Bounds& bounds, const Node& node, const std::string& path);

/// `S` is the struct.
template <class S>
class TableBuilder {
 public:
  TableBuilder(std::string name, std::string sentence) {
    table_.name = std::move(name);
    table_.sentence = std::move(sentence);
  }

  /// What can be said of a key after it was added.
  class Key {
   public:
    Key(TableSpec& table, std::size_t index) : table_(table), index_(index) {}
    Key& required() {
      spec().is_required = true;
      spec().default_toml.clear();
      return *this;
    }
    /// What every replica must have alike, as the shape of a world or the settings of a run.
    Key& certain() {
      spec().may_be_uncertain = false;
      return *this;
    }
    Key& used_by(std::vector<std::string> forms) {
      spec().used_by = std::move(forms);
      return *this;
    }

   private:
    KeySpec& spec() { return table_.keys[index_]; }
    TableSpec& table_;
    std::size_t index_;
  };

  Key number(std::string name, double S::*member, std::string unit, Range range,
             std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kNumber, std::move(sentence));
    key.unit = std::move(unit);
    key.range = range;
    key.may_be_uncertain = true;
    key.default_toml = default_number(S{}.*member);
    key.number = [member](void* o) -> double& { return static_cast<S*>(o)->*member; };
    return add(std::move(key));
  }
  Key optional_number(std::string name, std::optional<double> S::*member, std::string unit,
                      Range range, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kNumber, std::move(sentence));
    key.unit = std::move(unit);
    key.range = range;
    key.may_be_uncertain = true;
    key.number = [member](void* o) -> double& {
      auto& field = static_cast<S*>(o)->*member;
      if (!field) field = 0;
      return *field;
    };
    return add(std::move(key));
  }
  template <class Integer>
  Key integer(std::string name, Integer S::*member, Range range, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kInteger, std::move(sentence));
    key.unit = "1";
    key.range = range;
    key.may_be_uncertain = true;
    key.default_toml = std::to_string(S{}.*member);
    key.store_integer = [member](void* o, std::int64_t x) {
      static_cast<S*>(o)->*member = static_cast<Integer>(x);
    };
    return add(std::move(key));
  }
  Key boolean(std::string name, bool S::*member, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kBoolean, std::move(sentence));
    key.default_toml = S{}.*member ? "true" : "false";
    key.store_boolean = [member](void* o, bool x) { static_cast<S*>(o)->*member = x; };
    return add(std::move(key));
  }
  Key text(std::string name, std::string S::*member, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kText, std::move(sentence));
    key.store_text = [member](void* o, std::string x) {
      static_cast<S*>(o)->*member = std::move(x);
    };
    return add(std::move(key));
  }
  /// `member` is a SimTime or an optional one.
  template <class Date>
  Key date(std::string name, Date S::*member, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kDate, std::move(sentence));
    key.may_be_uncertain = true;
    key.store_date = [member](void* o, SimTime x) { static_cast<S*>(o)->*member = x; };
    return add(std::move(key));
  }
  template <class IdType>
  Key reference(std::string name, IdType S::*member, EntityKind kind, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kReference, std::move(sentence));
    key.refers_to = kind;
    key.store_index = [member](void* o, std::size_t i) { static_cast<S*>(o)->*member = IdType{i}; };
    return add(std::move(key));
  }
  template <class IdType>
  Key reference(std::string name, IdType S::*member, std::string sentence) {
    return reference(std::move(name), member, kKindOf<IdType>, std::move(sentence));
  }
  template <class IdType>
  Key references(std::string name, std::vector<IdType> S::*member, std::string sentence) {
    return references(std::move(name), member, kKindOf<IdType>, std::move(sentence));
  }
  template <class IdType>
  Key references(std::string name, std::vector<IdType> S::*member, EntityKind kind,
                 std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kReferences, std::move(sentence));
    key.refers_to = kind;
    key.default_toml = "[]";
    key.store_indices = [member](void* o, const std::vector<std::size_t>& indices) {
      auto& list = static_cast<S*>(o)->*member;
      list.clear();
      for (const std::size_t i : indices) list.push_back(IdType{i});
    };
    return add(std::move(key));
  }
  /// Texts out of `vocabulary`, or ids of policies when it is empty.
  Key texts(std::string name, std::vector<std::string> S::*member,
            std::span<const std::string_view> vocabulary, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kTexts, std::move(sentence));
    key.choices.assign(vocabulary.begin(), vocabulary.end());
    key.refers_to = EntityKind::kPolicy;
    key.default_toml = "[]";
    key.store_texts = [member](void* o, std::vector<std::string> x) {
      static_cast<S*>(o)->*member = std::move(x);
    };
    return add(std::move(key));
  }
  /// Ids of policies.
  Key rules(std::string name, std::vector<std::string> S::*member, std::string sentence) {
    return texts(std::move(name), member, {}, std::move(sentence));
  }
  template <class Enum>
  Key choice(std::string name, Enum S::*member, std::span<const std::string_view> names,
             std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kChoice, std::move(sentence));
    key.choices.assign(names.begin(), names.end());
    key.default_toml = "\"" + key.choices[static_cast<std::size_t>(S{}.*member)] + "\"";
    key.store_index = [member](void* o, std::size_t i) {
      static_cast<S*>(o)->*member = static_cast<Enum>(i);
    };
    return add(std::move(key));
  }
  /// Which form the table has; `select(object, i)` makes the struct ready for the i-th.
  template <class Select>
  Key form(std::string name, std::span<const std::string_view> names, Select select,
           std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kChoice, std::move(sentence));
    key.choices.assign(names.begin(), names.end());
    key.store_index = [select](void* o, std::size_t i) { select(*static_cast<S*>(o), i); };
    table_.form_key = key.name;
    return add(std::move(key)).required();
  }
  void form_keys(std::vector<Form> forms) { table_.forms = std::move(forms); }
  template <class T>
  Key table(std::string name, T S::*member, TableSpec keys, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kTable, std::move(sentence));
    key.table = std::make_shared<const TableSpec>(std::move(keys));
    key.sub_object = [member](void* o) -> void* { return &(static_cast<S*>(o)->*member); };
    return add(std::move(key));
  }
  Key per_workload(std::string name, PerWorkload<double> S::*member, std::string unit, Range range,
                   std::string sentence) {
    TableBuilder<PerWorkload<double>> keys(name, sentence);
    keys.number("training", &PerWorkload<double>::training, unit, range, "For training.")
        .required();
    keys.number("inference", &PerWorkload<double>::inference, unit, range, "For inference.")
        .required();
    return table(name, member, std::move(keys).build(), sentence);
  }
  Key bounds(std::string name, Bounds S::*member, std::string unit, std::string sentence) {
    TableBuilder<Bounds> keys(name, sentence);
    keys.number("low", &Bounds::low, unit, {0, kUnbounded}, "Least value that the rule touches.");
    keys.number("high", &Bounds::high, unit, {0, kUnbounded}, "Largest value that it touches.");
    keys.check(check_bounds);
    return table(name, member, std::move(keys).build(), sentence);
  }
  /// A sub-table whose keys are chips and whose values are units.
  Key units_by_chip(std::string name, std::vector<InstalledSpec> S::*member, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kUnitsByChip, std::move(sentence));
    key.unit = "chips";
    key.range = {0, 1e9};
    key.may_be_uncertain = true;
    key.refers_to = EntityKind::kChip;
    key.sub_object = [member](void* o) -> void* { return &(static_cast<S*>(o)->*member); };
    return add(std::move(key));
  }

  /// A sub-table whose keys are dates and whose values are numbers, in the order of the dates.
  /// `Point` has a member `date`.
  template <class Point>
  Key by_date(std::string name, std::vector<Point> S::*member, double Point::*value,
              std::string unit, Range range, std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kNumbersByDate, std::move(sentence));
    key.unit = std::move(unit);
    key.range = range;
    key.may_be_uncertain = true;
    key.clear_dates = [member](void* o) { (static_cast<S*>(o)->*member).clear(); };
    key.add_date = [member](void* o, SimTime date) {
      (static_cast<S*>(o)->*member).push_back({.date = date});
    };
    key.number_at = [member, value](void* o, std::size_t i) -> double& {
      return (static_cast<S*>(o)->*member)[i].*value;
    };
    return add(std::move(key));
  }

  /// Sub-tables with names: `T` has a member `id`, `keys` are of its member `part`.
  template <class T, class Part>
  Key named_tables(std::string name, std::vector<T> S::*member, Part T::*part, TableSpec keys,
                   std::string sentence) {
    KeySpec key = make(std::move(name), KeyType::kNamedTables, std::move(sentence));
    key.table = std::make_shared<const TableSpec>(std::move(keys));
    key.make_tables = [member](void* o, std::vector<std::string> ids) {
      auto& list = static_cast<S*>(o)->*member;
      list.assign(ids.size(), T{});
      for (std::size_t i = 0; i < ids.size(); ++i) list[i].id = std::move(ids[i]);
    };
    key.table_at = [member, part](void* o, std::size_t i) -> void* {
      return &((static_cast<S*>(o)->*member)[i].*part);
    };
    return add(std::move(key));
  }

  /// The struct keeps the text `source` of its table.
  void keeps_source(std::string S::*member) {
    table_.store_source = [member](void* o, std::string x) {
      static_cast<S*>(o)->*member = std::move(x);
    };
  }
  /// Exactly one of two keys must be given.
  void either(std::string one, std::string other) {
    table_.alternatives.emplace_back(std::move(one), std::move(other));
  }
  /// A key that is given needs another one.
  void needs(std::string key, std::string other) {
    table_.needs.emplace_back(std::move(key), std::move(other));
  }

  template <class Check>
  void check(Check function) {
    table_.check = [function](Reader& reader, const void* object, const Node& node,
                              const std::string& path) {
      function(reader, *static_cast<const S*>(object), node, path);
    };
  }

  TableSpec build() && { return std::move(table_); }

 private:
  static KeySpec make(std::string name, KeyType type, std::string sentence) {
    KeySpec key;
    key.name = std::move(name);
    key.type = type;
    key.sentence = std::move(sentence);
    return key;
  }
  Key add(KeySpec key) {
    table_.keys.push_back(std::move(key));
    return {table_, table_.keys.size() - 1};
  }
  TableSpec table_;
};

}  // namespace tollgate
