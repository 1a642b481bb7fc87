/// Sweeps with keep = "summary" by the program: whole, in shards, killed, stopped, resumed, merged.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "output/info.hpp"
#include "tests/cli/session.hpp"

namespace fs = std::filesystem;
using tollgate::content_hash;
using tollgate::tests::Result;
using tollgate::tests::Session;

namespace {

/// The sweep of the cluster tests, summarised, in the folder of the session.
std::string sweep_in(const Session& session, const std::string& settings = "replicas = 2000\n") {
  std::ofstream(session.folder() / "sweep.toml")
      << "format = 1\nbase = \"" TOLLGATE_SOURCE_DIR "/tests/performance/small_world.toml\"\n"
      << "[sweep]\nkeep = \"summary\"\n"
      << settings
      << "[factor.rate]\nkey = \"policy.levy.rate\"\nvalues = [0.0, 0.1, 0.25, 0.4]\n"
         "[factor.list_price]\nkey = \"chip.chip.price_usd\"\nlow = 20000\nhigh = 30000\n"
         "steps = 3\n";
  return "sweep.toml";
}

std::string whole(const Session& session, const std::string& sweep) {
  REQUIRE(session.run("sweep " + sweep + " --threads 1 -q -o whole.h5").status == 0);
  return content_hash(session.file("whole.h5"));
}

}  // namespace

TEST_CASE("a summary is the same on one thread, on two, and merged from four shards") {
  const Session session;
  const std::string sweep = sweep_in(session, "replicas = 800\n");
  const std::string expected = whole(session, sweep);
  CHECK(session.run("info whole.h5").text.find("keeps         summary") != std::string::npos);
  REQUIRE(session.run("sweep " + sweep + " --threads 2 -q -o two.h5").status == 0);
  CHECK(content_hash(session.file("two.h5")) == expected);

  for (const char* shard : {"2/4", "0/4", "3/4", "1/4"}) {
    REQUIRE(session.run("sweep " + sweep + " -q -o runs --shard " + shard).status == 0);
  }
  CHECK(session.run("status runs").text.find("9600 of 9600, 100.0 %") != std::string::npos);
  REQUIRE(session.run("merge runs -o virtual.h5").status == 0);
  REQUIRE(session.run("merge runs -o copy.h5 --copy").status == 0);
  CHECK(content_hash(session.file("virtual.h5")) == expected);
  CHECK(content_hash(session.file("copy.h5")) == expected);
}

TEST_CASE("a summary killed at 20 random moments ends in the content of an undisturbed one") {
  const Session session;
  const std::string sweep = sweep_in(session);
  const std::string expected = whole(session, sweep);
  std::mt19937 moments(7);
  int killed = 0;
  const std::string out = session.file("out.h5");
  for (int i = 0; i < 60 && killed < 20; ++i) {
    const auto has_begun = [&] { return fs::exists(out + ".partial") || fs::exists(out); };
    const int status = session.interrupted({"sweep", sweep, "-q", "--resume", "-o", "out.h5"},
                                           {SIGKILL}, static_cast<int>(moments() % 200), has_begun);
    if (WIFSIGNALED(status)) ++killed;
    if (!fs::exists(out)) continue;
    CHECK(content_hash(out) == expected);
    fs::remove(out);  // complete before all kills: once more from the start
  }
  CHECK(killed == 20);
  REQUIRE(session.run("sweep " + sweep + " -q --resume -o out.h5").status == 0);
  CHECK(content_hash(session.file("out.h5")) == expected);
}

// Of more items than are planned at a time, 65,536, and so over several rounds of threads.
TEST_CASE("a summary that is stopped in a point goes on in it") {
  const Session session;
  // Points long enough to be stopped in.
  const std::string sweep = sweep_in(session, "replicas = 6000\n");
  const std::string expected = whole(session, sweep);
  const auto has_begun = [&] { return fs::exists(session.file("out.h5.partial")); };
  const int status = session.interrupted({"sweep", sweep, "-q", "--threads", "2", "-o", "out.h5"},
                                         {SIGINT}, 300, has_begun);
  REQUIRE(WEXITSTATUS(status) == 130);
  const Result info = session.run("info out.h5");
  CHECK(info.status == 0);
  CHECK(info.text.find("not run, --resume runs them") != std::string::npos);
  REQUIRE(session.run("sweep " + sweep + " -q --resume -o out.h5").status == 0);
  CHECK(content_hash(session.file("out.h5")) == expected);
  CHECK_FALSE(fs::exists(session.file("out.h5.partial")));
}

TEST_CASE("a dry run says what a summary takes") {
  const Session session;
  ::setenv("TMPDIR", session.folder().c_str(), 1);
  const Result result =
      session.run("sweep " + sweep_in(session) + " --dry-run --set run.until=2026-07-01");
  ::unsetenv("TMPDIR");
  CHECK(result.status == 0);
  CHECK(result.text.find("keep summary") != std::string::npos);
  CHECK(result.text.find("while it is written") != std::string::npos);
  for (const auto& entry : fs::directory_iterator(session.folder())) {
    CHECK(entry.path().filename().string().find("tollgate-probe-") == std::string::npos);
  }
}

TEST_CASE("a summary of one replica a point makes no sense") {
  const Session session;
  const Result result = session.run("sweep " + sweep_in(session) + " --replicas 1 --dry-run");
  CHECK(result.status == 2);
  CHECK(result.text.find("sweep.toml:4:8: error: key 'sweep.keep' is \"summary\" with 1 replica") !=
        std::string::npos);
}
