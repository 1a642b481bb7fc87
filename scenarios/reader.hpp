/// Reads a resolved tree into a typed scenario, collecting everything that is wrong with it.
#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/library.hpp"
#include "scenarios/plain_keys.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/table_file.hpp"

namespace tollgate {

class Reader {
 public:
  /// Reads everything; throws ScenarioError with all errors found.
  Scenario read(const ResolvedTree& tree);

  /// Notes what the keys with these dotted paths are, when they are read.
  void watch(const std::vector<std::string>& keys);

  /// The key of that path, if it has been read, with or without error; null otherwise. Not of
  /// tables.
  [[nodiscard]] const KeySpec* watched(const std::string& key) const;

  /// For checks over several keys: whether all of them are given in `table` and were read without
  /// error.
  [[nodiscard]] bool are_sound(const Node& table,
                               std::initializer_list<std::string_view> keys) const;

  /// For checks over several keys: notes an error at a key of `table` (or at the table itself when
  /// the key is not there).
  void complain(const Node& table, std::string_view key, std::string message);

 private:
  struct Site {
    const TableSpec* keys;
    const Node* node;
    std::string path;
    Locate locate;
    std::string source;  ///< of the entity, for numbers without their own
  };

  void read_top_level(const Node& root);
  void read_entities(const Node& root);
  void append_members(const Node& root);
  void read_table(const Site& site);
  /// The form that the table says it has, read into its struct; null if it has none or a wrong one.
  const Form* read_form(const Site& site);
  static bool is_used(const KeySpec& key, const Form* form);
  void complain_of_stray_key(const Site& site, const Form* form, const std::string& name,
                             const Node& node);
  void check_presence(const Site& site, const TableSpec& keys, const std::string& reason);
  void read_key(const Site& site, const KeySpec& key, const Node& node);
  /// Days since 1970-01-01; none after an error.
  std::optional<double> read_day(const std::string& path, const Node& node);
  void read_named_tables(const Site& site, const KeySpec& key, const Node& node);
  void read_number(const Site& site, const KeySpec& key, const Node& node);
  void note(const KeySpec& key, const std::string& path);
  void read_annotated(const Site& site, const KeySpec& key, const Node& node,
                      const std::string& path);
  /// The value inside `{ value = ..., source = ... }`, or the node itself when it is plain; null
  /// after an error.
  const Node* without_circumstances(const Node& node, const std::string& path);
  static std::optional<double> number_in(const Node& node);
  static Range range_of_days();
  /// Of a date: in days.
  static Range range_of(const KeySpec& key);
  /// Whether a cell is a value that the key itself could have.
  static bool is_value(const KeySpec& key, TableFile::Kind kind, double number);
  /// Stores a number as what the key is of.
  static std::function<void(void*, double)> setter_of(const KeySpec& key);

  void read_distribution(const Site& site, const KeySpec& key, const Node& node,
                         const std::string& path);
  const DistributionForm* read_distribution_form(const KeySpec& key, const Node& node,
                                                 const std::string& path);
  GivenParameters read_form_parameters(const KeySpec& key, const DistributionForm& form,
                                       const Node& node, const std::string& path);
  void check_sample(const Table& table, const Node& node, const std::string& path);
  /// A value that the key could have itself, and a number of any other kind.
  std::optional<double> read_value(const KeySpec& key, const Node& node, const std::string& path);
  std::optional<double> read_bare(const Node& node, const std::string& path);
  std::vector<double> read_array(const KeySpec& key, bool is_of_values, const Node& node,
                                 const std::string& path);
  /// The file that a distribution names; null after an error.
  const TableFile* table_file(const Node& file, const std::string& path);
  std::vector<double> read_column(const KeySpec& key, const Node& node, const std::string& path);
  std::string posterior_name(const Node& file);
  /// Of what is uncertain, which must have been read and sorted.
  void read_correlations(const Node& root);
  void read_correlation(const Node& root, const std::string& id, const Table& table,
                        std::vector<std::string>& owners);
  /// Place of a correlated parameter; none when the command line fixes it or after an error.
  std::optional<std::size_t> read_member(const Node& root, const Node& name,
                                         const std::string& path);
  std::vector<double> read_matrix(const Node& node, std::size_t size, const std::string& path);
  bool check_symmetry(const Node& node, const std::vector<double>& matrix, std::size_t size,
                      const std::string& path);
  void check_design(const Table& root);

  void read_references(const Site& site, const KeySpec& key, const Node& node);
  /// Whether `id` is one of a fringe, which stands for all its members in a list of buyers.
  bool is_fringe(const std::string& id);
  void add_members(const Node& id, const std::string& path, std::vector<std::size_t>& indices);
  void read_texts(const Site& site, const KeySpec& key, const Node& node);
  void read_units_by_chip(const Site& site, const KeySpec& key, const Node& node);
  void read_numbers_by_date(const Site& site, const KeySpec& key, const Node& node);
  void check_lineage(const Table& root);
  void check_contradictions(const Table& root);
  void check_politics(const Table& root);

  bool check_range(const KeySpec& key, const std::string& path, const Node& node, double x);
  std::optional<std::size_t> resolve(EntityKind kind, const Node& node, const std::string& path);
  std::vector<std::string>& ids(EntityKind kind) { return ids_[static_cast<std::size_t>(kind)]; }

  ErrorList errors_;
  std::array<std::vector<std::string>, kEntityKinds> ids_;
  std::vector<std::string>
      unsound_;  ///< keys of the table being checked that were read with errors
  std::map<std::string, std::optional<TableFile>> tables_;  ///< by path; none: has errors
  std::map<std::string, std::string> posteriors_;           ///< path of a file by its name
  std::map<std::string, std::optional<KeySpec>> watched_;   ///< by path; none: not met
  Scenario scenario_;
};

}  // namespace tollgate
