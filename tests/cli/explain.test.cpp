/// `tollgate explain` as an analyst meets it.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/session.hpp"

using namespace tollgate::tests;

TEST_CASE("explain names each rule that meets a sale, with its standing, effect and source") {
  const Session session;
  const Result result =
      session.run("explain history --date 2026-02-01 --chip h200 --buyer tencent --json");
  REQUIRE(result.status == 0);
  const auto json = nlohmann::json::parse(result.text);
  CHECK(json["needs_licence"] == true);
  CHECK(json["is_barred"] == false);
  CHECK(json["decided_by"] == "bis_2026");
  const auto rule = [&](const std::string& id) {
    for (const auto& row : json["rules"]) {
      if (row["id"] == id) return row;
    }
    FAIL("no rule " << id);
    return nlohmann::json{};
  };
  CHECK(rule("bis_2026")["standing"] == "applies");
  CHECK(rule("bis_2026")["effect"] == "licence, case by case");
  CHECK(rule("bis_2022")["standing"] == "over");
  CHECK_FALSE(rule("bis_2026")["source"].get<std::string>().empty());
  const double duty = json["duty_rate"];
  CHECK(duty > 0);
}

TEST_CASE("explain fits 80 columns, and its verdict is the last line") {
  const Session session;
  const Result result = session.run("explain ban --date 2026-02-01 --chip h200 --buyer tencent");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.text);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.size() <= 80);
    last = line;
  }
  CHECK(last == "In all: barred");
}

TEST_CASE("explain refuses an unknown chip, buyer or date with what is allowed") {
  const Session session;
  const Result chip = session.run("explain ban --chip h20O");
  CHECK(chip.status == 2);
  CHECK(chip.text.find("--chip is 'h20O'; allowed is the id of a chip; did you mean 'h20'?") !=
        std::string::npos);
  CHECK(session.run("explain ban --date 2026-13-01").status == 2);
  CHECK(session.run("explain ban --buyer nobody").status == 2);
}
