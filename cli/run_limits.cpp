#include "cli/run_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "scenarios/diagnostics.hpp"

namespace tollgate {
namespace {

/// The number that `text` begins with, whose rest is `unit`.
std::optional<double> number_before(const std::string& text, std::string& unit) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  unit.assign(stop, end);
  return number;
}

double seconds_in(const std::string& unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  return 0;
}

}  // namespace

std::chrono::nanoseconds parse_time_limit(const std::string& text) {
  constexpr double kLongestHours = 24 * 365;
  std::string unit;
  const double seconds = number_before(text, unit).value_or(0) * seconds_in(unit);
  if (!(seconds > 0) || seconds > kLongestHours * 3600) {
    refuse("--time-limit " + text,
           "allowed is a number above 0 and a unit, s, m or h, up to a year: 90s, 10m, 1.5h");
  }
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

PrecisionGoals::PrecisionGoals(const std::vector<std::string>& goals, const Headline& headline,
                               std::uint32_t replicas)
    : headline_(headline), looks_(plan_looks(replicas)) {
  const std::vector<std::string> names = headline.names();
  for (const std::string& text : goals) {
    const auto equals = std::min(text.find('='), text.size());
    const std::string name = text.substr(0, equals);
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      const std::string hint = suggestion(name, names);
      refuse("--until-ci " + text,
             fmt::format("'{}' is no row of the headline{}", name,
                         hint.empty() ? "; allowed is " + enumerate(names) : hint));
    }
    std::string rest;
    const double half_width =
        equals < text.size() ? number_before(text.substr(equals + 1), rest).value_or(0) : 0;
    if (!(half_width > 0) || !rest.empty()) {
      refuse("--until-ci " + text,
             "expected NAME=HALF_WIDTH, a number above 0 in the row's unit, for example "
             "--until-ci domestic_share=0.01");
    }
    goals_.push_back({name, static_cast<std::size_t>(found - names.begin()), half_width});
  }
}

std::vector<PrecisionGoals::Standing> PrecisionGoals::standings(std::uint32_t end) const {
  std::vector<Standing> result;
  for (const Goal& goal : goals_) {
    const std::vector<double> sample = headline_.sample(goal.place, end);
    result.push_back({goal, median_interval(sample, looks_.error), sample.size()});
  }
  return result;
}

bool PrecisionGoals::are_met(std::uint32_t end) const {
  return std::ranges::all_of(standings(end), &Standing::is_met);
}

}  // namespace tollgate
