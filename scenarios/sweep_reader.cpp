// From the words of a sweep file to a sweep: what its factors vary, and every variant loaded.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/kernel/shell_word.hpp"
#include "engine/kernel/stream.hpp"
#include "scenarios/factor_kinds.hpp"
#include "scenarios/loader.hpp"
#include "scenarios/sweep_text.hpp"
#include "scenarios/variant_findings.hpp"

namespace tollgate {
namespace {

/// So many wrong cells of a column are shown.
constexpr std::size_t kMostCellsTold = 10;

/// Scenarios read at the corners of two factors, at some 3 ms each.
constexpr std::size_t kMostCorners = 500;

}  // namespace

class SweepReader {
 public:
  // Each step goes as far as it can, so that all mistakes are told at once.
  SweepReader(const std::string& path, const SweepOverrides& overrides)
      : file_(read_sweep_file(path, overrides, errors_)),
        trees_(read_sweep_trees(file_, errors_)),
        classes_(classify_factors(file_, trees_, errors_)) {
    settle(overrides);
  }

  Sweep read() && {
    const VariantTrees variants(file_, trees_, sweep_);
    VariantFindings findings(file_, variants);
    load_variants(variants, findings);
    errors_.stop_if_any();
    check_time_axes(variants);
    check_whole_values();
    make_levels();
    errors_.stop_if_any();
    plan_points();
    errors_.stop_if_any();
    read_table();
    errors_.stop_if_any();
    load_plain_variants(variants, findings);
    errors_.stop_if_any();
    join_variants();
    check_ids();
    errors_.stop_if_any();
    sweep_.resolved = resolved_text(sweep_, file_, trees_);
    return std::move(sweep_);
  }

 private:
  // Settings, and factors as far as they are known. ----------------------------------------------

  void settle(const SweepOverrides& overrides) {
    sweep_.name = file_.name;
    sweep_.title = file_.title;
    sweep_.seed = classes_.seed;
    if (file_.seed) sweep_.seed = static_cast<std::uint64_t>(*file_.seed);
    if (overrides.seed) sweep_.seed = *overrides.seed;
    sweep_.replicas = classes_.replicas;
    if (file_.replicas) sweep_.replicas = static_cast<std::uint32_t>(*file_.replicas);
    if (overrides.replicas) sweep_.replicas = *overrides.replicas;
    sweep_.design = file_.design;
    sweep_.design.seed = mix(sweep_.seed, hash_name("design"));
    sweep_.common_noise = file_.common_noise;
    sweep_.keep = file_.keep;
    if (sweep_.keep == Keep::kSummary && sweep_.replicas < 2) {
      errors_.add(file_.keep_place,
                  "key 'sweep.keep' is \"summary\" with 1 replica of each point, which has no "
                  "standard deviation and less room as it is; allowed with so few is \"all\" or "
                  "\"quarterly\"");
    }
    for (std::size_t f = 0; f < file_.factors.size(); ++f) {
      const FactorText& text = file_.factors[f];
      const FactorKind& kind = classes_.kinds[f];
      SweepFactor& factor = sweep_.factors.emplace_back();
      factor.id = text.id;
      factor.key = text.key;
      factor.source = text.source;
      factor.unit = kind.key ? kind.key->unit : "";
      factor.sentence = kind.key ? kind.key->sentence : "Scenario.";
      if (!kind.is_structural) continue;
      for (const Node& level : text.levels) {
        factor.labels.push_back(level.text() != nullptr ? *level.text() : level.as_toml());
      }
    }
  }

  // Variants. ------------------------------------------------------------------------------------

  // With distributions at the keys of number factors, all values are checked, and how to write them
  // becomes known.
  void load_variants(const VariantTrees& variants, VariantFindings& findings) {
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const ResolvedTree plain = variants.plain(v);
      const std::optional<Scenario> scenario =
          findings.read(variants.with_distributions(v), v, "with factors at their centres", &plain);
      if (!scenario) continue;
      take_setters(*scenario, v, findings);
      times_.emplace_back(scenario->world.start, scenario->world.until);
    }
    findings.report_to(errors_);
  }

  void take_setters(const Scenario& scenario, std::size_t variant, VariantFindings& findings) {
    std::vector<std::function<void(WorldSpec&, double)>> store;
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      SweepFactor& factor = sweep_.factors[f];
      const FactorText& text = file_.factors[f];
      if (factor.is_structural()) {
        store.emplace_back();
        continue;
      }
      const auto found =
          std::ranges::find(scenario.uncertain, factor.key, &UncertainParameter::key);
      if (found == scenario.uncertain.end()) {
        findings.add({text.key_place, no_own_distribution(text)}, variant);
        continue;
      }
      if (name_of(found->distribution) == "posterior") {
        findings.add({text.key_place,
                      fmt::format("key '{}' is drawn from a posterior file, whose columns belong "
                                  "together; give 'low' and 'high', 'values' or another "
                                  "distribution",
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

  void check_time_axes(const VariantTrees& variants) {
    for (std::size_t v = 1; v < times_.size(); ++v) {
      if (times_[v] == times_[0] || !trees_.of_scenarios) continue;
      const std::size_t f = *trees_.of_scenarios;
      const Node& level = file_.factors[f].levels[variants.level_of(v, f)];
      errors_.add(
          level.place,
          fmt::format("scenario {} runs from {} to {}, others from {} to {}; points share the axis "
                      "of time: set 'run.start' and 'run.until' in [set]",
                      level.as_toml(), iso_date(times_[v].first), iso_date(times_[v].second),
                      iso_date(times_[0].first), iso_date(times_[0].second)));
      return;
    }
  }

  // With plain numbers at the keys of number factors, as a run has them; at the ends, of one factor
  // and of two, so that what contradicts itself there is found now.
  void load_plain_variants(const VariantTrees& variants, VariantFindings& findings) {
    choose_pairs(variants.size());
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const ResolvedTree plain = variants.plain(v);
      std::optional<Scenario> scenario =
          findings.read(variants.with_numbers(plain, {}), v, "with factors at their centres");
      if (!scenario) continue;
      check_ends(variants, plain, v, findings);
      WorldLayout layout(scenario->world);
      sweep_.variants.push_back(
          {*std::move(scenario), std::move(layout), store_[v], {}, command_of(plain)});
    }
    findings.report_to(errors_);
  }

  void check_ends(const VariantTrees& variants, const ResolvedTree& plain, std::size_t variant,
                  VariantFindings& findings) const {
    std::set<std::pair<std::size_t, std::size_t>> unsound;  // factors and their ends
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].is_structural()) continue;
      const std::vector<FactorValue> ends = ends_of(sweep_.factors[f], file_.factors[f]);
      for (std::size_t e = 0; e < ends.size(); ++e) {
        const FactorAt at{f, ends[e]};
        if (findings.read(variants.with_numbers(plain, {at}), variant, "at " + shown(at))) continue;
        unsound.emplace(f, e);
      }
    }
    for (const auto& [f, g] : pairs_) {
      const std::vector<FactorValue> ends_of_f = corners_of(sweep_.factors[f], file_.factors[f]);
      const std::vector<FactorValue> ends_of_g = corners_of(sweep_.factors[g], file_.factors[g]);
      for (std::size_t e = 0; e < ends_of_f.size() * ends_of_g.size(); ++e) {
        if (unsound.contains({f, e / 2}) || unsound.contains({g, e % 2})) continue;
        const FactorAt a{f, ends_of_f[e / 2]};
        const FactorAt b{g, ends_of_g[e % 2]};
        (void)findings.read(variants.with_numbers(plain, {a, b}), variant,
                            fmt::format("at {} and {}", shown(a), shown(b)));
      }
    }
  }

  // Pairs of number factors whose corners are looked at: all of them, or those of one kind of key,
  // which contradict each other most easily, or none, so that no more scenarios are read than
  // allowed.
  void choose_pairs(std::size_t variants) {
    const DesignKind design = sweep_.design.kind;
    if (design == DesignKind::kOneAtATime || design == DesignKind::kTable) return;
    const auto kind_of = [](const SweepFactor& factor) {
      return std::string_view(factor.key).substr(0, factor.key.find('.'));
    };
    for (const bool are_of_one_kind : {false, true}) {
      pairs_.clear();
      for (std::size_t g = 0; g < sweep_.factors.size(); ++g) {
        for (std::size_t f = 0; f < g; ++f) {
          const SweepFactor& a = sweep_.factors[f];
          const SweepFactor& b = sweep_.factors[g];
          if (a.is_structural() || b.is_structural()) continue;
          if (!are_of_one_kind || kind_of(a) == kind_of(b)) pairs_.emplace_back(f, g);
        }
      }
      if (4 * pairs_.size() * variants <= kMostCorners) return;
    }
    pairs_.clear();
  }

  [[nodiscard]] std::string shown(const FactorAt& at) const {
    const SweepFactor& factor = sweep_.factors[at.factor];
    return fmt::format("{} = {}", factor.id, factor.shown(at.value.value));
  }

  [[nodiscard]] std::string command_of(const ResolvedTree& tree) const {
    std::string command = "tollgate run " + shell_word(name_or_path_of(tree));
    add_sets(*file_.set.table(), "", command);
    return command;
  }

  static void add_sets(const Table& table, const std::string& path, std::string& command) {
    for (const auto& [key, node] : table) {
      const Table* inner = node.table();
      if (inner != nullptr && !inner->contains("distribution") && !inner->contains("value")) {
        add_sets(*inner, joined(path, key), command);
      } else {
        command += " --set " + shell_word(joined(path, key) + "=" + node.as_toml());
      }
    }
  }

  // Values and points. ---------------------------------------------------------------------------

  void check_whole_values() {
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].kind != ParameterKind::kWhole) continue;
      const FactorText& text = file_.factors[f];
      if (text.form == FactorForm::kColumn) {
        check_whole_column(text);
        continue;
      }
      for (const Node& level : text.levels) check_whole(text, level);
    }
  }

  void check_whole(const FactorText& text, const Node& level) {
    if (std::holds_alternative<std::int64_t>(level.value)) return;
    errors_.add(level.place, fmt::format("key '{}' is {}; allowed is a whole number", text.key,
                                         level.as_toml()));
  }

  void check_whole_column(const FactorText& text) {
    const TableFile& points = *file_.points;
    const std::size_t column = points.find(text.id).value();
    const TableFile::Column& cells = points.columns[column];
    std::set<double> told;
    for (std::size_t row = 0; row < points.rows() && told.size() < kMostCellsTold; ++row) {
      if (cells.kinds[row] == TableFile::Kind::kWhole) continue;
      if (told.insert(cells.numbers[row]).second) check_whole(text, points.as_node(row, column));
    }
  }

  void make_levels() {
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      if (sweep_.factors[f].is_structural()) continue;
      const std::string fault = take_values(file_.factors[f], sweep_.design, sweep_.factors[f]);
      if (!fault.empty()) errors_.add(file_.factors[f].place, fault);
    }
  }

  void plan_points() {
    if (sweep_.design.kind == DesignKind::kTable) {
      sweep_.points_ = file_.points->rows();
    } else {
      std::vector<DesignFactor> factors;
      for (const SweepFactor& factor : sweep_.factors) {
        factors.push_back({factor.id, std::max(factor.labels.size(), factor.levels.size())});
      }
      sweep_.points_ = points_of(sweep_.design, factors);
      const std::size_t most = Design::most_factors(sweep_.design.kind);
      if (factors.size() > most) {
        return errors_.add(
            file_.design_place,
            fmt::format("{} factors; this design covers up to {}", factors.size(), most));
      }
      if (sweep_.points_ <= kMostPoints) sweep_.plan_.emplace(sweep_.design, std::move(factors));
    }
    if (sweep_.points_ > kMostPoints) {
      errors_.add(file_.design_place, fmt::format("the design has {} points; allowed are up to {}",
                                                  sweep_.points_, kMostPoints));
    }
  }

  void read_table() {
    if (!file_.points) return;
    TableFile& points = *file_.points;
    sweep_.table_.resize(points.rows() * sweep_.factors.size());
    for (std::size_t f = 0; f < sweep_.factors.size(); ++f) {
      SweepFactor& factor = sweep_.factors[f];
      const std::size_t column = points.find(factor.id).value();
      const std::vector<double> values = factor.is_structural()
                                             ? labels_in(points, column, factor)
                                             : numbers_in(points, column, factor);
      points.columns[column] = {};  // which may be as large as the table
      for (std::size_t row = 0; row < values.size(); ++row) {
        sweep_.table_[row * sweep_.factors.size() + f] = values[row];
      }
      if (factor.is_structural()) continue;
      factor.levels = values;
      std::ranges::sort(factor.levels);
      factor.levels.erase(std::unique(factor.levels.begin(), factor.levels.end()),
                          factor.levels.end());
      factor.levels.shrink_to_fit();
    }
  }

  static std::vector<double> numbers_in(TableFile& points, std::size_t column,
                                        const SweepFactor& factor) {
    std::vector<double> values = std::move(points.columns[column].numbers);
    for (double& value : values) value = factor.fitted(value);
    return values;
  }

  /// Places of the cells among the factor's labels.
  std::vector<double> labels_in(const TableFile& points, std::size_t column,
                                const SweepFactor& factor) {
    const TableFile::Column& cells = points.columns[column];
    std::vector<double> places;
    for (const std::string& text : cells.texts) {
      const auto label = std::ranges::find(factor.labels, text);
      places.push_back(static_cast<double>(label - factor.labels.begin()));
    }
    std::vector<double> values;
    std::set<double> told;  // texts
    for (std::size_t row = 0; row < points.rows(); ++row) {
      const double text = cells.numbers[row];
      values.push_back(places[static_cast<std::size_t>(text)]);
      if (values.back() < static_cast<double>(factor.labels.size())) continue;
      if (told.size() == kMostCellsTold || !told.insert(text).second) continue;
      const std::string& cell = cells.texts[static_cast<std::size_t>(text)];
      errors_.add(points.place_of(row, column),
                  fmt::format("column '{}' has '{}'; allowed is {}{}", factor.id, cell,
                              enumerate(factor.labels), suggestion(cell, factor.labels)));
    }
    return values;
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
      errors_.add(factor.place,
                  fmt::format("factor '{}' has the name of something else in the output; choose "
                              "another",
                              factor.id));
    }
  }

  ErrorList errors_;  // first, as the reading of the others adds to it
  SweepFile file_;
  SweepTrees trees_;
  Classification classes_;
  Sweep sweep_;
  std::vector<std::vector<std::function<void(WorldSpec&, double)>>> store_;  ///< [variant][factor]
  std::vector<std::pair<SimTime, SimTime>> times_;                           ///< [variant]
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;  ///< of factors, for `check_ends`
};

Sweep load_sweep(const std::string& name_or_path, const SweepOverrides& overrides) {
  if (overrides.seed.value_or(0) > static_cast<std::uint64_t>(kMostSweepSeed)) {
    refuse(fmt::format("--seed {}", *overrides.seed),
           fmt::format("allowed is a whole number from 0 to {}", kMostSweepSeed));
  }
  return SweepReader(find_sweep(name_or_path), overrides).read();
}

}  // namespace tollgate
