/// `tollgate run --replica N --trace`, as a user types it.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/session.hpp"

using namespace tollgate::tests;

namespace {

const std::string kShort = "run h200-levy --until 2026-02-01 --replica 5 ";

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::size_t files_in(const Session& session) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(session.folder()),
                    std::filesystem::directory_iterator{}));
}

}  // namespace

TEST_CASE("one replica prints its values and writes no file unless it is told to") {
  const Session session;
  const Result result = session.run(kShort);
  CHECK(result.status == 0);
  CHECK(result.text.find("2025-10-01 to 2026-02-01, replica 5, seed 1") != std::string::npos);
  CHECK(result.text.find("value  unit") != std::string::npos);
  CHECK(files_in(session) == 0);
}

TEST_CASE("one replica has the headline that an ensemble of it alone has") {
  const Session session;
  const std::string same = "run h200-levy --until 2026-02-01 --json ";
  const Result alone = session.run(same + "--replica 0");
  const Result ensemble = session.run(same + "--replicas 1");
  const auto a = nlohmann::json::parse(alone.text);
  const auto b = nlohmann::json::parse(ensemble.text);
  CHECK(a["events"] == b["events"]);
  REQUIRE(a["headline"].size() == b["headline"].size());
  CHECK(a["headline"].size() > 10);
  for (std::size_t i = 0; i < a["headline"].size(); ++i) {
    CHECK(a["headline"][i]["name"] == b["headline"][i]["name"]);
    CHECK(a["headline"][i]["value"] == b["headline"][i]["median"]);
  }
}

TEST_CASE("the trace goes where it is told, in the format of its name, filtered") {
  const Session session;
  Result result = session.run(kShort + "--trace --trace-kind quarter_closed");
  CHECK(result.status == 0);
  const auto csv = lines_of(session.file("h200-levy-5.trace.csv"));
  REQUIRE(csv.size() == 2);  // the header, and the one quarter that ends within the run
  CHECK(csv[1].rfind("2026-01-01T00:00,", 0) == 0);

  result = session.run(kShort +
                       "--trace why.jsonl --trace-agent tencent --trace-from 2025-12-01 "
                       "--trace-until 2026-01-01");
  CHECK(result.status == 0);
  const auto rows = lines_of(session.file("why.jsonl"));
  CHECK(rows.size() > 10);
  for (const std::string& line : rows) {
    const auto row = nlohmann::json::parse(line);
    CHECK(row["time"].get<std::string>().substr(0, 7) == "2025-12");
    CHECK((row.value("agent", "") == "tencent" || row.value("customer", "") == "tencent"));
  }
  result = session.run(kShort + "--trace why.jsonl");
  CHECK(result.status == 2);  // it exists
  CHECK(result.text.find("--overwrite") != std::string::npos);
  result = session.run(kShort + "-o one.h5");
  CHECK(result.status == 0);
  CHECK(std::filesystem::exists(session.file("one.h5")));
}

TEST_CASE("wrong words about a replica and its trace are answered with the right ones") {
  const Session session;
  const auto refused = [&](const std::string& arguments, const char* answer) {
    const Result result = session.run(arguments);
    CAPTURE(arguments);
    CAPTURE(result.text);
    CHECK(result.status == 2);
    CHECK(result.text.find(answer) != std::string::npos);
  };
  refused(kShort + "--trace --trace-agent tencnt", "did you mean 'tencent'?");
  refused(kShort + "--trace --trace-chip h2000", "did you mean 'h200'?");
  refused(kShort + "--trace --trace-kind shiped", "did you mean 'shipped'?");
  refused(kShort + "--trace --trace-from 2026-13-01", "not a date");
  refused(kShort + "--trace why.txt", ".jsonl");
  refused(kShort + "--trace-chip h200", "--trace");
  refused("run h200-levy --trace", "--replica");
  refused("run h200-levy --replica -1", "--replica");
  refused("run h200-levy --replica 4294967296", "--replica");
  CHECK(files_in(session) == 0);
}
