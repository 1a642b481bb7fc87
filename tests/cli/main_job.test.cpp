/// The program as its user sees it: run as a process, on the shipped scenarios.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "output/info.hpp"
#include "tests/cli/session.hpp"

namespace fs = std::filesystem;
using tollgate::tests::Result;
using tollgate::tests::Session;

namespace {

const std::string kShort = " --replicas 6 --until 2027-07-01 ";

double headline(const Result& result, const std::string& name) {
  const auto json = nlohmann::json::parse(result.text);
  for (const auto& row : json["headline"]) {
    if (row["name"] == name) return row["median"];
  }
  FAIL("no headline row " << name);
  return 0;
}

}  // namespace

TEST_CASE("the levy brings receipts, the ban brings none, with the same seed") {
  const Session session;
  const Result levy = session.run("run h200-levy --json -q -o levy.h5" + kShort);
  const Result ban = session.run("run ban --json -q -o ban.h5" + kShort);
  CHECK(levy.status == 0);
  CHECK(ban.status == 0);
  CHECK(headline(levy, "levy_receipts") > 0);
  CHECK(headline(ban, "levy_receipts") == 0);
}

TEST_CASE("1 and 2 threads give identical datasets, another seed does not") {
  const Session session;
  CHECK(session.run("run h200-levy -q --threads 1 -o one.h5" + kShort).status == 0);
  CHECK(session.run("run h200-levy -q --threads 2 -o two.h5" + kShort).status == 0);
  CHECK(session.run("run h200-levy -q --seed 2 -o other.h5" + kShort).status == 0);
  const std::string one = tollgate::content_hash(session.file("one.h5"));
  CHECK(tollgate::content_hash(session.file("two.h5")) == one);
  CHECK(tollgate::content_hash(session.file("other.h5")) != one);
}

TEST_CASE("a levy of 0% equals no levy, bit for bit") {
  const Session session;
  CHECK(session.run("run h200-levy -q --set policy.levy.rate=0 -o zero.h5" + kShort).status == 0);
  CHECK(
      session.run("run h200-levy -q --set policy.levy.enabled=false -o none.h5" + kShort).status ==
      0);
  CHECK(session.run("run h200-levy -q -o full.h5" + kShort).status == 0);
  CHECK(tollgate::content_hash(session.file("zero.h5")) ==
        tollgate::content_hash(session.file("none.h5")));
  CHECK(tollgate::content_hash(session.file("zero.h5")) !=
        tollgate::content_hash(session.file("full.h5")));
}

TEST_CASE("every shipped scenario runs, with chips and cents conserved") {
  const Session session;
  for (const char* name : {"world-2022", "world-2025", "open", "ban", "licence", "h200-levy",
                           "levy-amd-intel", "volume-cap", "history", "history-blind"}) {
    CAPTURE(name);
    const Result result = session.run(std::string("run ") + name + " --json -q --replicas 2");
    CHECK(result.status == 0);
    CHECK(nlohmann::json::parse(result.text)["failed"] == 0);
    CHECK(fs::exists(session.file((std::string(name) + ".h5").c_str())));
  }
}

TEST_CASE("bad input ends with status 2 and writes nothing") {
  const Session session;
  for (const char* arguments :
       {"run h20-levy", "run h200-levy --set policy.levy.rte=0.1", "run h200-levy --replicas 0",
        "run h200-levy --replicas -1", "run h200-levy --threads 0",
        "run h200-levy --threads 1000000", "run h200-levy --until tomorrow",
        "run h200-levy -o /nonexistent/out.h5", "frobnicate", "info missing.h5",
        "check missing.toml", ""}) {
    CAPTURE(arguments);
    const Result result = session.run(arguments);
    CHECK(result.status == 2);
    CHECK_FALSE(result.text.empty());
  }
  CHECK(fs::is_empty(session.folder()));
}

TEST_CASE("an existing output is kept, and --overwrite replaces it") {
  const Session session;
  CHECK(session.run("run ban -q -o out.h5 --replicas 1").status == 0);
  const Result again = session.run("run ban -q -o out.h5 --replicas 1 --seed 9");
  CHECK(again.status == 2);
  CHECK(again.text.find("--overwrite") != std::string::npos);
  CHECK(session.run("run ban -q -o out.h5 --replicas 1 --overwrite").status == 0);
}

TEST_CASE("-q says nothing, info and list say what is there") {
  const Session session;
  const Result quiet = session.run("run ban -q --replicas 1");
  CHECK(quiet.text.empty());
  const Result info = session.run("info ban.h5");
  CHECK(info.status == 0);
  CHECK(info.text.find("1 complete") != std::string::npos);
  const Result list = session.run("list");
  CHECK(list.text.find("h200-levy") != std::string::npos);
  CHECK(session.run("check h200-levy").text.find("valid") != std::string::npos);
}

namespace {

/// Interrupts a long run after some replicas: it has begun when its temporary file is there.
int interrupted_run(const Session& session, int signal) {
  return session.interrupted({"run", "h200-levy", "-q", "--replicas", "100000", "-o", "out.h5"},
                             {signal}, 1500, [&] { return !fs::is_empty(session.folder()); });
}

}  // namespace

TEST_CASE("Ctrl-C finishes the replicas in flight and leaves a valid file") {
  const Session session;
  const int status = interrupted_run(session, SIGINT);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  const Result info = session.run("info out.h5");
  CHECK(info.status == 0);
  CHECK(info.text.find("complete") != std::string::npos);
  CHECK(info.text.find("failed") == std::string::npos);
}

TEST_CASE("kill -9 in mid-run leaves no file under the final name") {
  const Session session;
  const int status = interrupted_run(session, SIGKILL);
  CHECK(WIFSIGNALED(status));
  CHECK_FALSE(fs::exists(session.file("out.h5")));
}
