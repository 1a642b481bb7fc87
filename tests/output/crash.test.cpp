/// What is left when a run is killed, stopped, or out of disk, and that it can be gone on with.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "output/info.hpp"
#include "output/partial.hpp"
#include "tests/output/small_ensemble.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr std::uint32_t kReplicas = 600;
constexpr std::uint32_t kFailing = 333;

/// Options under which batches leave late, early, full and in parts.
WriterOptions hasty(bool is_resuming) {
  return {.is_resuming = is_resuming,
          .queued_batches = 1,
          .open_batches = 2,
          .longest_wait = std::chrono::milliseconds(5)};
}

/// Goes on with `path`, or begins it, from two threads; tells `report` what is saved.
void run_to_end(const std::string& path, bool is_resuming,
                const std::function<void(std::uint64_t)>& report = {},
                std::chrono::microseconds pause = {}) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false,
                        hasty(is_resuming));
  const std::vector<std::uint32_t> missing = writer.missing();
  const auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < missing.size(); i += 2) {
      std::this_thread::sleep_for(pause);
      if (missing[i] == kFailing) {
        writer.fail({kFailing, 7, "broke"});
      } else {
        writer.add(missing[i], record_of(layout, missing[i]));
      }
      if (report) report(writer.saved());
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  writer.finish();
  if (report) report(writer.saved());
}

/// Runs `body` in a process of its own that does not return from it.
pid_t in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    body();
    std::_Exit(0);
  }
  return child;
}

int exit_status(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string hash_of_undisturbed(const Folder& folder) {
  run_to_end(folder.file("undisturbed.h5"), false);
  return content_hash(folder.file("undisturbed.h5"));
}

/// Leaves a journal with the replicas 0 .. count-1 in it.
void leave_partial(const std::string& path, std::uint32_t count) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false);
  for (std::uint32_t i = 0; i < count; ++i) writer.add(i, record_of(layout, i));
}

}  // namespace

TEST_CASE(
    "kill -9 at 50 random moments loses no replica that was reported, and resuming ends in the "
    "same content") {
  const Folder folder;
  const std::string undisturbed = hash_of_undisturbed(folder);
  const auto start = std::chrono::steady_clock::now();
  constexpr std::chrono::microseconds kPause{300};
  CHECK(exit_status(in_child([&] { run_to_end(folder.file("timed.h5"), false, {}, kPause); })) ==
        0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);

  std::mt19937 random(20261125);  // seeded moments
  int with_replicas = 0;
  int before_the_end = 0;
  for (int victim = 0; victim < 50; ++victim) {
    CAPTURE(victim);
    const std::string path = folder.file("out.h5");
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = in_child([&] {
      run_to_end(
          path, false,
          [&](std::uint64_t saved) {
            if (::write(pipe_ends[1], &saved, sizeof saved) != sizeof saved) std::_Exit(1);
          },
          kPause);
    });
    ::close(pipe_ends[1]);
    // The pipe is drained while the child lives: 64 KiB hold all it can say.
    std::this_thread::sleep_for(whole * (random() % 1000) / 1000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::uint64_t reported = 0;
    for (std::uint64_t saved = 0; ::read(pipe_ends[0], &saved, sizeof saved) == sizeof saved;) {
      reported = std::max(reported, saved);
    }
    ::close(pipe_ends[0]);

    // Every reported replica is read back, and what is read is right.
    if (!fs::exists(path)) {
      ++before_the_end;
      if (reported > 0) {
        ++with_replicas;
        const std::string rescued = folder.file("rescued.h5");
        CHECK(recover(path + ".partial", rescued, true) >= reported);
        const std::vector<std::int64_t> revenue = read_integers(rescued, "revenue");
        const std::vector<std::int64_t> state = read_integers(rescued, "replica_status");
        std::uint32_t there = 0;
        for (std::uint32_t i = 0; i < state.size(); ++i) {
          if (state[i] == 0) continue;
          ++there;
          REQUIRE((state[i] == 1) == (i != kFailing));
          if (state[i] == 1) REQUIRE(is_whole(revenue, i));
        }
        CHECK(there >= reported);
      }
    }
    run_to_end(path, true);
    CHECK(content_hash(path) == undisturbed);
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
      CHECK(entry.path().extension() == ".h5");  // nothing temporary is left
    }
    fs::remove(path);
  }
  MESSAGE(before_the_end << " killed before the end, " << with_replicas << " with replicas");
  CHECK(with_replicas >= 10);  // the moments were not all too early or too late
}

TEST_CASE("a run that is killed while it resumes is resumed again") {
  const Folder folder;
  const std::string undisturbed = hash_of_undisturbed(folder);
  const std::string path = folder.file("out.h5");
  for (int attempt = 0; attempt < 6; ++attempt) {
    const pid_t child =
        in_child([&] { run_to_end(path, true, {}, std::chrono::microseconds(500)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    ::kill(child, SIGKILL);
    exit_status(child);
  }
  run_to_end(path, true);
  CHECK(content_hash(path) == undisturbed);
}

TEST_CASE("a run that was stopped is a shorter file, and resuming completes it") {
  const Folder folder;
  const std::string undisturbed = hash_of_undisturbed(folder);
  const std::string path = folder.file("out.h5");
  {
    const RecordLayout layout = small_layout();
    EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false);
    for (std::uint32_t i = 0; i < 77; ++i) writer.add(i, record_of(layout, i));
    writer.finish();
  }
  CHECK(describe_file(path).find("77 complete; 523 of 600 not run") != std::string::npos);
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false, hasty(true));
    CHECK(writer.missing().size() == 523);
    CHECK(writer.missing().front() == 77);
    std::vector<std::uint32_t> seen;
    writer.for_each_saved(
        [&](std::uint32_t replica, const Record& record) {
          seen.push_back(replica);
          CHECK(record.integer(SeriesId{0}, 3, 1, 2) == replica * std::int64_t{1000} + 312);
          CHECK(record.real(SeriesId{1}, 2) == 0.5 + replica);
          CHECK(record.draws == std::vector<double>{1.5 * replica});
          CHECK(record.events == 100 + replica);
        },
        [](const ReplicaFailure&) { FAIL("none failed"); });
    CHECK(seen.size() == 77);
  }
  run_to_end(path, true);
  CHECK(content_hash(path) == undisturbed);
  run_to_end(path, true);  // there is nothing left to do
  CHECK(content_hash(path) == undisturbed);
}

TEST_CASE("a kill while a shorter file is taken over loses none of its replicas") {
  const Folder folder;
  const std::string undisturbed = hash_of_undisturbed(folder);
  const std::string path = folder.file("out.h5");
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false);
    for (std::uint32_t i = 0; i < 300; ++i) writer.add(i, record_of(layout, i));
    writer.finish();
  }
  const auto missing = [&] {
    const EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false,
                                hasty(true));
    return writer.missing().size();
  };
  REQUIRE(missing() == 300);
  // The journal has all of the file now; a kill would have left any first part of it.
  const auto size = fs::file_size(path + ".partial");
  for (const double part : {0.95, 0.7, 0.4, 0.1}) {
    fs::resize_file(path + ".partial", static_cast<std::uintmax_t>(part * double(size)));
    CHECK(missing() == 300);
  }
  run_to_end(path, true);
  CHECK(content_hash(path) == undisturbed);
}

TEST_CASE(
    "a full disk is an error that says what is kept, and the rest is run when there is room") {
  const Folder folder;
  const std::string undisturbed = hash_of_undisturbed(folder);
  const std::string path = folder.file("out.h5");
  leave_partial(path, 64);
  const auto room = fs::file_size(path + ".partial") + 3000;
  const pid_t child = in_child([&] {
    // Writing past the limit fails as on a full disk, with another number.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{room, room};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(9);
    try {
      const RecordLayout layout = small_layout();
      EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false, hasty(true));
      for (const std::uint32_t i : writer.missing()) writer.add(i, record_of(layout, i));
      writer.finish();
    } catch (const OutputError& error) {
      const std::string text = error.what();
      std::_Exit(text.find(".partial") != std::string::npos &&
                         text.find("--resume") != std::string::npos
                     ? 42
                     : 8);
    }
  });
  CHECK(exit_status(child) == 42);
  CHECK_FALSE(fs::exists(path));
  run_to_end(path, true);
  CHECK(content_hash(path) == undisturbed);
}

TEST_CASE("a disk that is full from the start leaves nothing") {
  const Folder folder;
  const pid_t child = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(9);
    try {
      write_all(folder.file("out.h5"), {0, 1, 2});
    } catch (const OutputError&) {
      std::_Exit(42);
    }
  });
  CHECK(exit_status(child) == 42);
  CHECK(folder.files() == 0);
}

TEST_CASE("a folder that may only be read is refused, to root too") {
  CHECK_THROWS_AS(write_all("/proc/out.h5", {0}), OutputError);  // nobody may write there
  const Folder folder;
  fs::permissions(folder.file(""), static_cast<fs::perms>(0555));
  const pid_t child = in_child([&] {
    constexpr uid_t kNobody = 65534;
    // Permissions do not bind root: become somebody whom they bind.
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) std::_Exit(9);
    try {
      write_all(folder.file("out.h5"), {0});
    } catch (const OutputError& error) {
      std::_Exit(std::string(error.what()).find("cannot be written to") != std::string::npos ? 42
                                                                                             : 8);
    }
  });
  CHECK(exit_status(child) == 42);
  fs::permissions(folder.file(""), fs::perms::owner_all);
  CHECK(folder.files() == 0);
}

TEST_CASE("two processes do not write one output") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  const RecordLayout layout = small_layout();
  EnsembleWriter first(path, layout, 10, metadata(), kParameters, false);
  for (const bool is_resuming : {false, true}) {
    // Overwriting as well: what another one is writing is not there to be replaced.
    CHECK_THROWS_WITH_AS(EnsembleWriter(path, layout, 10, metadata(), kParameters, !is_resuming,
                                        {.is_resuming = is_resuming}),
                         doctest::Contains("another process is writing"), OutputError);
  }
  for (std::uint32_t i = 0; i < 10; ++i) first.add(i, record_of(layout, i));
  first.finish();
  CHECK(read_integers(path, "revenue").size() == 240);
}

TEST_CASE("what is there is neither written over nor resumed unless it is of the same run") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  leave_partial(path, 100);
  const RecordLayout layout = small_layout();
  const auto attempt = [&](const EnsembleMetadata& about, std::uint32_t replicas, bool overwrite,
                           bool is_resuming) {
    EnsembleWriter writer(path, layout, replicas, about, kParameters, overwrite,
                          {.is_resuming = is_resuming});
    return writer.missing().size();
  };
  CHECK_THROWS_WITH_AS(attempt(metadata(), kReplicas, false, false), doctest::Contains("--resume"),
                       OutputError);
  EnsembleMetadata other = metadata();
  other.seed = 8;
  CHECK_THROWS_WITH_AS(attempt(other, kReplicas, false, true),
                       doctest::Contains("seed: 7 there, 8 now"), OutputError);
  other = metadata();
  other.scenario_toml = "format = 1\n[levy]\nrate = 0.3\n";
  CHECK_THROWS_WITH_AS(attempt(other, kReplicas, false, true),
                       doctest::Contains("scenario now: [levy] rate = 0.3"), OutputError);
  other = metadata();
  other.git_commit = "def";
  CHECK_THROWS_WITH_AS(attempt(other, kReplicas, false, true),
                       doctest::Contains("commit of the program: abc there, def now"), OutputError);
  CHECK_THROWS_WITH_AS(attempt(metadata(), 601, false, true),
                       doctest::Contains("replicas: 600 there, 601 now"), OutputError);
  // After all that it is as it was; info tells of it by either name.
  CHECK(attempt(metadata(), kReplicas, false, true) == 500);
  for (const std::string& name : {path, path + ".partial"}) {
    CHECK(describe_file(name).find("100 complete, 0 failed, 500 of 600 still to be run") !=
          std::string::npos);
  }
  CHECK(attempt(metadata(), kReplicas, true, false) == 600);  // --overwrite begins anew
  CHECK(folder.files() == 0);
}

TEST_CASE(
    "a journal with a damaged end keeps what comes before, one with none of it is begun anew") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  leave_partial(path, 256);
  const auto size = fs::file_size(path + ".partial");
  {
    std::fstream file(path + ".partial", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size - 10));
    file.put('\xff');
    file.put('\x00');
  }
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false, hasty(true));
    CHECK(writer.missing().size() == 600 - 192);  // the last batch of 64 is run again
  }
  fs::resize_file(path + ".partial", 1000);
  {
    EnsembleWriter writer(path, layout, kReplicas, metadata(), kParameters, false);
    CHECK(writer.missing().size() == 600);
  }
  CHECK(folder.files() == 0);
}

TEST_CASE("memory does not grow with the replicas, even when one of each batch is late") {
  const Folder folder;
  constexpr std::uint32_t kMany = 6000;
  const pid_t child = in_child([&] {
    RecordLayout layout(parse_iso_date("2020-01-01").value(), parse_iso_date("2030-01-01").value());
    const AxisId buyer = layout.add_axis({"buyer", "Buyer", std::vector<std::string>(100, "b")});
    layout.add_series(
        {"spend", {buyer}, ValueType::kInteger, Aggregation::kSumOverQuarter, "cents", "S", "S."});
    Record record(layout);  // 32 kB: 192 MB if all were kept
    EnsembleWriter writer(folder.file("out.h5"), layout, kMany, metadata(), {}, false);
    const auto peak_kib = [] {
      rusage usage{};
      ::getrusage(RUSAGE_SELF, &usage);
      return usage.ru_maxrss;
    };
    const auto add = [&](std::uint32_t i) {
      for (std::size_t b = 0; b < 100; ++b) record.set(SeriesId{0}, i, b);
      writer.add(i, record);
    };
    for (std::uint32_t i = 0; i < 500; ++i) {
      if (i % 16 != 3) add(i);
    }
    const long early = peak_kib();
    for (std::uint32_t i = 500; i < kMany; ++i) {
      if (i % 16 != 3) add(i);
    }
    for (std::uint32_t i = 3; i < kMany; i += 16) add(i);
    writer.finish();
#if defined(__SANITIZE_ADDRESS__)
    constexpr long kSanitizerKib =
        256L * 1024;  // of freed memory it keeps, by default, to watch it
#else
    constexpr long kSanitizerKib = 0;
#endif
    // Some batches of half a MB, an allocator's slack.
    constexpr long kMostKib = 48L * 1024 + kSanitizerKib;
    std::_Exit(peak_kib() - early < kMostKib ? 42 : 8);
  });
  CHECK(exit_status(child) == 42);
  CHECK(read_integers(folder.file("out.h5"), "spend").size() == std::size_t{kMany} * 40 * 100);
}
