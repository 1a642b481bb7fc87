// From the words of a sweep file to a sweep: what its factors vary, and every variant loaded.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "engine/kernel/stream.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/reader.hpp"
#include "scenarios/sweep_file.hpp"
#include "scenarios/sweep_levels.hpp"

namespace tollgate {

class SweepReader {
 public:
  SweepReader(const std::string& path, const SweepOverrides& overrides)
      : overrides_(overrides), file_(read_sweep_file(path, overrides, diagnostics_)) {}

  Sweep read() && {
    // As far as it goes, so that all mistakes are told at once.
    if (!read_trees() || file_.factors.empty()) stop_on_errors();
    if (classify()) {
      settle();
      load_variants();
    }
    stop_on_errors();
    check_time_axes();
    check_whole_values();
    make_levels();
    stop_on_errors();
    plan_points();
    stop_on_errors();
    read_table();
    stop_on_errors();
    load_plain_variants();
    stop_on_errors();
    join_variants();
    check_ids();
    stop_on_errors();
    sweep_.resolved = resolved();
    return std::move(sweep_);
  }

 private:
  /// What is known of a factor besides its words.
  struct Known {
    std::optional<KeySpec> key;
    bool is_structural = false;
  };

  void stop_on_errors() {
    if (!diagnostics_.empty()) throw ScenarioError(std::move(diagnostics_));
  }
  void complain(const Place& place, std::string message) {
    diagnostics_.push_back({place, std::move(message)});
  }

  // Each scenario once, with what is set for all points. ----------------------------------------

  bool read_trees() {
    const std::size_t errors_before = diagnostics_.size();
    for (std::size_t f = 0; f < file_.factors.size(); ++f) {
      if (file_.factors[f].form == FactorForm::kScenarios) of_scenarios_ = f;
    }
    if (of_scenarios_) {
      for (const Node& level : file_.factors[*of_scenarios_].levels) read_tree(level);
    } else if (file_.base) {
      read_tree(*file_.base);
    }
    if (of_scenarios_ && file_.base) {
      // Only for its seed and replicas, and for the kinds of keys.
      std::vector<ResolvedTree> scenarios = std::exchange(trees_, {});
      read_tree(*file_.base);
      if (!trees_.empty()) base_ = std::move(trees_.front());
      trees_ = std::move(scenarios);
    } else if (!trees_.empty()) {
      base_ = trees_.front();
    }
    return !trees_.empty() && diagnostics_.size() == errors_before;
  }

  void read_tree(const Node& reference) {
    try {
      ResolvedTree tree = resolve_tree(*reference.text(), file_.folder, reference.place, {});
      overlay(tree.root, file_.set);
      trees_.push_back(std::move(tree));
    } catch (const ScenarioError& error) {
      diagnostics_.insert(diagnostics_.end(), error.diagnostics().begin(),
                          error.diagnostics().end());
    }
  }

  // What kind of key each factor varies: the reader of scenarios is shown a value there. ---------

  /// Whether all factors that could be read are known by now.
  bool classify() {
    const std::size_t errors_before = diagnostics_.size();
    for (const FactorText& factor : file_.factors) {
      if (factor.form == FactorForm::kScenarios) continue;
      for (const ResolvedTree& tree : trees_) check_entity(factor, tree);
      if (base_is_apart()) check_entity(factor, base_);
    }
    if (diagnostics_.size() > errors_before) return false;
    ResolvedTree tree = base_;
    Reader reader;
    std::vector<std::string> keys;
    for (const FactorText& factor : file_.factors) {
      if (factor.form == FactorForm::kScenarios) continue;
      keys.push_back(factor.key);
      if (factor.form != FactorForm::kOwn) lay(tree.root, factor, first_value(factor));
    }
    reader.watch(keys);
    std::vector<Diagnostic> found;
    Scenario scenario;
    try {
      scenario = reader.read(tree);
      sweep_.seed = scenario.world.seed;
      sweep_.replicas = scenario.world.replicas;
    } catch (const ScenarioError& error) {
      found = error.diagnostics();
    }
    bool are_all_known = true;
    for (const FactorText& factor : file_.factors) {
      Known known;
      if (factor.form == FactorForm::kScenarios) {
        known.is_structural = true;
      } else if (const KeySpec* key = reader.watched(factor.key)) {
        known.key = *key;
        classify(factor, known);
      } else {
        are_all_known = false;
        if (found.empty()) {
          complain(factor.key_place,
                   factor.form == FactorForm::kOwn
                       ? no_distribution(factor)
                       : fmt::format("key '{}' is a table or a circumstance; a factor varies one "
                                     "value",
                                     factor.key));
        }
      }
      known_.push_back(std::move(known));
    }
    // What is wrong with values is said of all of them, when the variants are loaded.
    if (!are_all_known || base_is_apart()) {
      diagnostics_.insert(diagnostics_.end(), found.begin(), found.end());
    }
    return are_all_known && diagnostics_.size() == errors_before;
  }

  static std::string no_distribution(const FactorText& factor) {
    return fmt::format(
        "key '{}' has no distribution of its own in the scenario; give one, or 'low' "
        "and 'high', or 'values'",
        factor.key);
  }

  [[nodiscard]] bool base_is_apart() const { return of_scenarios_ && file_.base; }

  static Node first_value(const FactorText& factor) {
    switch (factor.form) {
      case FactorForm::kRange:
        return factor.low;
      case FactorForm::kDistribution:
        return factor.distribution;
      default:
        return factor.levels.front();
    }
  }

  /// Lays a value on a tree, as --set would.
  static void lay(Node& root, const FactorText& factor, Node value) {
    Node over = nested(factor.key, factor.key_place, std::move(value));
    mark_as_override(over);
    overlay(root, std::move(over));
  }

  /// A misspelt entity, or one that a scenario has not got, would be taken for a new one.
  void check_entity(const FactorText& factor, const ResolvedTree& tree) {
    const auto dot = factor.key.find('.');
    const std::string kind = factor.key.substr(0, dot);
    const auto is_kind = [&](const EntityTable& table) { return table.keys.name == kind; };
    if (dot == std::string::npos || !std::ranges::any_of(entity_tables(), is_kind)) return;
    const std::string id = factor.key.substr(dot + 1, factor.key.find('.', dot + 1) - dot - 1);
    const Node* entities = find_node(tree.root, kind);
    std::vector<std::string> ids;
    if (entities != nullptr && entities->table() != nullptr) {
      for (const auto& [name, node] : *entities->table()) ids.push_back(name);
    }
    if (std::ranges::find(ids, id) != ids.end()) return;
    complain(factor.key_place, fmt::format("key '{}' is of no {} of scenario '{}'{}", factor.key,
                                           kind, tree.name, suggestion(id, ids)));
  }

  void classify(const FactorText& factor, Known& known) {
    const KeySpec& key = *known.key;
    const bool is_number =
        key.type == KeyType::kNumber || key.type == KeyType::kInteger || key.type == KeyType::kDate;
    known.is_structural = !is_number || !key.may_be_uncertain;
    if (factor.key == "run.seed" || factor.key == "run.replicas") {
      complain(factor.key_place,
               fmt::format("key '{}' is the same at every point; '{}' in [sweep] sets it",
                           factor.key, factor.key.substr(4)));
    } else if (factor.key == "run.start" || factor.key == "run.until") {
      complain(factor.key_place,
               fmt::format("key '{}' is the same at every point, as they share the axis of time; "
                           "'{}' in [set] sets it",
                           factor.key, factor.key));
    } else if (factor.key == "run.sampling") {
      complain(
          factor.key_place,
          "key 'run.sampling' is the same at every point; it is of the replicas of a point and "
          "can be set in [set], while 'design' in [sweep] is of the points");
    } else if (known.is_structural && factor.form != FactorForm::kValues) {
      complain(factor.key_place,
               is_number
                   ? fmt::format("key '{}' is of the shape of a world, which is loaded for each "
                                 "value; allowed is 'values', a list",
                                 factor.key)
                   : fmt::format("key '{}' is no number; allowed is 'values', a list", factor.key));
    } else if (!known.is_structural && factor.form == FactorForm::kValues && file_.points) {
      complain(factor.place, fmt::format("factor '{}' takes its values from the table of points; "
                                         "it needs its 'key' only",
                                         factor.id));
    }
  }

  // Settings, and factors as far as they are known. ----------------------------------------------

  void settle() {
    sweep_.name = file_.name;
    sweep_.title = file_.title;
    if (file_.seed) sweep_.seed = static_cast<std::uint64_t>(*file_.seed);
    if (overrides_.seed) sweep_.seed = *overrides_.seed;
    if (file_.replicas) sweep_.replicas = static_cast<std::uint32_t>(*file_.replicas);
    if (overrides_.replicas) sweep_.replicas = *overrides_.replicas;
    sweep_.design = file_.design;
    sweep_.design.seed = mix(sweep_.seed, hash_name("design"));
    sweep_.common_noise = file_.common_noise;
    sweep_.keep = file_.keep;
    std::uint64_t variants = 1;
    for (std::size_t f = 0; f < file_.factors.size(); ++f) {
      const FactorText& text = file_.factors[f];
      SweepFactor factor;
      factor.id = text.id;
      factor.key = text.key;
      factor.source = text.source;
      if (known_[f].key) {
        factor.unit = known_[f].key->unit;
        factor.sentence = known_[f].key->sentence;
      } else {
        factor.sentence = "Scenario.";
      }
      if (known_[f].is_structural) {
        for (const Node& level : text.levels) {
          factor.labels.push_back(level.text() != nullptr ? *level.text() : level.as_toml());
        }
        variants = std::min<std::uint64_t>(variants * text.levels.size(), kMostVariants + 1);
      }
      sweep_.factors.push_back(std::move(factor));
    }
    if (variants > kMostVariants) {
      fail(file_.root.place, fmt::format("scenarios, switches and other levels that are no numbers "
                                         "have more than {} combinations, each of which is loaded",
                                         kMostVariants));
    }
    variants_ = variants;
  }

  // Variants. ------------------------------------------------------------------------------------

  /// The level of a structural factor in a variant.
  [[nodiscard]] std::size_t level_of(std::size_t variant, std::size_t factor) const {
    for (std::size_t f = sweep_.factors.size(); f-- > factor + 1;) {
      if (sweep_.factors[f].is_structural()) variant /= sweep_.factors[f].labels.size();
    }
    return variant % sweep_.factors[factor].labels.size();
  }

  /// A variant's tree but for its number factors.
  [[nodiscard]] ResolvedTree tree_of(std::size_t variant) const {
    ResolvedTree tree = trees_[of_scenarios_ ? level_of(variant, *of_scenarios_) : 0];
    for (std::size_t f = 0; f < file_.factors.size(); ++f) {
      if (!known_[f].is_structural || f == of_scenarios_) continue;
      lay(tree.root, file_.factors[f], file_.factors[f].levels[level_of(variant, f)]);
    }
    Node run{Table{{"seed", whole(sweep_.seed)}, {"replicas", whole(sweep_.replicas)}}, {}, {}};
    Node over{Table{{"run", std::move(run)}}, {}, {}};
    overlay(tree.root, std::move(over));
    return tree;
  }

  static Node whole(std::uint64_t x) { return {static_cast<std::int64_t>(x), {}, {}}; }

  // With distributions at the keys of number factors, all values are checked, and how to write them
  // becomes known.
  void load_variants() {
    for (std::size_t v = 0; v < variants_; ++v) {
      ResolvedTree tree = tree_of(v);
      for (std::size_t f = 0; f < file_.factors.size(); ++f) {
        if (!known_[f].is_structural && file_.factors[f].form != FactorForm::kOwn) {
          lay(tree.root, file_.factors[f], as_distribution(f));
        }
      }
      const std::vector<Diagnostic> own = errors_in(tree_of(v));
      std::optional<Scenario> scenario = loaded(tree, v, "with factors at their centres", own);
      if (!scenario) continue;
      take_setters(*scenario, v);
      times_.push_back({scenario->world.start, scenario->world.until});
    }
    report();
  }

  [[nodiscard]] Node as_distribution(std::size_t f) const {
    const FactorText& text = file_.factors[f];
    if (text.form == FactorForm::kRange || text.form == FactorForm::kDistribution) {
      return text.distribution;
    }
    Node node{Table{}, text.place, text.levels.front().place};
    node.table()->emplace("distribution", Node{std::string("sample"), text.place, text.place});
    node.table()->emplace("values", Node{text.levels, text.place, text.place});
    return node;
  }

  void take_setters(const Scenario& scenario, std::size_t variant) {
    std::vector<std::function<void(WorldSpec&, double)>> store;
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      SweepFactor& factor = sweep_.factors[f];
      const auto found =
          std::ranges::find(scenario.uncertain, factor.key, &UncertainParameter::key);
      if (known_[f].is_structural) {
        store.emplace_back();
        continue;
      }
      if (found == scenario.uncertain.end()) {
        note({file_.factors[f].key_place, no_distribution(file_.factors[f])}, variant);
        continue;
      }
      if (name_of(found->distribution) == "posterior") {
        note({file_.factors[f].key_place,
              fmt::format("key '{}' is drawn from a posterior file, whose columns belong together; "
                          "give 'low' and 'high', 'values' or another distribution",
                          factor.key)},
             variant);
      }
      store.push_back(found->store);
      factor.unit = found->unit;
      factor.kind = found->kind;
      factor.low = found->low;
      factor.high = found->high;
      factor.distribution = found->distribution;
      if (factor.source.empty()) factor.source = found->source;
    }
    store_.push_back(std::move(store));
  }

  /// The scenario, or nothing after errors, which are kept with the variant. Those that are not
  /// among `own` and stand elsewhere than in the sweep get the context in words.
  std::optional<Scenario> loaded(const ResolvedTree& tree, std::size_t variant,
                                 const std::string& context, const std::vector<Diagnostic>& own) {
    try {
      return Reader{}.read(tree);
    } catch (const ScenarioError& error) {
      for (Diagnostic diagnostic : error.diagnostics()) {
        const auto is_this = [&](const Diagnostic& d) { return is_same(d, diagnostic); };
        const bool is_here = diagnostic.place.file == file_.root.place.file ||
                             (file_.points && diagnostic.place.file == file_.points->shown);
        if (!is_here && !std::ranges::any_of(own, is_this)) {
          diagnostic.message += fmt::format(" ({})", context);
        }
        note(std::move(diagnostic), variant);
      }
      return std::nullopt;
    }
  }

  static std::vector<Diagnostic> errors_in(const ResolvedTree& tree) {
    try {
      (void)Reader{}.read(tree);
      return {};
    } catch (const ScenarioError& error) {
      return error.diagnostics();
    }
  }

  static bool is_same(const Diagnostic& a, const Diagnostic& b) {
    return a.message == b.message && a.place.file == b.place.file && a.place.line == b.place.line &&
           a.place.column == b.place.column;
  }

  void note(Diagnostic diagnostic, std::size_t variant) {
    // Lists of values are shown to the reader of scenarios as distributions.
    for (const FactorText& factor : file_.factors) {
      const std::string shown = fmt::format("key '{}.values'", factor.key);
      const auto found = diagnostic.message.find(shown);
      if (found == std::string::npos || factor.form == FactorForm::kDistribution) continue;
      diagnostic.message.replace(found, shown.size(), fmt::format("key '{}'", factor.key));
    }
    const auto known = std::ranges::find_if(
        findings_, [&](const Finding& finding) { return is_same(finding.diagnostic, diagnostic); });
    if (known == findings_.end()) {
      findings_.push_back({std::move(diagnostic), {variant}});
    } else if (known->variants.back() != variant) {
      known->variants.push_back(variant);
    }
  }

  // An error of some variants says of which.
  void report() {
    for (Finding& finding : findings_) {
      if (finding.variants.size() < variants_) {
        finding.diagnostic.message += fmt::format(" (with {}", described(finding.variants[0]));
        if (finding.variants.size() > 1) {
          finding.diagnostic.message +=
              fmt::format(" and {} other combinations", finding.variants.size() - 1);
        }
        finding.diagnostic.message += ")";
      }
      diagnostics_.push_back(std::move(finding.diagnostic));
    }
    findings_.clear();
  }

  [[nodiscard]] std::string described(std::size_t variant) const {
    std::string text;
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      const SweepFactor& factor = sweep_.factors[f];
      if (!factor.is_structural()) continue;
      text += fmt::format("{}{} = '{}'", text.empty() ? "" : ", ", factor.id,
                          factor.labels[level_of(variant, f)]);
    }
    return text;
  }

  void check_time_axes() {
    for (std::size_t v = 1; v < times_.size(); ++v) {
      if (times_[v] == times_[0] || !of_scenarios_) continue;
      const Node& level = file_.factors[*of_scenarios_].levels[level_of(v, *of_scenarios_)];
      complain(level.place,
               fmt::format("scenario {} runs from {} to {}, others from {} to {}; points share the "
                           "axis of time: set 'run.start' and 'run.until' in [set]",
                           level.as_toml(), iso_date(times_[v].first), iso_date(times_[v].second),
                           iso_date(times_[0].first), iso_date(times_[0].second)));
      return;
    }
  }

  // Values. --------------------------------------------------------------------------------------

  void check_whole_values() {
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].kind != ParameterKind::kWhole) continue;
      for (const Node& level : file_.factors[f].levels) {
        if (std::holds_alternative<std::int64_t>(level.value)) continue;
        complain(level.place, fmt::format("key '{}' is {}; allowed is a whole number",
                                          file_.factors[f].key, level.as_toml()));
      }
    }
  }

  void make_levels() {
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].is_structural()) continue;
      const std::string fault = take_values(file_.factors[f], sweep_.design, sweep_.factors[f]);
      if (!fault.empty()) complain(file_.factors[f].place, fault);
    }
  }

  void plan_points() {
    if (sweep_.design.kind == DesignKind::kTable) {
      sweep_.points_ = file_.points->rows.size();
    } else {
      std::vector<DesignFactor> factors;
      for (const SweepFactor& factor : sweep_.factors) {
        factors.push_back({factor.id, std::max(factor.labels.size(), factor.levels.size())});
      }
      sweep_.points_ = points_of(sweep_.design, factors);
      const std::size_t most = Design::most_factors(sweep_.design.kind);
      if (factors.size() > most) {
        return complain(file_.design_place, fmt::format("{} factors; this design covers up to {}",
                                                        factors.size(), most));
      }
      if (sweep_.points_ <= kMostPoints) sweep_.plan_.emplace(sweep_.design, std::move(factors));
    }
    if (sweep_.points_ > kMostPoints) {
      complain(file_.design_place, fmt::format("the design has {} points; allowed are up to {}",
                                               sweep_.points_, kMostPoints));
    }
  }

  void read_table() {
    if (!file_.points) return;
    const TableFile& points = *file_.points;
    for (const TableFile::Row& row : points.rows) {
      for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
        const SweepFactor& factor = sweep_.factors[f];
        const std::size_t column = points.find(factor.id).value();
        const std::string& cell = row.cells[column];
        if (!factor.is_structural()) {
          sweep_.table_.push_back(
              factor.fitted(number_of(cell_as_node(cell, points.place_of(row, column)))));
          continue;
        }
        const auto label = std::ranges::find(factor.labels, cell);
        if (label == factor.labels.end()) {
          complain(points.place_of(row, column),
                   fmt::format("column '{}' has '{}'; allowed is {}{}", factor.id, cell,
                               enumerate(factor.labels), suggestion(cell, factor.labels)));
        }
        sweep_.table_.push_back(static_cast<double>(label - factor.labels.begin()));
      }
    }
  }

  // With plain numbers at the keys of number factors, as a run has them; at the ends, too, so that
  // what contradicts itself there is found now.
  void load_plain_variants() {
    for (std::size_t v = 0; v < variants_; ++v) {
      const ResolvedTree tree = tree_of(v);
      std::optional<Scenario> scenario =
          loaded(with_numbers(tree, std::nullopt, {}), v, "with factors at their centres", {});
      if (!scenario) continue;
      for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
        if (sweep_.factors[f].is_structural()) continue;
        const SweepFactor& factor = sweep_.factors[f];
        for (const FactorValue& end : ends_of(factor, file_.factors[f])) {
          (void)loaded(with_numbers(tree, f, end), v,
                       fmt::format("at {} = {}", factor.id, factor.shown(end.value)), {});
        }
      }
      WorldLayout layout(scenario->world);
      sweep_.variants.push_back({*std::move(scenario), std::move(layout), store_[v], {}});
    }
    report();
  }

  [[nodiscard]] ResolvedTree with_numbers(const ResolvedTree& tree, std::optional<std::size_t> at,
                                          const FactorValue& end) const {
    ResolvedTree result = tree;
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].is_structural()) continue;
      const FactorValue own =
          f == at ? end : centre_of(sweep_.factors[f], file_.factors[f], sweep_.design);
      UncertainParameter parameter;
      parameter.kind = sweep_.factors[f].kind;
      Node node = as_node(parameter, own.value);
      node.place = own.place;
      lay(result.root, file_.factors[f], std::move(node));
    }
    return result;
  }

  // Of all variants together. --------------------------------------------------------------------

  void join_variants() {
    std::vector<const RecordLayout*> layouts;
    std::map<std::string, std::size_t> places;
    for (SweepVariant& variant : sweep_.variants) {
      layouts.push_back(&variant.layout.record());
      for (const UncertainParameter& parameter : variant.scenario.uncertain) {
        const auto [known, is_new] = places.emplace(parameter.key, places.size());
        if (is_new) sweep_.uncertain.push_back(parameter);
        variant.draws.push_back(known->second);
      }
    }
    sweep_.union_.emplace(layouts);
  }

  // Coordinates are variables beside those of the results.
  void check_ids() {
    std::vector<std::string> taken = {"point",          "replica",          "time",
                                      "quarter",        "variant",          "item",
                                      "draw",           "parameter",        "events",
                                      "seed",           "replica_status",   "failure_message",
                                      "parameter_unit", "parameter_source", "longest_queue",
                                      "scenario_toml",  "sweep_toml"};
    for (const Axis& axis : sweep_.layout().axes()) taken.push_back(axis.name);
    for (const Series& series : sweep_.layout().series()) taken.push_back(series.name);
    for (const FactorText& factor : file_.factors) {
      if (std::ranges::find(taken, factor.id) == taken.end()) continue;
      complain(factor.place,
               fmt::format("factor '{}' has the name of something else in the output; "
                           "choose another",
                           factor.id));
    }
  }

  [[nodiscard]] std::string resolved() const {
    Node root = file_.root;
    const DesignSpec& design = sweep_.design;
    const auto name = [](std::string_view text) { return Node{std::string(text), {}, {}}; };
    Table settings{{"seed", whole(sweep_.seed)},
                   {"replicas", whole(sweep_.replicas)},
                   {"design", name(kDesignNames[static_cast<std::size_t>(design.kind)])},
                   {"common_noise", {sweep_.common_noise, {}, {}}},
                   {"keep", name(kKeepNames[static_cast<std::size_t>(sweep_.keep)])}};
    for (auto& [key, node] : settings) {
      Table over{{"sweep", Node{Table{{key, node}}, {}, {}}}};
      overlay(root, Node{std::move(over), {}, {}});
    }
    if (!file_.set.table()->empty()) (*root.table())["set"] = file_.set;
    std::string text = as_text(root, false);
    if (file_.points) {
      std::uint64_t hash = 0;
      for (const double x : sweep_.table_) hash = mix(hash, hash_name(fmt::format("{}", x)));
      text += fmt::format("\n# {} points, hash {:016x}\n", sweep_.points_, hash);
    }
    for (const ResolvedTree& tree : trees_) {
      text += fmt::format("\n# Scenario '{}' with what is set for all points\n\n{}", tree.name,
                          as_text(tree.root, false));
    }
    return text;
  }

  struct Finding {
    Diagnostic diagnostic;
    std::vector<std::size_t> variants;
  };

  const SweepOverrides& overrides_;
  std::vector<Diagnostic> diagnostics_;
  SweepFile file_;
  std::optional<std::size_t> of_scenarios_;  ///< the factor with scenarios
  std::vector<ResolvedTree> trees_;          ///< by its level, or the base alone
  ResolvedTree base_;
  std::vector<Known> known_;  ///< [factor]
  std::size_t variants_ = 1;
  std::vector<std::vector<std::function<void(WorldSpec&, double)>>> store_;  ///< [variant][factor]
  std::vector<std::pair<SimTime, SimTime>> times_;                           ///< [variant]
  std::vector<Finding> findings_;
  Sweep sweep_;
};

Sweep load_sweep(const std::string& name_or_path, const SweepOverrides& overrides) {
  if (overrides.seed.value_or(0) > static_cast<std::uint64_t>(kMostSweepSeed)) {
    refuse(fmt::format("--seed {}", *overrides.seed),
           fmt::format("allowed is a whole number from 0 to {}", kMostSweepSeed));
  }
  return SweepReader(find_sweep(name_or_path), overrides).read();
}

}  // namespace tollgate
