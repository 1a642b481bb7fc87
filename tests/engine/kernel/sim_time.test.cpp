#include "engine/kernel/sim_time.hpp"

#include <doctest/doctest.h>

using namespace tollgate;

TEST_CASE("ISO dates of two centuries survive the round trip") {
  for (int day = -25567; day < 47482; day += 13) {  // 1900-01-01 to 2100-01-01
    const SimTime t = at_midnight(std::chrono::sys_days{std::chrono::days{day}});
    const std::string text = iso_date(t);
    CAPTURE(text);
    CHECK(parse_iso_date(text) == t);
    CHECK(iso_date(t + Duration{kMinutesPerDay - 1}) == text);
  }
}

TEST_CASE("what is no calendar date is refused") {
  for (const char* text : {"2025-02-29", "2025-13-01", "2025-00-10", "2025-1-10", "25-01-10",
                           "2025/01/10", "2025-01-10T00", "2025-01-1x", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso_date(text));
  }
  CHECK(parse_iso_date("2024-02-29"));
}

TEST_CASE("quarters begin on the first of January, April, July and October") {
  const SimTime t = parse_iso_date("2025-12-08").value();
  CHECK(quarter_name(quarter_of(t)) == "2025Q4");
  CHECK(iso_date(start_of(quarter_of(t))) == "2025-10-01");
  CHECK(quarter_of(start_of({2026 * 4})) == Quarter{2026 * 4});
  CHECK(quarter_of(start_of({2026 * 4}) - Duration{1}) == Quarter{2026 * 4 - 1});
}

TEST_CASE("days are rounded to the nearest minute") {
  CHECK(days_rounded(1.0).minutes == 1440);
  CHECK(days_rounded(0.5 / 1440).minutes == 1);
  CHECK(days_rounded(-2.0) == Duration{-2880});
}
