#include "cli/explain_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "agents/rule_book.hpp"
#include "cli/exit_status.hpp"
#include "scenarios/loader.hpp"

namespace tollgate {
namespace {

/// How a rule stands to the sale.
enum class Standing { kApplies, kSuperseded, kPending, kNotYet, kOver, kOff };

struct RuleRow {
  const InstrumentSpec* rule;
  Standing standing;
  std::string words;  ///< what it does, or why it does not
};

ScenarioError wrong_option(const std::string& option, const std::string& found,
                           const std::string& allowed, const std::string& hint) {
  const Place place{"command line", 0, 0};
  return ScenarioError(
      {{place, fmt::format("--{} is '{}'; allowed is {}{}", option, found, allowed, hint)}});
}

/// Place of `id` among entities; throws ScenarioError with the nearest one.
template <class Entity>
std::size_t place_of(const std::string& option, const std::string& id,
                     const std::vector<Entity>& entities) {
  const auto found = std::ranges::find(entities, id, &Entity::id);
  if (found != entities.end()) return static_cast<std::size_t>(found - entities.begin());
  std::vector<std::string> ids;
  for (const Entity& entity : entities) ids.push_back(entity.id);
  throw wrong_option(option, id, "the id of a " + option, suggestion(id, ids));
}

std::string review_in_words(ReviewPolicy review) {
  std::string words{kReviewPolicyNames[static_cast<std::size_t>(review)]};
  std::ranges::replace(words, '_', ' ');
  return words;
}

/// What conditions say, as phrases.
std::vector<std::string> phrases(const Conditions& c) {
  std::vector<std::string> words;
  const auto exempt = [](SimTime from) {
    return from == kNoExemption ? std::string{} : " for orders from " + iso_date(from);
  };
  if (c.is_barred) {
    words.push_back("bars the sale" + exempt(c.barred_from) +
                    (c.stops_goods ? ", turns goods back" : ""));
  }
  if (c.needs_licence) {
    words.push_back("licence, " + review_in_words(c.review) + exempt(c.licensed_from));
  }
  if (std::isfinite(c.licence_days))
    words.push_back(fmt::format("licence valid {} days", c.licence_days));
  if (std::isfinite(c.licence_units))
    words.push_back(fmt::format("licence for {} chips", c.licence_units));
  if (c.levy_rate > 0)
    words.push_back(fmt::format("levy of {:.4g}% of proceeds", 100 * c.levy_rate));
  if (c.duty_rate > 0)
    words.push_back(fmt::format("duty of {:.4g}% of the price", 100 * c.duty_rate));
  if (c.tariff_rate > 0) {
    words.push_back(fmt::format("tariff of {:.4g}% of the price", 100 * c.tariff_rate));
  }
  if (c.subsidy_rate > 0) {
    words.push_back(fmt::format("subsidy of {:.4g}% of the price", 100 * c.subsidy_rate));
  }
  if (c.testing_days > 0) words.push_back(fmt::format("test of {:.4g} days", c.testing_days));
  if (c.guidance > 0) words.push_back(fmt::format("guidance of {:.4g}", c.guidance));
  if (c.pass_probability < 1) {
    words.push_back(fmt::format("stopped at the border with {:.4g}%", 100 * c.stop_probability()));
  }
  if (c.caps != 0) words.emplace_back("counts against a ceiling");
  return words;
}

std::string ceiling_in_words(const InstrumentSpec& rule) {
  return std::visit(
      [](const auto& kind) -> std::string {
        if constexpr (requires { kind.ceiling(); }) {
          const Ceiling c = kind.ceiling();
          std::string words =
              c.share_of_home_sales
                  ? fmt::format("ceiling: {:.4g}% of units shipped at home",
                                100 * *c.share_of_home_sales)
                  : fmt::format("ceiling: {:.0f} chips{}", c.units, c.per_customer ? " each" : "");
          if (c.per_domestic_unit) {
            words += fmt::format(", {:.4g} per domestic chip", *c.per_domestic_unit);
          }
          return words + fmt::format(" in {:.0f} days", c.window_days);
        }
        return {};
      },
      rule.effect);
}

/// Words in lines of at most 80 columns, each after `indent` blanks but for the first.
std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t kColumns = 80;
  std::string result;
  std::size_t column = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > kColumns) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
  return text;
}

/// Every rule that touches the sale by its targets and bounds.
std::vector<RuleRow> rules_on(const WorldSpec& world, const Law& law, ChipId chip,
                              CustomerId customer, SimTime date) {
  std::vector<RuleRow> rows;
  for (std::size_t i = 0; i < world.policies.size(); ++i) {
    const InstrumentId id{i};
    const InstrumentSpec& rule = world.policies[i];
    if (!rule.is_on_sales() || !law.touches(id, chip, customer)) continue;
    RuleRow row{&rule, Standing::kApplies, {}};
    if (!rule.enabled) {
      row = {&rule, Standing::kOff, "switched off"};
    } else if (!law.is_live(id)) {
      row = {
          &rule, Standing::kOff,
          rule.regimes.empty() ? "held ready as an answer" : "its regime does not hold at first"};
    } else if (rule.is_withdrawn(date)) {
      row = {&rule, Standing::kOver, "withdrawn " + iso_date(*rule.withdrawn)};
    } else if (law.is_pending(id, date)) {
      row = {&rule, Standing::kPending, "announced, in force from " + iso_date(rule.effective)};
    } else if (date < rule.effective) {
      row = {&rule, Standing::kNotYet, "not yet known"};
    } else if (rule.until && date >= *rule.until) {
      row = {&rule, Standing::kOver, "ended " + iso_date(*rule.until)};
    } else if (!law.applies(id, chip, customer)) {
      std::vector<std::string> newer;
      for (const std::size_t j : law.superseded_by(id)) {
        if (law.is_in_force(InstrumentId{j}, date) &&
            law.touches(InstrumentId{j}, chip, customer)) {
          newer.push_back(world.policies[j].id);
        }
      }
      row = {&rule, Standing::kSuperseded, "superseded by " + enumerate(newer, "and")};
    } else {
      const std::string ceiling = ceiling_in_words(rule);
      row.words = ceiling.empty() ? joined(phrases(law.alone(id))) : ceiling;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string verdict(const Law& law, ChipId chip, CustomerId customer) {
  const Conditions& conditions = law.conditions(chip, customer);
  if (conditions.is_barred) return "barred";
  std::vector<std::string> words = phrases(conditions);
  words.insert(words.begin(), fmt::format("an order gets through with {:.3g}%",
                                          100 * law.availability(chip, customer)));
  return joined(words);
}

void print_sale(const WorldSpec& world, const Law& law, ChipId chip, CustomerId customer,
                SimTime date) {
  fmt::print("\n{} to {} on {}\n", world.chips[chip.index()].id, world.buyers[customer.index()].id,
             iso_date(date));
  const std::vector<RuleRow> rows = rules_on(world, law, chip, customer, date);
  std::size_t width = 0;
  for (const RuleRow& row : rows) width = std::max(width, row.rule->id.size());
  for (const bool does_apply : {true, false}) {
    const auto is_wanted = [&](const RuleRow& row) {
      return (row.standing == Standing::kApplies) == does_apply;
    };
    if (std::ranges::none_of(rows, is_wanted)) continue;
    fmt::print("\n{}\n", does_apply ? "Rules that apply" : "Rules that do not");
    for (const RuleRow& row : rows) {
      if (!is_wanted(row)) continue;
      fmt::print("  {:<{}}  {}\n", row.rule->id, width, wrapped(row.words, width + 4));
      if (row.rule->source.empty()) continue;
      fmt::print("    source: {}\n", wrapped(row.rule->source, 12));
    }
  }
  if (rows.empty()) fmt::print("\nNo rule looks at this sale.\n");
  fmt::print("\nIn all: {}\n", wrapped(verdict(law, chip, customer), 8));
}

nlohmann::ordered_json as_json(const WorldSpec& world, const Law& law, ChipId chip,
                               CustomerId customer, SimTime date) {
  constexpr std::string_view kStandings[] = {"applies", "superseded", "pending",
                                             "not_yet", "over",       "off"};
  const Conditions& c = law.conditions(chip, customer);
  nlohmann::ordered_json json = {{"chip", world.chips[chip.index()].id},
                                 {"buyer", world.buyers[customer.index()].id},
                                 {"date", iso_date(date)},
                                 {"is_barred", c.is_barred},
                                 {"needs_licence", c.needs_licence},
                                 {"levy_rate", c.levy_rate},
                                 {"duty_rate", c.duty_rate},
                                 {"tariff_rate", c.tariff_rate},
                                 {"subsidy_rate", c.subsidy_rate},
                                 {"testing_days", c.testing_days},
                                 {"guidance", c.guidance},
                                 {"stop_probability", c.stop_probability()},
                                 {"availability", law.availability(chip, customer)}};
  json["decided_by"] = c.decided_by.is_some()
                           ? nlohmann::ordered_json(world.policies[c.decided_by.index()].id)
                           : nlohmann::ordered_json(nullptr);
  json["rules"] = nlohmann::ordered_json::array();
  for (const RuleRow& row : rules_on(world, law, chip, customer, date)) {
    json["rules"].push_back({{"id", row.rule->id},
                             {"instrument", row.rule->kind_name()},
                             {"standing", kStandings[static_cast<std::size_t>(row.standing)]},
                             {"effect", row.words},
                             {"source", row.rule->source}});
  }
  return json;
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  const Scenario scenario = load_scenario(options.scenario, options.sets);
  const WorldSpec& world = scenario.world;
  const std::optional<SimTime> date =
      options.date.empty() ? world.start : parse_iso_date(options.date);
  if (!date) throw wrong_option("date", options.date, "a date such as 2025-12-08", "");
  std::vector<std::size_t> chips;
  std::vector<std::size_t> buyers;
  if (!options.chip.empty()) chips = {place_of("chip", options.chip, world.chips)};
  if (!options.buyer.empty()) buyers = {place_of("buyer", options.buyer, world.buyers)};
  const bool is_one_sale = !chips.empty() && !buyers.empty();
  for (std::size_t c = 0; chips.empty() && c < world.chips.size(); ++c) chips.push_back(c);
  for (std::size_t b = 0; buyers.empty() && b < world.buyers.size(); ++b) {
    if (world.buyers[b].site == world.focus_region) buyers.push_back(b);
  }

  RuleBook book(world);
  book.law.compile(*date);
  if (options.is_json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const std::size_t c : chips) {
      for (const std::size_t b : buyers) {
        all.push_back(as_json(world, book.law, ChipId{c}, CustomerId{b}, *date));
      }
    }
    fmt::print("{}\n", (is_one_sale ? all[0] : all).dump(2));
    return kSuccess;
  }
  fmt::print("{}\n", scenario.title.empty() ? scenario.name : scenario.title);
  if (is_one_sale) {
    print_sale(world, book.law, ChipId{chips[0]}, CustomerId{buyers[0]}, *date);
    return kSuccess;
  }
  for (const std::size_t c : chips) {
    for (const std::size_t b : buyers) {
      fmt::print("{:<16} {:<14} {}\n", world.chips[c].id, world.buyers[b].id,
                 wrapped(verdict(book.law, ChipId{c}, CustomerId{b}), 32));
    }
  }
  return kSuccess;
}

}  // namespace tollgate
