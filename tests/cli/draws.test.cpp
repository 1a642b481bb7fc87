/// Sampling designs, `show --draw` and `run --freeze` as an analyst meets them.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "output/info.hpp"
#include "tests/cli/session.hpp"

using namespace tollgate::tests;

namespace {

const std::string kShort = " -q --replicas 4 --until 2026-07-01 ";

}  // namespace

TEST_CASE("each design gives other draws, and the file says which it was") {
  const Session session;
  std::string before;
  for (const char* design : {"plain", "lhs", "sobol"}) {
    CAPTURE(design);
    const std::string file = std::string(design) + ".h5";
    CHECK(session.run("run h200-levy" + kShort + "--set run.sampling=" + design + " -o " + file)
              .status == 0);
    const std::string info = session.run("info " + file).text;
    CHECK(info.find("sampling") != std::string::npos);
    CHECK(info.find(design) != std::string::npos);
    const std::string hash = tollgate::content_hash(session.file(file.c_str()));
    CHECK(hash != before);
    before = hash;
  }
  const Result wrong = session.run("run h200-levy --set run.sampling=soboll");
  CHECK(wrong.status == 2);
  CHECK(wrong.text.find("did you mean 'sobol'?") != std::string::npos);
}

TEST_CASE("what show --draw prints is a scenario that runs") {
  const Session session;
  const Result shown = session.run("show h200-levy --draw 2");
  REQUIRE(shown.status == 0);
  std::ofstream(session.file("two.toml")) << shown.text;
  CHECK(session.run("check two.toml").text.find("0 uncertain numbers") != std::string::npos);
  CHECK(session.run("run two.toml" + kShort).status == 0);
  CHECK(session.run("show h200-levy --draw -1").status == 2);
  CHECK(session.run("show h200-levy --draw x").status == 2);
}

TEST_CASE("--freeze takes parameters or noise, and the file says which it was") {
  const Session session;
  for (const char* what : {"parameters", "noise"}) {
    const std::string file = std::string(what) + ".h5";
    CHECK(session.run("run h200-levy" + kShort + "--freeze " + what + " -o " + file).status == 0);
    CHECK(session.run("info " + file).text.find(what) != std::string::npos);
  }
  CHECK(session.run("run h200-levy" + kShort + "-o none.h5").status == 0);
  CHECK(tollgate::content_hash(session.file("parameters.h5")) !=
        tollgate::content_hash(session.file("none.h5")));
  CHECK(tollgate::content_hash(session.file("noise.h5")) !=
        tollgate::content_hash(session.file("none.h5")));
  CHECK(session.run("run h200-levy --freeze everything").status == 2);
}
