#include "scenarios/contradictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agents/rule_book.hpp"
#include "scenarios/diagnostics.hpp"

namespace tollgate {
namespace {

/// Whether the rule can be reached from itself along `supersedes`.
bool is_in_circle(const WorldSpec& spec, const InstrumentSpec& rule) {
  std::vector<std::string> open = rule.supersedes;
  std::set<std::string> seen;
  while (!open.empty()) {
    const std::string id = open.back();
    open.pop_back();
    if (id == rule.id) return true;
    if (!seen.insert(id).second) continue;
    const auto next = std::ranges::find(spec.policies, id, &InstrumentSpec::id);
    if (next == spec.policies.end()) continue;
    open.insert(open.end(), next->supersedes.begin(), next->supersedes.end());
  }
  return false;
}

void find_excessive_levies(const WorldSpec& spec, std::vector<Contradiction>& found) {
  RuleBook book(spec);
  for (const SimTime date : book.turns()) {
    book.law.compile(date);
    for (std::size_t c = 0; c < spec.chips.size(); ++c) {
      for (std::size_t k = 0; k < spec.buyers.size(); ++k) {
        const Conditions& conditions = book.law.conditions(ChipId{c}, CustomerId{k});
        if (conditions.levy_rate < 1) continue;
        std::vector<std::string> levies;
        for (std::size_t i = 0; i < spec.policies.size(); ++i) {
          const InstrumentSpec& rule = spec.policies[i];
          if (rule.is_a<Levy>() && rule.as<Levy>().base == LevyBase::kProceeds &&
              book.law.applies(InstrumentId{i}, ChipId{c}, CustomerId{k})) {
            levies.push_back(rule.id);
          }
        }
        found.push_back({levies.back(), "rate",
                         fmt::format("the levies on proceeds {} together take {:.3g} of a sale of "
                                     "'{}' to '{}' from {}; allowed is below 1",
                                     enumerate(levies, "and"), conditions.levy_rate,
                                     spec.chips[c].id, spec.buyers[k].id, iso_date(date))});
        return;
      }
    }
  }
}

/// What of the conditions can make a difference: under a bar the rest does not matter, and which
/// rule decided never does.
Conditions substance(const Conditions& conditions) {
  Conditions result = conditions;
  if (conditions.is_barred && conditions.barred_from == kNoExemption) {
    result = {};
    result.is_barred = true;
    result.stops_goods = conditions.stops_goods;
  }
  result.decided_by = {};
  return result;
}

/// The rules that decide where `rule` applies, other than itself.
std::vector<std::string> deciders(const WorldSpec& spec, const RuleBook& book, InstrumentId rule) {
  std::set<std::string> names;
  for (std::size_t c = 0; c < spec.chips.size(); ++c) {
    for (std::size_t k = 0; k < spec.buyers.size(); ++k) {
      if (!book.law.touches(rule, ChipId{c}, CustomerId{k})) continue;
      const InstrumentId decided = book.law.conditions(ChipId{c}, CustomerId{k}).decided_by;
      if (decided.is_some() && decided != rule) names.insert(spec.policies[decided.index()].id);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<Contradiction> contradictions(const WorldSpec& spec) {
  std::vector<Contradiction> found;
  for (const InstrumentSpec& rule : spec.policies) {
    if (is_in_circle(spec, rule)) {
      found.push_back({rule.id, "supersedes",
                       fmt::format("policy '{}' supersedes a rule that supersedes it, so that "
                                   "neither would hold",
                                   rule.id)});
    }
    if (!rule.is_a<HeadquartersRule>()) continue;
    for (const std::string& id : rule.as<HeadquartersRule>().rules) {
      const auto carried = std::ranges::find(spec.policies, id, &InstrumentSpec::id);
      if (carried == spec.policies.end() || carried->is_on_sales()) continue;
      found.push_back({rule.id, "rules",
                       fmt::format("key 'policy.{}.rules' names '{}', {}, which is not about "
                                   "customers",
                                   rule.id, id, with_article(carried->kind_name()))});
    }
  }
  if (found.empty()) find_excessive_levies(spec, found);
  return found;
}

std::vector<std::string> idle_rules(const WorldSpec& spec) {
  RuleBook book(spec);
  const std::vector<SimTime> dates = book.turns();
  const std::size_t sales = spec.chips.size() * spec.buyers.size();
  const auto snapshot = [&](std::vector<Conditions>& into) {
    into.clear();
    for (std::size_t c = 0; c < spec.chips.size(); ++c) {
      for (std::size_t k = 0; k < spec.buyers.size(); ++k) {
        into.push_back(substance(book.law.conditions(ChipId{c}, CustomerId{k})));
      }
    }
  };
  std::vector<std::vector<Conditions>> whole(dates.size());
  for (std::size_t d = 0; d < dates.size(); ++d) {
    book.law.compile(dates[d]);
    snapshot(whole[d]);
  }
  std::vector<std::string> notes;
  std::vector<Conditions> without;
  without.reserve(sales);
  for (std::size_t i = 0; i < spec.policies.size(); ++i) {
    const InstrumentSpec& rule = spec.policies[i];
    const bool is_taken_back = rule.withdrawn && *rule.withdrawn <= rule.effective;
    if (!rule.enabled || is_taken_back || !rule.is_on_sales() || rule.is_a<EntityList>() ||
        !book.law.is_live(InstrumentId{i})) {
      continue;
    }
    bool is_ever_in_force = false;
    bool matters = false;
    std::vector<std::string> others;
    for (std::size_t d = 0; d < dates.size() && !matters; ++d) {
      if (!book.law.is_in_force(InstrumentId{i}, dates[d])) continue;
      is_ever_in_force = true;
      book.law.set_switch(InstrumentId{i}, false);
      book.law.compile(dates[d]);
      snapshot(without);
      matters = without != whole[d];
      if (!matters) others = deciders(spec, book, InstrumentId{i});
      book.law.set_switch(InstrumentId{i}, true);
    }
    if (matters) continue;
    std::string reason = "no chip and customer of this world meet its targets and bounds";
    if (!is_ever_in_force) reason = "it is in force at no time of the run";
    if (!others.empty()) {
      reason = fmt::format("where it applies, {} decide", enumerate(others, "and"));
    }
    notes.push_back(
        fmt::format("policy '{}' ({}) changes nothing: {}", rule.id, rule.kind_name(), reason));
  }
  return notes;
}

}  // namespace tollgate
