#include "scenarios/sweep_levels.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tollgate {
namespace {

constexpr double kTailOfFactor = 0.05;  ///< where one at a time takes a distribution
constexpr double kTailOfCheck = 0.001;  ///< how far out contradictions are looked for
constexpr double kTailOfPair = 0.05;    ///< and how far in two factors together

bool is_list(const FactorText& text) {
  return text.form == FactorForm::kValues || text.form == FactorForm::kColumn;
}

/// The k-th of `steps` values of a range or a distribution.
double step_of(const SweepFactor& factor, const FactorText& text, std::uint64_t k,
               std::uint64_t steps) {
  const auto place = static_cast<double>(k);
  const auto last = static_cast<double>(steps - 1);
  if (!factor.is_range) {
    if (!text.steps) return factor.at(k == 0 ? kTailOfFactor : 1 - kTailOfFactor);
    return factor.at((place + 0.5) / static_cast<double>(steps));
  }
  if (factor.is_log) return factor.at(place / last);
  // In this order 0 to 0.5 in 11 steps has 0.15, not a neighbour of it.
  const auto [low, high] = std::get<Uniform>(factor.distribution);
  return factor.fitted((low * (last - place) + high * place) / last);
}

/// A range or a distribution in a design by levels.
std::vector<double> levels_of(const SweepFactor& factor, const FactorText& text, DesignKind kind) {
  std::vector<double> levels;
  const bool is_grid = kind == DesignKind::kGrid;
  if (!is_grid) {
    levels.push_back(factor.is_range ? factor.at(0.5)
                                     : factor.fitted(central(factor.distribution)));
  }
  const std::uint64_t steps = text.steps.value_or(2);
  for (std::uint64_t k = 0; k < steps; ++k) {
    const double value = step_of(factor, text, k, steps);
    if (is_grid || value != levels.front()) levels.push_back(value);
  }
  return levels;
}

// Whole numbers and days are rounded, distributions may have a value twice.
std::string twins_of(const SweepFactor& factor) {
  std::vector<double> sorted = factor.levels;
  std::ranges::sort(sorted);
  const auto twin = std::ranges::adjacent_find(sorted);
  if (twin == sorted.end()) return {};
  return fmt::format(
      "factor '{}' has {} twice among its {} values; fewer 'steps' or a list of 'values' would not",
      factor.id, factor.shown(*twin), sorted.size());
}

}  // namespace

double number_of(const Node& node) {
  if (const auto* date = std::get_if<SimTime>(&node.value)) return in_days(*date - SimTime{});
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*whole);
  }
  return std::get<double>(node.value);
}

std::string take_values(const FactorText& text, const DesignSpec& design, SweepFactor& factor) {
  factor.is_range = text.form == FactorForm::kRange;
  factor.is_log = text.is_log;
  if (text.form == FactorForm::kColumn) return {};  // of which only the ends are known here
  if (is_list(text)) {
    for (const Node& level : text.levels) factor.levels.push_back(number_of(level));
    return {};
  }
  if (factor.is_log && factor.kind == ParameterKind::kDay) {
    return fmt::format("factor '{}' is a date; a logarithmic scale is for numbers", factor.id);
  }
  if (has_levels(design.kind)) factor.levels = levels_of(factor, text, design.kind);
  if (design.kind == DesignKind::kMorris && !factor.is_range) factor.strata = design.levels;
  return twins_of(factor);
}

FactorValue centre_of(const SweepFactor& factor, const FactorText& text, const DesignSpec& design) {
  if (is_list(text)) return {number_of(text.levels.front()), text.place};
  if (design.kind == DesignKind::kOneAtATime) return {factor.levels.front(), text.place};
  if (factor.is_range || !factor.levels.empty()) return {factor.at(0.5), text.place};
  return {factor.fitted(central(factor.distribution)), text.place};
}

namespace {

/// Of a factor given by a distribution: the values at these probabilities.
std::vector<FactorValue> values_at(const SweepFactor& factor, const FactorText& text, double low,
                                   double high) {
  const Place& place = text.form == FactorForm::kOwn ? text.key_place : text.distribution.place;
  return {{factor.fitted(quantile(factor.distribution, low)), place},
          {factor.fitted(quantile(factor.distribution, high)), place}};
}

bool is_distribution(const FactorText& text) {
  return text.form == FactorForm::kOwn || text.form == FactorForm::kDistribution;
}

}  // namespace

std::vector<FactorValue> ends_of(const SweepFactor& factor, const FactorText& text) {
  if (text.form == FactorForm::kRange) {
    return {{number_of(text.low), text.low.place}, {number_of(text.high), text.high.place}};
  }
  if (is_list(text)) {
    const auto [low, high] = std::ranges::minmax_element(text.levels, {}, number_of);
    return {{number_of(*low), low->place}, {number_of(*high), high->place}};
  }
  return values_at(factor, text, kTailOfCheck, 1 - kTailOfCheck);
}

std::vector<FactorValue> corners_of(const SweepFactor& factor, const FactorText& text) {
  if (!is_distribution(text)) return ends_of(factor, text);
  std::vector<FactorValue> corners = values_at(factor, text, kTailOfPair, 1 - kTailOfPair);
  if (!factor.levels.empty() || factor.strata > 0) {
    corners[0].value = factor.at(0);
    corners[1].value = factor.at(1);
  }
  return corners;
}

}  // namespace tollgate
