// What a sweep would run, as a user sees it.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/cli/session.hpp"

using namespace tollgate::tests;

namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a dry run says design, size, factors and the first points in 80 columns") {
  const Session session;
  for (const char* name : {"levy-rates", "policies", "sensitivity"}) {
    CAPTURE(name);
    const Result result = session.run(std::string("sweep ") + name + " --dry-run");
    CHECK(result.status == 0);
    for (const std::string& line : lines(result.text)) CHECK(line.size() <= 80);
  }
  const Result rates = session.run("sweep levy-rates --dry-run --replicas 1000 --seed 4");
  CHECK(rates.text.find("design grid: 11 points x 1,000 replicas = 11,000 items\n"
                        "1 variant, seed 4, the same noise at all points, keep all\n") !=
        std::string::npos);
  CHECK(rates.text.find("rate  policy.levy.rate  1\n    11 values, 0 to 0.5\n") !=
        std::string::npos);
  CHECK(std::filesystem::is_empty(session.folder()));
}

TEST_CASE("the points of any design, written to a file, are a table of the same points") {
  const Session session;
  std::ofstream(session.folder() / "sweep.toml")
      << "format = 1\nbase = \"h200-levy\"\n[sweep]\ndesign = \"lhs\"\npoints = 9\nreplicas = 1\n"
         "[factor.rate]\nkey = \"policy.levy.rate\"\nlow = 0.0\nhigh = 0.5\n"
         "[factor.from]\nkey = \"policy.levy.effective\"\nlow = 2026-01-15\nhigh = 2026-12-31\n"
         "[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, false]\n";
  std::ofstream(session.folder() / "table.toml")
      << "format = 1\nbase = \"h200-levy\"\n[sweep]\ndesign = \"table\"\nfile = \"points.csv\"\n"
         "[factor.rate]\nkey = \"policy.levy.rate\"\n"
         "[factor.from]\nkey = \"policy.levy.effective\"\n"
         "[factor.noisy]\nkey = \"run.noise\"\nvalues = [true, false]\n";
  REQUIRE(session.run("sweep sweep.toml --dry-run --points points.csv").status == 0);
  const Result again = session.run("sweep table.toml --dry-run --points again.csv");
  CHECK(again.text.find("design table: 9 points") != std::string::npos);
  CHECK(content(session.file("points.csv")) == content(session.file("again.csv")));
  CHECK(lines(content(session.file("points.csv"))).size() == 10);
  CHECK(content(session.file("points.csv")).starts_with("rate,from,noisy\n0."));

  const Result refused = session.run("sweep sweep.toml --dry-run --points points.csv");
  CHECK(refused.status == 2);
  CHECK(refused.text.find("points.csv") != std::string::npos);
  CHECK(session.run("sweep sweep.toml --dry-run --points points.csv --overwrite").status == 0);
}

TEST_CASE("a mistake in a sweep is the user's, shown at its place") {
  const Session session;
  std::ofstream(session.folder() / "bad.toml")
      << "format = 1\nbase = \"h200-levy\"\n[factor.rate]\nkey = \"policy.levy.rate\"\n"
         "values = [0.1, 1.5]\n";
  const Result result = session.run("sweep bad.toml --dry-run");
  CHECK(result.status == 2);
  CHECK(result.text ==
        "bad.toml:5:16: error: key 'policy.levy.rate' is 1.5; allowed is a number from 0 below 1\n"
        "    5 | values = [0.1, 1.5]\n"
        "      |                ^\n"
        "1 error\n");
  const Result unknown = session.run("sweep levy-rate --dry-run");
  CHECK(unknown.status == 2);
  CHECK(unknown.text.find("did you mean 'levy-rates'?") != std::string::npos);
  const Result seed = session.run("sweep levy-rates --dry-run --seed 18446744073709551615");
  CHECK(seed.status == 2);
  const Result set = session.run("sweep levy-rates --dry-run --set policy.levy.rate=0.3");
  CHECK(set.status == 2);
  CHECK(set.text.find("is set here, but factor 'rate' varies it") != std::string::npos);
}

TEST_CASE("the list of what is shipped names the sweeps") {
  const Session session;
  const Result result = session.run("list");
  CHECK(result.text.find("Sweeps\n  levy-rates") != std::string::npos);
}
