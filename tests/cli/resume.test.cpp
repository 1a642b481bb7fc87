/// Runs that are cut short, and `--resume`.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "output/info.hpp"
#include "output/journal.hpp"
#include "tests/cli/session.hpp"

namespace fs = std::filesystem;
using tollgate::tests::Result;
using tollgate::tests::Session;

namespace {

const std::string kRun = "run h200-levy --until 2026-01-01 --replicas 300 -q -o ";

/// Sends signals, at once, when the journal has a batch beside the empty file it begins with.
int cut_short(const Session& session, const std::vector<int>& signals) {
  const std::string journal = session.file("out.h5.partial");
  const auto has_saved = [&] {
    return fs::exists(journal) && tollgate::Journal::glance_at(journal).frames() > 1;
  };
  return session.interrupted(
      {"run", "h200-levy", "--until", "2026-01-01", "--replicas", "300", "-q", "-o", "out.h5"},
      signals, 0, has_saved);
}

nlohmann::json without_clock(const Result& result) {
  nlohmann::json json = nlohmann::json::parse(result.text);
  for (const char* key : {"seconds", "resumed", "output"}) json.erase(key);
  return json;
}

}  // namespace

TEST_CASE("a run that was killed is told of by info, recovered, and resumed to the same results") {
  const Session session;
  const Result undisturbed = session.run(kRun + "undisturbed.h5 --json");
  REQUIRE(undisturbed.status == 0);

  REQUIRE(WIFSIGNALED(cut_short(session, {SIGKILL})));
  CHECK_FALSE(fs::exists(session.file("out.h5")));
  const Result info = session.run("info out.h5");
  CHECK(info.status == 0);
  CHECK(info.text.find("--resume") != std::string::npos);
  CHECK(info.text.find("of 300 still to be run") != std::string::npos);

  const Result refused = session.run(kRun + "out.h5");
  CHECK(refused.status == 2);
  CHECK(refused.text.find("--resume") != std::string::npos);
  const Result other = session.run(kRun + "out.h5 --resume --set policy.levy.rate=0.1");
  CHECK(other.status == 2);
  CHECK(other.text.find("rate = 0.1") != std::string::npos);
  CHECK(session.run(kRun + "out.h5 --resume --overwrite").status == 2);

  CHECK(session.run("recover out.h5.partial -o part.h5").status == 0);
  CHECK(session.run("info part.h5").text.find("of 300 not run") != std::string::npos);

  const Result resumed = session.run(kRun + "out.h5 --resume --json");
  CHECK(resumed.status == 0);
  CHECK(nlohmann::json::parse(resumed.text)["resumed"] > 0);
  CHECK(without_clock(resumed) == without_clock(undisturbed));
  CHECK(tollgate::content_hash(session.file("out.h5")) ==
        tollgate::content_hash(session.file("undisturbed.h5")));
  CHECK_FALSE(fs::exists(session.file("out.h5.partial")));
}

TEST_CASE("a run that was stopped leaves a shorter file, which is resumed") {
  const Session session;
  REQUIRE(session.run(kRun + "undisturbed.h5").status == 0);
  const int status = cut_short(session, {SIGTERM});
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(session.run("info out.h5").text.find("--resume runs them") != std::string::npos);
  CHECK(session.run(kRun + "out.h5").status == 2);  // it exists
  CHECK(session.run(kRun + "out.h5 --resume").status == 0);
  CHECK(tollgate::content_hash(session.file("out.h5")) ==
        tollgate::content_hash(session.file("undisturbed.h5")));
}

TEST_CASE("a SIGTERM that comes twice, as from a scheduler and a script, ends as one does") {
  const Session session;
  const int status = cut_short(session, {SIGTERM, SIGTERM});
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(fs::exists(session.file("out.h5")));
}

TEST_CASE("where the disk is full, what is finished is kept, and resumed when there is room") {
  const Session session;
  REQUIRE(session.run(kRun + "undisturbed.h5").status == 0);
  for (const int part : {2, 4}) {
    // A limit on the size of files fails as a full disk does, with another number.
    const auto blocks = fs::file_size(session.file("undisturbed.h5")) / 512 * (part - 1) / part;
    const Result full = session.run_with("ulimit -f " + std::to_string(blocks) + " &&",
                                         kRun + "out.h5 --threads 2 --resume");
    CHECK(full.status == 2);
    CHECK(full.text.find("File too large; finished replicas stay in 'out.h5.partial'") !=
          std::string::npos);
    CHECK_FALSE(fs::exists(session.file("out.h5")));
    CHECK(fs::exists(session.file("out.h5.partial")));
  }
  CHECK(session.run(kRun + "out.h5 --resume").status == 0);
  CHECK(tollgate::content_hash(session.file("out.h5")) ==
        tollgate::content_hash(session.file("undisturbed.h5")));
}
