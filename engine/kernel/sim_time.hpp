/// Simulation time: integer minutes since an epoch, with ISO 8601 dates at the edges.
///
/// Inside a run, time is a whole number of minutes: exact, totally ordered and the same on every
/// machine. Calendar dates (proleptic Gregorian, UTC) appear only where people read or write them.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

/// A span of simulation time in whole minutes.
struct Duration {
  std::int64_t minutes = 0;
  auto operator<=>(const Duration&) const = default;
};

/// A point of simulation time: whole minutes since 1970-01-01T00:00Z.
struct SimTime {
  std::int64_t minutes = 0;
  auto operator<=>(const SimTime&) const = default;
};

inline constexpr std::int64_t kMinutesPerDay = std::int64_t{24} * 60;
inline constexpr double kDaysPerYear = 365.25;
inline constexpr double kDaysPerMonth = kDaysPerYear / 12;

constexpr Duration operator+(Duration a, Duration b) { return {a.minutes + b.minutes}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.minutes - b.minutes}; }
constexpr SimTime operator+(SimTime t, Duration d) { return {t.minutes + d.minutes}; }
constexpr SimTime operator-(SimTime t, Duration d) { return {t.minutes - d.minutes}; }
constexpr Duration operator-(SimTime a, SimTime b) { return {a.minutes - b.minutes}; }

/// `n` whole days.
constexpr Duration days(std::int64_t n) { return {n * kMinutesPerDay}; }

/// `d` days, rounded to the nearest minute. Precondition: finite, magnitude below 1e9.
Duration days_rounded(double d);

/// The length of `d` in days, in years of 365.25 days.
constexpr double in_days(Duration d) {
  return static_cast<double>(d.minutes) / static_cast<double>(kMinutesPerDay);
}
constexpr double in_years(Duration d) { return in_days(d) / kDaysPerYear; }

/// Midnight UTC at the start of `date`.
constexpr SimTime at_midnight(std::chrono::sys_days date) {
  return {static_cast<std::int64_t>(date.time_since_epoch().count()) * kMinutesPerDay};
}

/// The calendar day that contains `t`.
std::chrono::year_month_day date_of(SimTime t);

/// Parses "YYYY-MM-DD"; nothing if the text is not a real calendar date.
std::optional<SimTime> parse_iso_date(std::string_view text);

/// "YYYY-MM-DD" of the day that contains `t`.
std::string iso_date(SimTime t);

/// A calendar quarter, counted from year 0 so that differences are quarter counts.
struct Quarter {
  int index = 0;  ///< year * 4 + (quarter of the year - 1)
  auto operator<=>(const Quarter&) const = default;
};

/// The calendar quarter that contains `t`.
Quarter quarter_of(SimTime t);

/// First instant of a quarter; the quarter's end is the first instant of the next one.
SimTime start_of(Quarter q);

/// "2025Q4".
std::string quarter_name(Quarter q);

}  // namespace tollgate
