#include "scenarios/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include "scenarios/library.hpp"
#include "scenarios/plain_keys.hpp"
#include "scenarios/sweep_factor_checks.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;

/// A key of [sweep] that only some designs use.
struct DesignKey {
  const char* name;
  std::vector<DesignKind> users;
  bool is_optional = false;
};
const std::vector<DesignKey>& design_keys() {
  using enum DesignKind;
  static const std::vector<DesignKey> keys = {{"points", {kLatinHypercube, kSobol, kSaltelli}},
                                              {"second_order", {kSaltelli}, true},
                                              {"trajectories", {kMorris}},
                                              {"levels", {kMorris}, true},
                                              {"file", {kTable}}};
  return keys;
}

class SweepFileReader {
 public:
  SweepFileReader(const std::string& path, ErrorList& errors) : errors_(errors) {
    file_.root = parse_file(path, shown_path(path));
    file_.name = fs::path(path).stem().string();
    file_.folder = fs::absolute(path).parent_path().string();
    file_.set.value = Table{};
  }

  SweepFile read(const SweepOverrides& overrides) && {
    read_top_level();
    for (const std::string& set : overrides.sets) overlay(file_.set, parse_override(set));
    read_settings();
    if (file_.points || design_ != DesignKind::kTable) read_factors();
    return std::move(file_);
  }

 private:
  /// The table at a key of the file; empty, after an error if there is something else.
  const Table& table_at(const char* key) {
    static const Table kEmpty;
    const Table& root = *file_.root.table();
    const auto found = root.find(key);
    if (found == root.end()) return kEmpty;
    if (const Table* table = found->second.table()) return *table;
    errors_.wrong_type(key, found->second, "a table");
    return kEmpty;
  }

  void read_top_level() {
    const Table& root = *file_.root.table();
    errors_.unknown_keys("", root,
                         {"format", "title", "description", "base", "sweep", "factor", "set"});
    check_head(file_.root, kSweepFormat, errors_);
    file_.title = text_or_empty(root, "title");
    const auto base = root.find("base");
    if (base != root.end() && base->second.text() != nullptr) {
      file_.base = base->second;
    } else if (base != root.end()) {
      errors_.wrong_type("base", base->second, "the name or path of a scenario");
    }
    file_.set.value = table_at("set");
    mark_as_override(file_.set);
  }

  void read_settings() {
    const Table& table = table_at("sweep");
    errors_.unknown_keys("sweep", table,
                         {"seed", "replicas", "design", "points", "second_order", "trajectories",
                          "levels", "file", "common_noise", "keep"});
    const PlainTable sweep(table, "sweep", errors_);
    file_.seed = sweep.whole("seed", 0, kMostSweepSeed);
    file_.replicas = sweep.whole("replicas", 1, kMostReplicasOfPoint);
    file_.common_noise = sweep.boolean("common_noise").value_or(true);
    file_.keep = static_cast<Keep>(sweep.choice("keep", kKeepNames).value_or(0));
    if (const auto keep = table.find("keep"); keep != table.end()) {
      file_.keep_place = keep->second.place;
    }
    read_design(table, sweep);
    if (!design_) return;
    check_design_keys(table);
    if (design_ == DesignKind::kTable && table.contains("file")) read_points(table.at("file"));
  }

  void read_design(const Table& table, const PlainTable& sweep) {
    const auto header = file_.root.table()->find("sweep");
    file_.design_place =
        header == file_.root.table()->end() ? file_.root.place : header->second.key;
    DesignSpec& spec = file_.design;
    const auto name = table.find("design");
    if (name == table.end()) {
      design_ = spec.kind;
    } else {
      file_.design_place = name->second.place;
      if (const auto kind = sweep.choice("design", kDesignNames)) {
        design_ = spec.kind = static_cast<DesignKind>(*kind);
      }
    }
    const auto most = static_cast<std::int64_t>(kMostPoints);
    spec.second_order = sweep.boolean("second_order").value_or(false);
    spec.points = static_cast<std::uint32_t>(sweep.whole("points", 1, most).value_or(1));
    spec.trajectories =
        static_cast<std::uint32_t>(sweep.whole("trajectories", 1, most).value_or(1));
    spec.levels =
        static_cast<std::uint32_t>(sweep.whole("levels", 2, kMostMorrisLevels).value_or(4));
    if (spec.levels % 2 != 0) {
      errors_.add(table.at("levels").place,
                  fmt::format("key 'sweep.levels' is {}; allowed is an even number, so that every "
                              "step stays on levels and all are as likely",
                              spec.levels));
      spec.levels = 4;
    }
  }

  void check_design_keys(const Table& sweep) {
    const std::string_view design = name_of(*design_);
    for (const DesignKey& key : design_keys()) {
      const bool is_used = std::ranges::find(key.users, *design_) != key.users.end();
      if (sweep.contains(key.name) && !is_used) {
        std::vector<std::string> users;
        for (const DesignKind user : key.users) users.emplace_back(name_of(user));
        errors_.add(sweep.at(key.name).key,
                    fmt::format("key 'sweep.{}' does nothing in design '{}'; it belongs to {}",
                                key.name, design, enumerate(users)));
      } else if (!sweep.contains(key.name) && is_used && !key.is_optional) {
        errors_.add(
            file_.design_place,
            fmt::format("key 'sweep.{}' is missing: design '{}' needs it", key.name, design));
      }
    }
  }

  void read_points(const Node& node) {
    if (node.text() == nullptr) {
      return errors_.wrong_type("sweep.file", node, "the path of a CSV file");
    }
    const fs::path path = fs::path(file_.folder) / *node.text();
    const std::string shown = shown_path(path.lexically_normal().string());
    if (!fs::is_regular_file(path)) {
      return errors_.add(node.place,
                         fmt::format("key 'sweep.file' names {}, but there is no file '{}'",
                                     node.as_toml(), shown));
    }
    try {
      file_.points = read_table_file(path.string(), shown, columns_of_labels());
    } catch (const ScenarioError& error) {
      errors_.add(error.diagnostics());
    }
  }

  /// Of factors that have a list of what may stand in the column.
  std::set<std::string> columns_of_labels() {
    std::set<std::string> ids;
    for (const auto& [id, node] : table_at("factor")) {
      const Table* factor = node.table();
      if (factor == nullptr) continue;
      if (factor->contains("values") || factor->contains("scenarios")) ids.insert(id);
    }
    return ids;
  }

  void read_factors() {
    const Table& table = table_at("factor");
    std::vector<std::pair<std::string, const Node*>> in_order;  // of the file, not of the alphabet
    for (const auto& [id, node] : table) in_order.emplace_back(id, &node);
    std::ranges::stable_sort(in_order, {}, [](const auto& entry) {
      return std::tuple(entry.second->key.line, entry.second->key.column);
    });
    for (const auto& [id, node] : in_order) {
      if (!is_bare_key(id)) {
        errors_.add(node->key, fmt::format("'{}' cannot be the id of a factor; ids are of letters, "
                                           "digits, '_' and '-'",
                                           id));
      } else if (node->table() == nullptr) {
        errors_.wrong_type(joined("factor", id), *node, "a table");
      } else if (auto factor =
                     read_factor(id, *node, {design_, file_.points.has_value()}, errors_)) {
        file_.factors.push_back(*std::move(factor));
      }
    }
    check_factors(table, file_, errors_);
  }

  ErrorList& errors_;
  std::optional<DesignKind> design_;  ///< none after an error
  SweepFile file_;
};

}  // namespace

SweepFile read_sweep_file(const std::string& path, const SweepOverrides& overrides,
                          ErrorList& errors) {
  return SweepFileReader(path, errors).read(overrides);
}

}  // namespace tollgate
