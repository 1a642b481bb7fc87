/// Runs that end before their last replica, and numbers that are not allowed.
#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "output/info.hpp"
#include "tests/cli/session.hpp"

namespace fs = std::filesystem;
using tollgate::tests::Result;
using tollgate::tests::Session;

namespace {

const std::string kShort = "run ban --json -q --until 2026-01-02 ";

}  // namespace

TEST_CASE("--until-ci ends at the same look, with the same file, whatever the threads") {
  const Session session;
  const std::string goals =
      "--replicas 60 --until-ci revenue.nvidia=12 --until-ci levy_receipts=1 ";
  const Result one = session.run(kShort + goals + "--threads 1 -o one.h5");
  const Result two = session.run(kShort + goals + "--threads 2 -o two.h5");
  CHECK(one.status == 0);
  CHECK(two.status == 0);
  CHECK(tollgate::content_hash(session.file("one.h5")) ==
        tollgate::content_hash(session.file("two.h5")));
  const auto json = nlohmann::json::parse(one.text);
  CHECK(json["ended_by"] == "until_ci");
  CHECK(json["interrupted"] == false);
  CHECK(json["replicas"] < 60);
  const auto& goal = json["until_ci"];
  CHECK(goal["looks"] == std::vector<int>{20, 30, 45, 60});
  CHECK(goal["estimand"] == "median");
  for (const auto& row : goal["rows"]) {
    CHECK(row["is_met"] == true);
    CHECK(row["half_width"] <= row["half_width_asked"]);
    CHECK(row["replicas"] == json["replicas"]);
  }
  for (const auto& row : json["headline"]) {
    if (row["name"] != "revenue.nvidia") continue;
    CHECK(row["median"] >= goal["rows"][0]["low"]);
    CHECK(row["median"] <= goal["rows"][0]["high"]);
  }
}

TEST_CASE("--until-ci runs all replicas when the goal is not met, and says so") {
  const Session session;
  const Result result =
      session.run("run ban --until 2026-01-02 --replicas 5 --until-ci revenue.nvidia=1e-9");
  CHECK(result.status == 0);
  CHECK(result.text.find("asked 1.0e-09: not met") != std::string::npos);
  CHECK(session.run("info ban.h5").text.find("5 complete") != std::string::npos);
}

TEST_CASE("--time-limit keeps what is done by then") {
  const Session session;
  const Result result = session.run(kShort + "--replicas 100000 --time-limit 2s -o out.h5");
  CHECK(result.status == 130);
  CHECK(result.text.find("\"ended_by\": \"time_limit\"") != std::string::npos);
  CHECK(result.text.find("time limit: ") != std::string::npos);
  CHECK(session.run("info out.h5").text.find(" complete") != std::string::npos);
  // Loading alone takes longer than this: a valid file without replicas.
  CHECK(session.run(kShort + "--time-limit 0.00001s -o none.h5").status == 130);
  CHECK(session.run("info none.h5").text.find("0 complete") != std::string::npos);
}

TEST_CASE("a number that is not allowed is named with what is") {
  const Session session;
  const std::string threads = "is not allowed; allowed is a whole number from 1 to 1024";
  const std::string replicas = "is not allowed; allowed is a whole number from 1 to 10000000";
  for (const auto& wrong : std::array<std::pair<const char*, std::string>, 17>{{
           {"--threads 0", "--threads: '0' " + threads},
           {"--threads 1000000", "--threads: '1000000' " + threads},
           {"--threads 1e6", "--threads: '1e6' " + threads},
           {"--threads -1", "--threads: '-1' " + threads},
           {"--threads abc", "--threads: 'abc' " + threads},
           {"--threads 1.5", "--threads: '1.5' " + threads},
           {"--replicas 0", "--replicas: '0' " + replicas},
           {"--replicas -1", "--replicas: '-1' " + replicas},
           {"--replicas 1e12", "--replicas: '1e12' " + replicas},
           {"--replicas 1000000000000", "--replicas: '1000000000000' " + replicas},
           {"--time-limit 10", "--time-limit 10: error: allowed is a number above 0 and a unit"},
           {"--time-limit 0s", "--time-limit 0s: error: allowed is a number above 0 and a unit"},
           {"--time-limit 5d", "--time-limit 5d: error: allowed is a number above 0 and a unit"},
           {"--until-ci domestic_shar=0.1", "did you mean 'domestic_share'?"},
           {"--until-ci domestic_share", "expected NAME=HALF_WIDTH"},
           {"--until-ci domestic_share=0", "expected NAME=HALF_WIDTH"},
           {"--until-ci domestic_share=1x", "expected NAME=HALF_WIDTH"},
       }}) {
    const std::string arguments = wrong.first;
    const std::string message = wrong.second;
    CAPTURE(arguments);
    const Result result = session.run("run ban " + arguments);
    CHECK(result.status == 2);
    CHECK(result.text.find(message) != std::string::npos);
  }
  CHECK(fs::is_empty(session.folder()));
}

TEST_CASE("a second Ctrl-C ends the program at once, and leaves no file under the final name") {
  const Session session;
  // A replica with three thousand buyers outlasts the test.
  const int status =
      session.interrupted({"run", "ban", "-q", "--set", "fringe.enterprises.count=3000",
                           "--replicas", "2", "-o", "out.h5"},
                          {SIGINT, SIGINT}, 1000, [&] { return !fs::is_empty(session.folder()); });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  CHECK_FALSE(fs::exists(session.file("out.h5")));
}
