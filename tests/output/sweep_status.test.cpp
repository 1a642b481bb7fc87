/// How far shards are is told while they run, and after they were cut short.
#include "output/sweep_status.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "output/journal.hpp"
#include "tests/output/small_sweep.hpp"

using namespace tollgate;
using namespace tollgate::tests;

TEST_CASE("status tells complete, running, stopped, missing and unreadable shards apart") {
  const Folder folder;
  const std::string runs = folder.file("runs");
  SmallSweep sweep{.points = 50};
  write_shards(runs, sweep, 20, {3, 7, 8, 9, 11, 15});
  const RecordLayout layout = small_layout();
  const auto open = [&](std::uint32_t number) {
    sweep.shard = Shard{number, 20};
    return std::make_unique<EnsembleWriter>(
        shard_path(runs, *sweep.shard), layout, sweep.replicas, sweep.ensemble(), kParameters,
        sweep.about(), false, WriterOptions{.longest_wait = std::chrono::milliseconds(10)});
  };
  const auto stopped = [&](std::uint32_t number, std::uint64_t until) {
    const auto writer = open(number);
    add_missing(*writer, layout, until);
  };
  stopped(7, 1800);
  {
    std::ofstream file(shard_path(runs, {15, 20}));
    file << "cut short by another program";
  }
  const auto running = open(11);
  add_missing(*running, layout, 2850);
  while (running->saved() < 86) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  const SweepStatus status = sweep_status({runs});
  CHECK(status.of == 20);
  CHECK(status.count(ShardState::kComplete) == 14);
  CHECK(status.shards[11].state == ShardState::kRunning);
  CHECK(status.shards[11].counts.settled() == running->saved());
  CHECK(status.shards[7].state == ShardState::kStopped);
  CHECK(status.shards[7].counts.settled() > 0);
  CHECK(status.shards[15].state == ShardState::kUnreadable);
  for (const std::uint32_t number : {3U, 8U, 9U}) {
    CHECK(status.shards[number].state == ShardState::kMissing);
    CHECK(status.shards[number].counts.planned > 200);
  }
  CHECK(status.counts.planned == 5000);
  CHECK(status.counts.failed == 1);

  const std::string text = status_text(status, 0);
  CAPTURE(text);
  CHECK(text.find("20 shards: 14 complete, 1 running, 1 stopped, 3 missing, 1 unreadable") !=
        std::string::npos);
  CHECK(text.find("missing     3,8-9") != std::string::npos);
  const auto json = nlohmann::json::parse(status_json(status));
  CHECK(json["items"]["planned"] == 5000);
  CHECK(json["shards"].size() == 20);
  CHECK(json["shards"][7]["state"] == "stopped");
  // Looking did not disturb it.
  write_sweep(shard_path(runs, {7, 20}), {.points = 50, .shard = Shard{7, 20}}, true);
  CHECK(sweep_status({runs}).shards[7].state == ShardState::kComplete);
}

TEST_CASE("shards of which none can be read are not all there") {
  const Folder folder;
  for (const std::uint32_t number : {0U, 1U}) {
    std::ofstream file(shard_path(folder.path().string(), {number, 2}));
    file << "cut short by another program";
  }
  std::ofstream(journal_path(shard_path(folder.path().string(), {1, 2}))).close();
  const SweepStatus status = sweep_status({folder.path().string()});
  const std::string text = status_text(status, 0);
  CAPTURE(text);
  CHECK(text.find('%') == std::string::npos);
  CHECK(text.find("not known") != std::string::npos);
  CHECK(nlohmann::json::parse(status_json(status))["items"]["planned"].is_null());
}

TEST_CASE("a file that claims to be of billions of shards is none") {
  const Folder folder;
  std::ofstream(folder.file("shard-00000-of-4000000000.h5")).close();
  CHECK_THROWS_WITH_AS(sweep_status({folder.path().string()}),
                       doctest::Contains("there are no shards"), OutputError);
  write_shards(folder.path().string(), {.points = 9}, 2);
  CHECK(sweep_status({folder.path().string()}).of == 2);
}

TEST_CASE("the text of many shards has 20 lines of 80 columns at most") {
  SweepStatus status;
  status.of = 1000;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ShardStatus shard;
    shard.number = i;
    shard.state = static_cast<ShardState>(i * 7 % 5);
    shard.counts = {100000 + i, 3, 123456789};
    shard.items_per_second = 12.345;
    shard.last = 1;
    status.shards.push_back(shard);
  }
  status.counts = {100'000'000, 3000, 123'456'789'000};
  status.items_per_second = 12345;
  status.seconds_left = 1e7;
  std::istringstream lines(status_text(status, 100000));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
  CHECK(count <= 20);
}
