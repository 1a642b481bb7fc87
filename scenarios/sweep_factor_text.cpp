#include "scenarios/sweep_factor_text.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "scenarios/plain_keys.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/sweep.hpp"

namespace tollgate {
namespace {

class FactorReader {
 public:
  FactorReader(const std::string& id, const Node& node, const FactorSetting& setting,
               ErrorList& errors)
      : node_(node),
        table_(*node.table()),
        path_(joined("factor", id)),
        setting_(setting),
        errors_(errors) {
    factor_.id = id;
    factor_.place = node.key;
  }

  std::optional<FactorText> read() && {
    const std::size_t errors_before = errors_.size();
    factor_.source = text_or_empty(table_, "source");
    check_keys();
    if (!read_key() || !read_form()) return std::nullopt;
    read_steps();
    if (errors_.size() > errors_before) return std::nullopt;
    return std::move(factor_);
  }

 private:
  [[nodiscard]] std::string path_of(const char* key) const { return joined(path_, key); }

  [[nodiscard]] bool is_own() const { return text_or_empty(table_, "distribution") == "own"; }

  void check_keys() {
    // The parameters of a distribution are left to the reader of scenarios, which knows them.
    if (!table_.contains("distribution") || is_own()) {
      std::vector<std::string> allowed = {"key",   "values", "low",          "high",
                                          "steps", "scale",  "distribution", "scenarios"};
      allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
      errors_.unknown_keys(path_, table_, allowed);
    }
    for (const std::string_view circumstance : kCircumstances) {
      const auto found = table_.find(std::string(circumstance));
      if (found != table_.end() && found->second.text() == nullptr) {
        errors_.wrong_type(joined(path_, found->first), found->second, "a text");
      }
    }
  }

  bool read_key() {
    const auto key = table_.find("key");
    if (table_.contains("scenarios")) {
      if (key == table_.end()) return true;
      errors_.add(key->second.key,
                  fmt::format("key '{}.key' does nothing beside 'scenarios'", path_));
      return false;
    }
    if (key == table_.end()) {
      errors_.add(node_.key, fmt::format("key '{}.key' is missing: a factor needs the key that it "
                                         "varies, or 'scenarios'",
                                         path_));
      return false;
    }
    if (key->second.text() == nullptr || key->second.text()->empty()) {
      errors_.wrong_type(path_of("key"), key->second, "a dotted path such as \"policy.levy.rate\"");
      return false;
    }
    factor_.key = *key->second.text();
    factor_.key_place = key->second.place;
    return true;
  }

  bool read_form() {
    const bool has_range = (!table_.contains("distribution") || is_own()) &&
                           (table_.contains("low") || table_.contains("high"));
    std::vector<FactorForm> forms;
    if (table_.contains("scenarios")) forms.push_back(FactorForm::kScenarios);
    if (is_own()) {
      forms.push_back(FactorForm::kOwn);
    } else if (table_.contains("distribution")) {
      forms.push_back(FactorForm::kDistribution);
    } else if (table_.contains("values")) {
      forms.push_back(FactorForm::kValues);
    }
    if (has_range) forms.push_back(FactorForm::kRange);
    if (forms.empty() && setting_.has_points) forms.push_back(FactorForm::kColumn);
    if (forms.size() != 1) {
      errors_.add(node_.key, fmt::format("factor '{}' needs either 'values', or 'low' and 'high', "
                                         "or 'distribution', or 'scenarios'",
                                         factor_.id));
      return false;
    }
    factor_.form = forms[0];
    switch (factor_.form) {
      case FactorForm::kScenarios:
        return read_levels("scenarios");
      case FactorForm::kValues:
        return read_levels("values");
      case FactorForm::kRange:
        return read_range();
      case FactorForm::kDistribution:
        return read_distribution();
      case FactorForm::kOwn:
      case FactorForm::kColumn:
        break;
    }
    return true;
  }

  bool read_levels(const char* key) {
    const Node& list = table_.at(key);
    const bool are_scenarios = factor_.form == FactorForm::kScenarios;
    if (list.array() == nullptr || list.array()->empty()) {
      errors_.wrong_type(
          path_of(key), list,
          are_scenarios ? "an array of names or paths of scenarios" : "an array of values");
      return false;
    }
    std::set<std::string> seen;
    bool is_sound = true;
    for (const Node& level : *list.array()) {
      if (are_scenarios && level.text() == nullptr) {
        errors_.wrong_type(path_of(key), level, "the name or path of a scenario");
        is_sound = false;
      } else if (!seen.insert(level.as_toml()).second) {
        errors_.add(level.place,
                    fmt::format("key '{}' has {} twice", path_of(key), level.as_toml()));
        is_sound = false;
      }
      factor_.levels.push_back(level);
    }
    return is_sound;
  }

  bool read_range() {
    bool is_sound = true;
    for (const char* key : {"low", "high"}) {
      if (table_.contains(key)) continue;
      errors_.add(node_.key,
                  fmt::format("key '{}' is missing: a range needs 'low' and 'high'", path_of(key)));
      is_sound = false;
    }
    static constexpr std::array<std::string_view, 2> kScales = {"linear", "log"};
    factor_.is_log = PlainTable(table_, path_, errors_).choice("scale", kScales) == 1;
    if (!is_sound) return false;
    factor_.low = table_.at("low");
    factor_.high = table_.at("high");
    if (factor_.is_log) is_sound = check_logarithm();
    factor_.distribution = node_;
    factor_.distribution.value =
        Table{{"distribution", {std::string("uniform"), node_.key, node_.key}},
              {"low", factor_.low},
              {"high", factor_.high}};
    return is_sound;
  }

  bool check_logarithm() {
    const auto is_above_zero = [](const Node& end) {
      const auto* real = std::get_if<double>(&end.value);
      const auto* whole = std::get_if<std::int64_t>(&end.value);
      return (real != nullptr && *real > 0) || (whole != nullptr && *whole > 0);
    };
    bool is_sound = true;
    for (const Node* end : {&factor_.low, &factor_.high}) {
      if (is_above_zero(*end)) continue;
      errors_.add(end->place, fmt::format("factor '{}' has a logarithmic scale, but an end at {}; "
                                          "allowed is a number above 0",
                                          factor_.id, end->as_toml()));
      is_sound = false;
    }
    return is_sound;
  }

  bool read_distribution() {
    if (text_or_empty(table_, "distribution") == "posterior") {
      errors_.add(table_.at("distribution").place,
                  fmt::format("key '{}.distribution' is \"posterior\": its rows are drawn jointly, "
                              "while factors vary on their own; allowed is another distribution, "
                              "such as 'sample' of the same column",
                              path_));
      return false;
    }
    factor_.distribution = node_;
    Table given = table_;
    given.erase("key");
    given.erase("steps");
    factor_.distribution.value = std::move(given);
    return true;
  }

  void read_steps() {
    const bool is_continuous = factor_.form != FactorForm::kScenarios &&
                               factor_.form != FactorForm::kValues &&
                               factor_.form != FactorForm::kColumn;
    if (table_.contains("scale") && factor_.form != FactorForm::kRange &&
        factor_.form != FactorForm::kDistribution) {
      errors_.add(table_.at("scale").key,
                  fmt::format("key '{}.scale' belongs to 'low' and 'high'", path_));
    }
    if (setting_.design == DesignKind::kTable && is_continuous) {
      errors_.add(node_.key, needs_its_key_only(factor_));
    }
    const auto steps = table_.find("steps");
    if (steps == table_.end()) {
      if (setting_.design == DesignKind::kGrid && is_continuous) {
        errors_.add(node_.key, fmt::format("key '{}.steps' is missing: design 'grid' needs the "
                                           "number of values between 'low' and 'high' or, of a "
                                           "distribution, of strata",
                                           path_));
      }
      return;
    }
    if (!is_continuous) {
      errors_.add(
          steps->second.key,
          fmt::format("key '{}.steps' belongs to 'low' and 'high' or a distribution", path_));
    } else if (setting_.design && !has_levels(*setting_.design)) {
      errors_.add(steps->second.key,
                  fmt::format("key '{}.steps' does nothing in design '{}'; it belongs to 'grid' or "
                              "'one_at_a_time'",
                              path_, name_of(*setting_.design)));
    } else if (const auto number = PlainTable(table_, path_, errors_)
                                       .whole("steps", 2, static_cast<std::int64_t>(kMostPoints))) {
      factor_.steps = static_cast<std::uint64_t>(*number);
    }
  }

  const Node& node_;
  const Table& table_;
  std::string path_;
  const FactorSetting& setting_;
  ErrorList& errors_;
  FactorText factor_;
};

}  // namespace

std::string needs_its_key_only(const FactorText& factor) {
  return fmt::format(
      "factor '{}' takes its values from the table of points; it needs its 'key' only", factor.id);
}

std::optional<FactorText> read_factor(const std::string& id, const Node& node,
                                      const FactorSetting& setting, ErrorList& errors) {
  return FactorReader(id, node, setting, errors).read();
}

}  // namespace tollgate
