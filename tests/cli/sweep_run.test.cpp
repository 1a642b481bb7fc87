/// Sweeps by the program: whole, in shards, cut short, resumed and merged.
#include <doctest/doctest.h>
#include <hdf5.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>

#include "output/info.hpp"
#include "tests/cli/session.hpp"

namespace fs = std::filesystem;
using tollgate::content_hash;
using tollgate::tests::Result;
using tollgate::tests::Session;

namespace {

const std::string kSweep = TOLLGATE_SOURCE_DIR "/tests/cluster/sweep.toml";

/// The content of the sweep as one thread writes it.
std::string whole(const Session& session) {
  REQUIRE(session.run("sweep " + kSweep + " --threads 1 -q -o whole.h5").status == 0);
  return content_hash(session.file("whole.h5"));
}

/// By h5diff: attributes such as dates differ, data do not.
bool has_same_data(const Session& session, const std::string& file) {
  const std::string command = "cd '" + session.folder().string() + "' && h5diff whole.h5 " + file +
                              " | grep -q '^dataset:'";
  return std::system(command.c_str()) != 0;
}

}  // namespace

TEST_CASE("a sweep is the same on one thread, on two, and merged from four shards") {
  const Session session;
  const std::string expected = whole(session);

  REQUIRE(session.run("sweep " + kSweep + " --threads 2 -q -o two.h5").status == 0);
  CHECK(content_hash(session.file("two.h5")) == expected);
  CHECK(has_same_data(session, "two.h5"));

  for (const char* shard : {"2/4", "0/4", "3/4", "1/4"}) {
    REQUIRE(session.run("sweep " + kSweep + " -q -o runs --shard " + shard).status == 0);
  }
  CHECK(session.run("status runs").text.find("100.0 %") != std::string::npos);
  REQUIRE(session.run("merge runs -o virtual.h5").status == 0);
  REQUIRE(session.run("merge runs -o copy.h5 --copy").status == 0);
  for (const char* file : {"virtual.h5", "copy.h5"}) {
    CAPTURE(file);
    CHECK(content_hash(session.file(file)) == expected);
    CHECK(has_same_data(session, file));
  }
}

TEST_CASE("a replica of a point is the replica of its scenario with these keys set") {
  const Session session;
  REQUIRE(whole(session) != "");
  // Point 4 of the grid: rate 0.1, price 25,000.
  const std::string world = TOLLGATE_SOURCE_DIR "/tests/performance/small_world.toml";
  REQUIRE(session
              .run("run " + world + " --set policy.levy.rate=0.1 --set chip.chip.price_usd=25000 " +
                   "--replicas 2000 -q -o point.h5")
              .status == 0);
  const std::string command =
      "cd '" + session.folder().string() +
      "' && h5dump -d /levy_receipts -s 4,0,0,0 -c 1,2000,4,1 whole.h5 | "
      "grep '(4,' | sed 's/.*: //; s/,//' > a; "
      "h5dump -d /levy_receipts -s 0,0,0 -c 2000,4,1 point.h5 | grep ',0): ' | "
      "sed 's/.*: //; s/,//' > b; "
      "test -s a && cmp a b";
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("a sweep killed at 20 random moments ends in the content of an undisturbed one") {
  const Session session;
  const std::string expected = whole(session);
  std::mt19937 moments(7);
  int killed = 0;
  for (int i = 0; i < 60 && killed < 20; ++i) {
    const auto has_begun = [&] { return fs::exists(session.file("out.h5.partial")); };
    const int status = session.interrupted({"sweep", kSweep, "-q", "--resume", "-o", "out.h5"},
                                           {SIGKILL}, static_cast<int>(moments() % 400), has_begun);
    if (WIFSIGNALED(status)) ++killed;
    if (!fs::exists(session.file("out.h5"))) continue;
    CHECK(content_hash(session.file("out.h5")) == expected);
    fs::remove(session.file("out.h5"));  // complete before all kills: once more from the start
  }
  CHECK(killed == 20);
  REQUIRE(session.run("sweep " + kSweep + " -q --resume -o out.h5").status == 0);
  CHECK(content_hash(session.file("out.h5")) == expected);
  CHECK(has_same_data(session, "out.h5"));
}

TEST_CASE("the command that a merge gives runs the missing shard of this sweep, from any folder") {
  const Session session;
  fs::create_directories(session.folder() / "it's here");
  fs::copy(TOLLGATE_SOURCE_DIR "/tests/performance/small_world.toml",
           session.folder() / "it's here/world.toml");
  {
    std::ofstream file(session.folder() / "it's here/sweep.toml");
    file << "format = 1\nbase = \"world.toml\"\n[factor.rate]\nkey = \"policy.levy.rate\"\n"
            "values = [0.1, 0.2]\n";
  }
  const std::string options =
      R"( --replicas 40 --seed 7 --set 'chip.chip.price_usd={ value = 25000 }' -q)";
  const std::string in_folder = "cd \"it's here\" && '" TOLLGATE_PROGRAM "' sweep sweep.toml";
  const auto shell = [&](const std::string& command) {
    return std::system(("cd '" + session.folder().string() + "' && " + command).c_str());
  };
  REQUIRE(shell("(" + in_folder + options + " -o ../whole.h5)") == 0);
  REQUIRE(shell("(" + in_folder + options + " -o '../my runs' --shard 0/2)") == 0);
  const Result refused = session.run("merge 'my runs' -o out.h5");
  REQUIRE(refused.status == 2);
  const std::size_t begin = refused.text.find("\ntollgate sweep ");
  REQUIRE(begin != std::string::npos);
  const std::string name = "\ntollgate ";
  const std::size_t after = begin + name.size();
  const std::string command = refused.text.substr(after, refused.text.find('\n', after) - after);
  CAPTURE(command);
  CHECK(session.run(command + " -q").status == 0);
  CHECK(session.run("merge 'my runs' -o out.h5").status == 0);
  CHECK(content_hash(session.file("out.h5")) == content_hash(session.file("whole.h5")));
}

TEST_CASE("a sweep with failed replicas ends with their status, also when it is gone on with") {
  const Session session;
  REQUIRE(whole(session) != "");
  {
    // As if one had failed: no shipped world has a replica that does.
    const hid_t file = H5Fopen(session.file("whole.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    for (const auto& [name, number] : {std::pair<const char*, std::int64_t>{"items_failed", 1},
                                       {"items_complete", 4 * 3 * 2000 - 1}}) {
      const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
      REQUIRE(H5Awrite(attribute, H5T_NATIVE_INT64, &number) >= 0);
      H5Aclose(attribute);
    }
    H5Fclose(file);
  }
  const Result again = session.run("sweep " + kSweep + " --resume --json -q -o whole.h5");
  CAPTURE(again.text);
  CHECK(again.status == 3);
  CHECK(nlohmann::json::parse(again.text)["failed"] == 1);
}

TEST_CASE("a time limit counts from the start of the program, not from when the sweep is loaded") {
  const Session session;
  {
    // 125 variants, each a scenario that is loaded twice and more: longer than the limit.
    std::ofstream file(session.file("sweep.toml"));
    file << "format = 1\nbase = \"h200-levy\"\n[sweep]\nreplicas = 1\n";
    for (const char* chip : {"h20", "h200", "h800"}) {
      file << "[factor." << chip << "]\nkey = \"chip." << chip << ".markets\"\n"
           << R"(values = [["us"], ["china"], ["us", "china"], ["row"], ["asean"]])"
           << "\n";
    }
  }
  const Result result = session.run("sweep sweep.toml --threads 1 --time-limit 0.5s --json -q");
  CAPTURE(result.text);
  CHECK(result.status == 130);
  CHECK(result.text.find("\"items\": 0,") != std::string::npos);
}

TEST_CASE("what cannot be merged or resumed is refused, and nothing that is finished is lost") {
  const Session session;
  const auto shard = [&](const std::string& arguments) {
    return session.run("sweep " + kSweep + " -q -o runs --shard " + arguments);
  };
  REQUIRE(shard("0/2").status == 0);

  const Result missing = session.run("merge runs -o out.h5");
  CHECK(missing.status == 2);
  CHECK(missing.text.find("--shard 1/2") != std::string::npos);
  CHECK_FALSE(fs::exists(session.file("out.h5")));

  REQUIRE(shard("1/2 --seed 2").status == 0);
  const Result other = session.run("merge runs -o out.h5");
  CHECK(other.status == 2);
  CHECK(other.text.find("seed") != std::string::npos);

  CHECK(shard("1/2").status == 2);           // it exists
  CHECK(shard("1/2 --resume").status == 2);  // of another seed
  CHECK(shard("1/2 --overwrite").status == 0);
  CHECK(session.run("merge runs -o out.h5").status == 0);

  const auto size = fs::file_size(session.file("runs/shard-00001-of-00002.h5"));
  fs::resize_file(session.file("runs/shard-00001-of-00002.h5"), size / 2);
  const Result torn = session.run("merge runs -o again.h5");
  CHECK(torn.status == 2);
  CHECK(torn.text.find("shard-00001-of-00002.h5") != std::string::npos);
  CHECK_FALSE(fs::exists(session.file("again.h5")));
  CHECK(session.run("info out.h5").status == 2);  // reads data that are no longer there

  CHECK(shard("5/4").status == 2);
  CHECK(shard("-1/4").status == 2);
  CHECK(shard("1/0").status == 2);
  CHECK(shard("one").status == 2);
}
