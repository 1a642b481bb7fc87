#include "engine/kernel/sim_time.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace tollgate {
namespace {

std::chrono::sys_days day_of(SimTime t) {
  const std::chrono::minutes since_epoch{t.minutes};
  return std::chrono::sys_days{std::chrono::floor<std::chrono::days>(since_epoch)};
}

/// Reads exactly `digits` decimal digits; nothing if there is anything else.
std::optional<int> parse_digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Duration days_rounded(double d) {
  return {static_cast<std::int64_t>(std::llround(d * static_cast<double>(kMinutesPerDay)))};
}

std::chrono::year_month_day date_of(SimTime t) { return std::chrono::year_month_day{day_of(t)}; }

std::optional<SimTime> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_digits(text.substr(0, 4));
  const auto month = parse_digits(text.substr(5, 2));
  const auto day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return at_midnight(std::chrono::sys_days{date});
}

std::string iso_date(SimTime t) {
  const auto date = date_of(t);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

Quarter quarter_of(SimTime t) {
  const auto date = date_of(t);
  return {static_cast<int>(date.year()) * 4 +
          static_cast<int>(static_cast<unsigned>(date.month()) - 1) / 3};
}

SimTime start_of(Quarter q) {
  const int year = q.index / 4;
  const unsigned month = static_cast<unsigned>(q.index % 4) * 3 + 1;
  return at_midnight(std::chrono::sys_days{std::chrono::year_month_day{
      std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{1}}});
}

std::string quarter_name(Quarter q) {
  return std::to_string(q.index / 4) + "Q" + std::to_string(q.index % 4 + 1);
}

}  // namespace tollgate
