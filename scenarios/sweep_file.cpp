#include "scenarios/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "scenarios/library.hpp"
#include "scenarios/schema.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;

/// A key of [sweep] that only some designs use.
struct DesignKey {
  const char* name;
  std::vector<DesignKind> users;
};
const std::vector<DesignKey>& design_keys() {
  using enum DesignKind;
  static const std::vector<DesignKey> keys = {{"points", {kLatinHypercube, kSobol, kSaltelli}},
                                              {"second_order", {kSaltelli}},
                                              {"trajectories", {kMorris}},
                                              {"levels", {kMorris}},
                                              {"file", {kTable}}};
  return keys;
}

std::vector<std::string> design_names(const std::vector<DesignKind>& kinds) {
  std::vector<std::string> names;
  for (const DesignKind kind : kinds) {
    names.emplace_back(kDesignNames[static_cast<std::size_t>(kind)]);
  }
  return names;
}

template <class Names>
std::vector<std::string> as_strings(const Names& names) {
  return {names.begin(), names.end()};
}

class SweepFileReader {
 public:
  SweepFileReader(const std::string& path, std::vector<Diagnostic>& diagnostics)
      : diagnostics_(diagnostics) {
    file_.root = parse_file(path, shown_path(path));
    file_.name = fs::path(path).stem().string();
    file_.folder = fs::absolute(path).parent_path().string();
    file_.set.value = Table{};
  }

  SweepFile read(const SweepOverrides& overrides) && {
    read_top_level();
    for (const std::string& set : overrides.sets) overlay(file_.set, parse_override(set));
    read_settings();
    if (file_.points || file_.design.kind != DesignKind::kTable) read_factors();
    return std::move(file_);
  }

 private:
  void complain(const Place& place, std::string message) {
    diagnostics_.push_back({place, std::move(message)});
  }

  void wrong_type(const std::string& path, const Node& node, const std::string& allowed) {
    complain(node.place,
             fmt::format("key '{}' is {}; allowed is {}", path, node.described(), allowed));
  }

  void unknown_keys(const Table& table, const std::string& path,
                    const std::vector<std::string>& allowed) {
    for (const auto& [name, node] : table) {
      if (std::ranges::find(allowed, name) != allowed.end()) continue;
      const std::string hint = suggestion(name, allowed);
      complain(
          node.key,
          fmt::format("key '{}' is not known{}", joined(path, name),
                      hint.empty() ? fmt::format("; allowed is {}", enumerate(allowed)) : hint));
    }
  }

  /// The table at a key of the file; empty, after an error if there is something else.
  const Table& table_at(const char* key) {
    static const Table kEmpty;
    const Table& root = *file_.root.table();
    const auto found = root.find(key);
    if (found == root.end()) return kEmpty;
    if (const Table* table = found->second.table()) return *table;
    wrong_type(key, found->second, "a table");
    return kEmpty;
  }

  void read_top_level() {
    const Table& root = *file_.root.table();
    unknown_keys(root, "", {"format", "title", "description", "base", "sweep", "factor", "set"});
    const auto format = root.find("format");
    if (format == root.end()) {
      complain(file_.root.place, fmt::format("key 'format' is missing; this program reads "
                                             "format = {}",
                                             kSweepFormat));
    } else if (const auto* number = std::get_if<std::int64_t>(&format->second.value);
               number == nullptr || *number != kSweepFormat) {
      complain(format->second.place,
               fmt::format("key 'format' is {}; this program reads format = {}",
                           format->second.described(), kSweepFormat));
    }
    for (const char* key : {"title", "description", "base"}) {
      const auto found = root.find(key);
      if (found != root.end() && found->second.text() == nullptr) {
        wrong_type(key, found->second,
                   std::string_view(key) == "base" ? "the name or path of a scenario" : "a text");
      }
    }
    file_.title = text_or_empty(root, "title");
    const auto base = root.find("base");
    if (base != root.end() && base->second.text() != nullptr) file_.base = base->second;
    file_.set.value = table_at("set");
    mark_as_override(file_.set);
  }

  /// A whole number of [sweep] in a range; none if it is not there or wrong.
  std::optional<std::int64_t> whole(const Table& table, const std::string& path, const char* key,
                                    std::int64_t low, std::int64_t high) {
    const auto found = table.find(key);
    if (found == table.end()) return std::nullopt;
    const auto* number = std::get_if<std::int64_t>(&found->second.value);
    if (number != nullptr && *number >= low && *number <= high) return *number;
    wrong_type(joined(path, key), found->second,
               fmt::format("a whole number from {} to {}", low, high));
    return std::nullopt;
  }

  bool boolean(const Table& table, const char* key, bool otherwise) {
    const auto found = table.find(key);
    if (found == table.end()) return otherwise;
    if (const auto* value = std::get_if<bool>(&found->second.value)) return *value;
    wrong_type(joined("sweep", key), found->second, "true or false");
    return otherwise;
  }

  template <class Names>
  std::size_t choice(const Table& table, const std::string& path, const char* key,
                     const Names& names) {
    const auto found = table.find(key);
    if (found == table.end()) return 0;
    const std::vector<std::string> allowed = as_strings(names);
    const std::string text = found->second.text() != nullptr ? *found->second.text() : "";
    const auto place = std::ranges::find(allowed, text);
    if (place != allowed.end()) return static_cast<std::size_t>(place - allowed.begin());
    wrong_type(joined(path, key), found->second, enumerate(allowed) + suggestion(text, allowed));
    is_design_known_ = is_design_known_ && std::string_view(key) != "design";
    return 0;
  }

  void read_settings() {
    const Table& sweep = table_at("sweep");
    unknown_keys(sweep, "sweep",
                 {"seed", "replicas", "design", "points", "second_order", "trajectories", "levels",
                  "file", "common_noise", "keep"});
    const auto header = file_.root.table()->find("sweep");
    file_.design_place =
        header == file_.root.table()->end() ? file_.root.place : header->second.key;
    const auto design = sweep.find("design");
    if (design != sweep.end()) file_.design_place = design->second.place;

    file_.seed = whole(sweep, "sweep", "seed", 0, kMostSweepSeed);
    file_.replicas = whole(sweep, "sweep", "replicas", 1, kMostReplicasOfPoint);
    file_.common_noise = boolean(sweep, "common_noise", true);
    file_.keep = static_cast<Keep>(choice(sweep, "sweep", "keep", kKeepNames));
    DesignSpec& spec = file_.design;
    spec.kind = static_cast<DesignKind>(choice(sweep, "sweep", "design", kDesignNames));
    spec.second_order = boolean(sweep, "second_order", false);
    const auto most = static_cast<std::int64_t>(kMostPoints);
    spec.points = static_cast<std::uint32_t>(whole(sweep, "sweep", "points", 1, most).value_or(1));
    spec.trajectories =
        static_cast<std::uint32_t>(whole(sweep, "sweep", "trajectories", 1, most).value_or(1));
    spec.levels = static_cast<std::uint32_t>(
        whole(sweep, "sweep", "levels", 2, kMostMorrisLevels).value_or(4));
    if (spec.levels % 2 != 0) {
      complain(
          sweep.at("levels").place,
          fmt::format("key 'sweep.levels' is {}; allowed is an even number, so that every step "
                      "stays on levels and all are as likely",
                      spec.levels));
      spec.levels = 4;
    }
    if (!is_design_known_) return;
    check_design_keys(sweep);
    if (spec.kind == DesignKind::kTable && sweep.contains("file")) read_points(sweep.at("file"));
  }

  void check_design_keys(const Table& sweep) {
    const DesignKind kind = file_.design.kind;
    for (const DesignKey& key : design_keys()) {
      const bool is_used = std::ranges::find(key.users, kind) != key.users.end();
      const bool is_optional =
          std::string_view(key.name) == "second_order" || std::string_view(key.name) == "levels";
      const std::string name = design_names({kind})[0];
      if (sweep.contains(key.name) && !is_used) {
        complain(sweep.at(key.name).key,
                 fmt::format("key 'sweep.{}' does nothing in design '{}'; it belongs to {}",
                             key.name, name, enumerate(design_names(key.users))));
      } else if (!sweep.contains(key.name) && is_used && !is_optional) {
        complain(file_.design_place,
                 fmt::format("key 'sweep.{}' is missing: design '{}' needs it", key.name, name));
      }
    }
  }

  void read_points(const Node& node) {
    if (node.text() == nullptr) return wrong_type("sweep.file", node, "the path of a CSV file");
    const fs::path path = fs::path(file_.folder) / *node.text();
    if (!fs::is_regular_file(path)) {
      return complain(node.place,
                      fmt::format("key 'sweep.file' names {}, but there is no file '{}'",
                                  node.as_toml(), shown_path(path.lexically_normal().string())));
    }
    try {
      file_.points = read_table_file(path.string(), shown_path(path.lexically_normal().string()));
    } catch (const ScenarioError& error) {
      diagnostics_.insert(diagnostics_.end(), error.diagnostics().begin(),
                          error.diagnostics().end());
    }
  }

  void read_factors() {
    const Table& table = table_at("factor");
    std::vector<std::pair<std::string, const Node*>> in_order;  // of the file, not of the alphabet
    for (const auto& [id, node] : table) in_order.emplace_back(id, &node);
    std::ranges::stable_sort(in_order, {}, [](const auto& entry) {
      return std::tuple(entry.second->key.line, entry.second->key.column);
    });
    for (const auto& [id, node] : in_order) {
      const std::string path = joined("factor", id);
      if (!is_bare_key(id)) {
        complain(node->key, fmt::format("'{}' cannot be the id of a factor; ids are of letters, "
                                        "digits, '_' and '-'",
                                        id));
      } else if (node->table() == nullptr) {
        wrong_type(path, *node, "a table");
      } else {
        read_factor(id, *node, path);
      }
    }
    if (table.empty()) {
      complain(file_.root.place, "the sweep has no factors; it needs at least one [factor.<id>]");
    }
    check_keys();
    if (file_.points) check_columns(table);
  }

  void read_factor(const std::string& id, const Node& node, const std::string& path) {
    const Table& table = *node.table();
    const std::size_t errors_before = diagnostics_.size();
    FactorText factor;
    factor.id = id;
    factor.place = node.key;
    factor.source = text_or_empty(table, "source");
    check_factor_keys(table, path);
    for (const std::string_view circumstance : kCircumstances) {
      const auto found = table.find(std::string(circumstance));
      if (found != table.end() && found->second.text() == nullptr) {
        wrong_type(joined(path, found->first), found->second, "a text");
      }
    }
    if (!read_key(table, node, path, factor)) return;
    if (!read_form(table, node, path, factor)) return;
    read_steps(table, node, path, factor);
    if (diagnostics_.size() == errors_before) file_.factors.push_back(std::move(factor));
  }

  static bool is_own(const Table& table) { return text_or_empty(table, "distribution") == "own"; }

  // The parameters of a distribution are left to the reader of scenarios, which knows them.
  void check_factor_keys(const Table& table, const std::string& path) {
    if (table.contains("distribution") && !is_own(table)) return;
    std::vector<std::string> allowed = {"key",   "values", "low",          "high",
                                        "steps", "scale",  "distribution", "scenarios"};
    allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
    unknown_keys(table, path, allowed);
  }

  bool read_key(const Table& table, const Node& node, const std::string& path, FactorText& factor) {
    const auto key = table.find("key");
    if (table.contains("scenarios")) {
      if (key == table.end()) return true;
      complain(key->second.key, fmt::format("key '{}.key' does nothing beside 'scenarios'", path));
      return false;
    }
    if (key == table.end()) {
      complain(node.key, fmt::format("key '{}.key' is missing: a factor needs the key that it "
                                     "varies, or 'scenarios'",
                                     path));
      return false;
    }
    if (key->second.text() == nullptr || key->second.text()->empty()) {
      wrong_type(joined(path, "key"), key->second, "a dotted path such as \"policy.levy.rate\"");
      return false;
    }
    factor.key = *key->second.text();
    factor.key_place = key->second.place;
    return true;
  }

  bool read_form(const Table& table, const Node& node, const std::string& path,
                 FactorText& factor) {
    const bool has_range = (!table.contains("distribution") || is_own(table)) &&
                           (table.contains("low") || table.contains("high"));
    std::vector<FactorForm> forms;
    if (table.contains("scenarios")) forms.push_back(FactorForm::kScenarios);
    if (is_own(table)) {
      forms.push_back(FactorForm::kOwn);
    } else if (table.contains("distribution")) {
      forms.push_back(FactorForm::kDistribution);
    } else if (table.contains("values")) {
      forms.push_back(FactorForm::kValues);
    }
    if (has_range) forms.push_back(FactorForm::kRange);
    if (forms.empty() && file_.points) forms.push_back(FactorForm::kColumn);
    if (forms.size() != 1) {
      complain(node.key, fmt::format("factor '{}' needs either 'values', or 'low' and 'high', or "
                                     "'distribution', or 'scenarios'",
                                     factor.id));
      return false;
    }
    factor.form = forms[0];
    switch (factor.form) {
      case FactorForm::kScenarios:
        return read_levels(table.at("scenarios"), joined(path, "scenarios"), true, factor);
      case FactorForm::kValues:
        return read_levels(table.at("values"), joined(path, "values"), false, factor);
      case FactorForm::kRange:
        return read_range(table, node, path, factor);
      case FactorForm::kDistribution:
        return read_distribution(table, node, path, factor);
      case FactorForm::kOwn:
      case FactorForm::kColumn:
        break;
    }
    return true;
  }

  bool read_levels(const Node& node, const std::string& path, bool are_scenarios,
                   FactorText& factor) {
    if (node.array() == nullptr || node.array()->empty()) {
      wrong_type(path, node,
                 are_scenarios ? "an array of names or paths of scenarios" : "an array of values");
      return false;
    }
    std::set<std::string> seen;
    bool is_sound = true;
    for (const Node& level : *node.array()) {
      if (are_scenarios && level.text() == nullptr) {
        wrong_type(path, level, "the name or path of a scenario");
        is_sound = false;
      } else if (!seen.insert(level.as_toml()).second) {
        complain(level.place, fmt::format("key '{}' has {} twice", path, level.as_toml()));
        is_sound = false;
      }
      factor.levels.push_back(level);
    }
    return is_sound;
  }

  bool read_range(const Table& table, const Node& node, const std::string& path,
                  FactorText& factor) {
    bool is_sound = true;
    for (const char* key : {"low", "high"}) {
      if (table.contains(key)) continue;
      complain(node.key,
               fmt::format("key '{}.{}' is missing: a range needs 'low' and 'high'", path, key));
      is_sound = false;
    }
    static constexpr std::array<std::string_view, 2> kScales = {"linear", "log"};
    factor.is_log = choice(table, path, "scale", kScales) == 1;
    if (!is_sound) return false;
    factor.low = table.at("low");
    factor.high = table.at("high");
    if (factor.is_log) {
      const auto is_above_zero = [](const Node& end) {
        const auto* real = std::get_if<double>(&end.value);
        const auto* whole = std::get_if<std::int64_t>(&end.value);
        return (real != nullptr && *real > 0) || (whole != nullptr && *whole > 0);
      };
      for (const Node* end : {&factor.low, &factor.high}) {
        if (is_above_zero(*end)) continue;
        complain(end->place, fmt::format("factor '{}' has a logarithmic scale, but an end at {}; "
                                         "allowed is a number above 0",
                                         factor.id, end->as_toml()));
        is_sound = false;
      }
    }
    factor.distribution = node;
    factor.distribution.value =
        Table{{"distribution", {std::string("uniform"), node.key, node.key}},
              {"low", factor.low},
              {"high", factor.high}};
    return is_sound;
  }

  bool read_distribution(const Table& table, const Node& node, const std::string& path,
                         FactorText& factor) {
    if (text_or_empty(table, "distribution") == "posterior") {
      complain(table.at("distribution").place,
               fmt::format("key '{}.distribution' is \"posterior\": its rows are drawn jointly, "
                           "while factors vary on their own; allowed is another distribution, such "
                           "as 'sample' of the same column",
                           path));
      return false;
    }
    factor.distribution = node;
    Table given = table;
    given.erase("key");
    given.erase("steps");
    factor.distribution.value = std::move(given);
    return true;
  }

  void read_steps(const Table& table, const Node& node, const std::string& path,
                  FactorText& factor) {
    const DesignKind kind = file_.design.kind;
    const bool is_continuous = factor.form != FactorForm::kScenarios &&
                               factor.form != FactorForm::kValues &&
                               factor.form != FactorForm::kColumn;
    if (table.contains("scale") && factor.form != FactorForm::kRange &&
        factor.form != FactorForm::kDistribution) {
      complain(table.at("scale").key,
               fmt::format("key '{}.scale' belongs to 'low' and 'high'", path));
    }
    if (kind == DesignKind::kTable && is_continuous) {
      complain(node.key, fmt::format("factor '{}' takes its values from the table of points; it "
                                     "needs its 'key' only",
                                     factor.id));
    }
    if (!table.contains("steps")) {
      if (kind == DesignKind::kGrid && is_continuous && is_design_known_) {
        complain(node.key, fmt::format("key '{}.steps' is missing: design 'grid' needs the number "
                                       "of values between 'low' and 'high' or, of a distribution, "
                                       "of strata",
                                       path));
      }
      return;
    }
    if (!is_continuous || (!has_levels(kind) && is_design_known_)) {
      complain(
          table.at("steps").key,
          is_continuous
              ? fmt::format("key '{}.steps' does nothing in design '{}'; it belongs to 'grid' "
                            "or 'one_at_a_time'",
                            path, design_names({kind})[0])
              : fmt::format("key '{}.steps' belongs to 'low' and 'high' or a distribution", path));
      return;
    }
    const auto steps = whole(table, path, "steps", 2, static_cast<std::int64_t>(kMostPoints));
    if (steps) factor.steps = static_cast<std::uint64_t>(*steps);
  }

  // A key is varied by one factor, and not set besides.
  void check_keys() {
    std::map<std::string, std::string> owners;
    std::string of_scenarios;
    std::erase_if(file_.factors, [&](const FactorText& factor) {
      if (factor.form == FactorForm::kScenarios) {
        if (of_scenarios.empty()) {
          of_scenarios = factor.id;
          return false;
        }
        complain(factor.place, fmt::format("factor '{}' has 'scenarios', but '{}' has them, too; "
                                           "one factor may",
                                           factor.id, of_scenarios));
        return true;
      }
      if (const Node* set = find_node(file_.set, factor.key)) {
        complain(set->place, fmt::format("key '{}' is set here, but factor '{}' varies it",
                                         factor.key, factor.id));
      }
      const auto [known, is_new] = owners.emplace(factor.key, factor.id);
      if (!is_new) {
        complain(factor.key_place, fmt::format("factor '{}' varies key '{}', but so does '{}'",
                                               factor.id, factor.key, known->second));
      }
      return !is_new;
    });
    const bool has_scenarios = std::ranges::any_of(table_at("factor"), [](const auto& entry) {
      return entry.second.table() != nullptr && entry.second.table()->contains("scenarios");
    });
    if (!has_scenarios && !file_.root.table()->contains("base")) {
      complain(file_.root.place,
               "key 'base' is missing: a sweep needs a scenario, or a factor with 'scenarios'");
    }
  }

  void check_columns(const Table& factors) {
    const TableFile& points = *file_.points;
    std::vector<std::string> ids;
    for (const auto& [id, node] : factors) ids.push_back(id);
    for (const std::string& name : points.names) {
      if (std::ranges::find(ids, name) != ids.end()) continue;
      complain({points.shown, 1, 1}, fmt::format("column '{}' is no factor; factors are {}{}", name,
                                                 enumerate(ids, "and"), suggestion(name, ids)));
    }
    const auto has_no_column = [&](const FactorText& factor) {
      if (points.find(factor.id)) return false;
      complain(factor.place, fmt::format("factor '{}' has no column in '{}'; its columns are {}{}",
                                         factor.id, points.shown, enumerate(points.names, "and"),
                                         suggestion(factor.id, points.names)));
      return true;
    };
    std::erase_if(file_.factors, has_no_column);
    for (FactorText& factor : file_.factors) {
      if (factor.form != FactorForm::kColumn) continue;
      const std::size_t column = points.find(factor.id).value();
      std::set<std::string> seen;
      for (const TableFile::Row& row : points.rows) {
        if (!seen.insert(row.cells[column]).second) continue;
        factor.levels.push_back(cell_as_node(row.cells[column], points.place_of(row, column)));
      }
    }
  }

  std::vector<Diagnostic>& diagnostics_;
  bool is_design_known_ = true;
  SweepFile file_;
};

}  // namespace

Node cell_as_node(const std::string& text, const Place& place) {
  Node node;
  node.key = node.place = place;
  node.value = text;
  double x = 0;
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto is_read = [&](const std::from_chars_result& result) {
    return result.ec == std::errc{} && result.ptr == end;
  };
  if (is_read(std::from_chars(text.data(), end, whole))) {
    node.value = whole;
  } else if (is_read(std::from_chars(text.data(), end, x)) && std::isfinite(x)) {
    node.value = x;
  } else if (const auto date = parse_iso_date(text)) {
    node.value = *date;
  }
  return node;
}

SweepFile read_sweep_file(const std::string& path, const SweepOverrides& overrides,
                          std::vector<Diagnostic>& diagnostics) {
  return SweepFileReader(path, diagnostics).read(overrides);
}

}  // namespace tollgate
