/// Files of sweeps and of their shards.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <numeric>
#include <tuple>

#include "output/batch.hpp"
#include "output/ensemble_file.hpp"
#include "output/info.hpp"
#include "output/partial.hpp"
#include "tests/output/small_sweep.hpp"

using namespace tollgate;
using namespace tollgate::tests;

TEST_CASE("blocks are contiguous, cover every item once, and hold one chunk each") {
  for (const auto& sizes : {std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>{1, 600, 64},
                            {1, 5, 64},
                            {7, 100, 64},
                            {7, 64, 64},
                            {7, 63, 64},
                            {1000, 3, 16},
                            {3, 1, 64},
                            {50, 33, 16},
                            {5, 1, 1}}) {
    const auto points = std::get<0>(sizes);
    const auto replicas = std::get<1>(sizes);
    const auto rows = std::get<2>(sizes);
    CAPTURE(points);
    CAPTURE(replicas);
    CAPTURE(rows);
    const BatchShape shape({}, points, replicas, rows);
    CHECK(shape.points_per_block() * shape.replicas_per_block() == shape.rows());
    std::uint64_t item = 0;
    for (std::uint64_t block = 0; block < shape.blocks(); ++block) {
      REQUIRE(shape.first_item(block) == item);
      REQUIRE(shape.rows_of(block) >= 1);
      REQUIRE(shape.rows_of(block) <= shape.rows());
      for (std::uint32_t r = 0; r < shape.rows_of(block); ++r) {
        REQUIRE(shape.block_of(item) == block);
        // The row is the place in the chunk, row-major.
        const std::uint64_t point = item / replicas - shape.first_item(block) / replicas;
        const std::uint64_t replica = item % replicas - shape.first_item(block) % replicas;
        REQUIRE(point * shape.replicas_per_block() + replica == r);
        ++item;
      }
    }
    CHECK(item == points * replicas);
    // Read back from a chunk's extent, it is the same.
    CHECK(BatchShape({}, points, replicas, shape.rows()).blocks() == shape.blocks());
  }
}

TEST_CASE("shards are contiguous, cover every block once, and differ by at most one block") {
  for (const std::uint64_t blocks : {1U, 2U, 99U, 100U, 101U, 12345U}) {
    std::uint64_t next = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
      const BlockRange range = blocks_of({i, 100}, blocks);
      REQUIRE(range.begin == next);
      REQUIRE(range.begin == i * blocks / 100);
      REQUIRE(range.size() <= blocks / 100 + 1);
      next = range.end;
    }
    CHECK(next == blocks);
  }
  CHECK(blocks_of({2, 3}, std::uint64_t{1} << 63U).end == std::uint64_t{1} << 63U);
  CHECK(shard_path("runs/", {3, 100}) == "runs/shard-00003-of-00100.h5");
  CHECK(parse_shard("3/100") == Shard{3, 100});
  for (const char* wrong :
       {"", "3", "3/", "/3", "3/3", "4/3", "-1/3", "1/3x", "0/4000000000", "0/1000001"}) {
    CHECK_FALSE(parse_shard(wrong));
  }
  CHECK(parse_shard("999999/1000000"));
}

TEST_CASE("a sweep is read back, cell by cell, with its coordinates") {
  for (const std::uint32_t replicas : {1U, 5U, 64U, 100U}) {
    CAPTURE(replicas);
    const Folder folder;
    const std::string path = folder.file("sweep.h5");
    const SmallSweep sweep{.points = 200, .replicas = replicas};
    write_sweep(path, sweep);
    const std::vector<std::int64_t> revenue = read_integers(path, "revenue");
    const std::vector<std::int64_t> status = read_integers(path, "replica_status");
    const std::uint32_t items = 200 * replicas;
    REQUIRE(revenue.size() == items * 24);
    REQUIRE(status.size() == items);
    for (std::uint32_t item = 0; item < items; ++item) {
      if (item == kFailingItem) continue;
      REQUIRE(is_whole(revenue, item));
      REQUIRE(status[item] == 1);
    }
    CHECK(status[kFailingItem] == 2);
    CHECK(read_integers(path, "failed_item") == std::vector<std::int64_t>{kFailingItem});
    CHECK(read_integers(path, "point").back() == 199);
    const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
    CHECK(hdf5::read_texts(file.get(), "policy").at(199) == "levy");
    CHECK(hdf5::read_texts(file.get(), "failure_message") == std::vector<std::string>{"broke"});
    const hdf5::Dataset rate(H5Dopen2(file.get(), "rate", H5P_DEFAULT), "H5Dopen2");
    double last = 0;
    hdf5::read_box(rate, H5T_NATIVE_DOUBLE, {199}, {1}, &last);
    CHECK(last == 0.01 * 199);
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("neither the order of items nor an attempt that was cut short changes a sweep") {
  const Folder folder;
  const SmallSweep sweep{.points = 9};
  write_sweep(folder.file("plain.h5"), sweep);
  const std::string plain = content_hash(folder.file("plain.h5"));
  const RecordLayout layout = small_layout();
  const std::string path = folder.file("out.h5");
  {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false, {.queued_batches = 1, .open_batches = 2});
    CHECK(writer.missing_items() == 900);
    for (std::uint64_t item = 900; item-- > 0;) {
      if (item % 3 == 1) writer.add(item, record_of_item(layout, item));
    }
  }
  CHECK(fs::exists(path + ".partial"));
  CHECK(describe_file(path).find("300 complete, 0 failed, 600 of 900 still to be run") !=
        std::string::npos);
  {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false, {.is_resuming = true});
    CHECK(writer.missing_items() == 600);
    CHECK(writer.saved() == 300);
    std::vector<std::uint64_t> items;
    const std::uint64_t next = writer.missing_from(0, 100, items);
    CHECK(next == 2);  // blocks of 64, 36, 64 items: another might be too much
    CHECK(items.front() == 0);
    CHECK(std::ranges::none_of(items, [](std::uint64_t item) { return item % 3 == 1; }));
    add_missing(writer, layout, 400);
    writer.finish();  // stopped before the end
  }
  CHECK(read_integers(path, "replica_status").size() == 900);  // not cut
  write_sweep(path, sweep, true);
  CHECK(content_hash(path) == plain);
  const auto written = fs::last_write_time(path);
  write_sweep(path, sweep, true);  // there is nothing left to do, and nothing is done
  CHECK(fs::last_write_time(path) == written);
  CHECK(folder.files() == 2);
}

TEST_CASE("a journal of a sweep is recovered with what it has") {
  const Folder folder;
  const SmallSweep sweep{.points = 9};
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(folder.file("out.h5"), layout, sweep.replicas, sweep.ensemble(),
                          kParameters, sweep.about(), false);
    add_missing(writer, layout, 130);
  }
  CHECK(recover(folder.file("out.h5.partial"), folder.file("rescued.h5"), false) == 130);
  const std::vector<std::int64_t> status =
      read_integers(folder.file("rescued.h5"), "replica_status");
  CHECK(std::ranges::count(status, 1) == 129);
  CHECK(std::ranges::count(status, 2) == 1);
}

TEST_CASE("who goes on with a sweep is told how many of its items had failed") {
  for (const char* keep : {"all", "summary"}) {
    CAPTURE(keep);
    const Folder folder;
    const std::string path = folder.file("sweep.h5");
    const SmallSweep sweep{.keep = keep};
    const RecordLayout layout = small_layout();
    const auto open = [&] {
      return std::make_unique<EnsembleWriter>(path, layout, sweep.replicas, sweep.ensemble(),
                                              kParameters, sweep.about(), false,
                                              WriterOptions{.is_resuming = true});
    };
    {
      const auto writer = open();
      CHECK(writer->failed_at_start() == 0);
      add_missing(*writer, layout, 500);
    }
    {
      const auto writer = open();  // by the journal
      CHECK(writer->failed_at_start() == 1);
      add_missing(*writer, layout);
      writer->finish();
    }
    CHECK(open()->failed_at_start() == 1);  // of a whole file
  }
}

TEST_CASE("what is of another sweep is not resumed") {
  const Folder folder;
  const std::string path = folder.file("out.h5");
  const RecordLayout layout = small_layout();
  const auto attempt = [&](const SmallSweep& sweep, bool is_resuming) {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false, {.is_resuming = is_resuming});
    add_missing(writer, layout, 130);
  };
  attempt({}, false);
  SmallSweep other;
  other.points = 8;
  CHECK_THROWS_WITH_AS(attempt(other, true), doctest::Contains("points: 7 there, 8 now"),
                       OutputError);
  other = {};
  other.toml += "keep = \"all\"\n";
  CHECK_THROWS_WITH_AS(attempt(other, true), doctest::Contains("sweep now: [sweep] keep"),
                       OutputError);
  other = {};
  other.shard = {0, 1};
  CHECK_THROWS_WITH_AS(attempt(other, true), doctest::Contains("shard:  there, 0/1 now"),
                       OutputError);
  other = {};
  other.seed = 8;
  CHECK_THROWS_WITH_AS(attempt(other, true), doctest::Contains("seed: 7 there, 8 now"),
                       OutputError);
  attempt({}, true);
}

TEST_CASE("a factor does not take the name of a variable") {
  const Folder folder;
  const RecordLayout layout = small_layout();
  for (const char* name : {"revenue", "vendor", "time", "replica_status", "shard"}) {
    SweepMetadata sweep = SmallSweep{}.about();
    sweep.factors[0].id = name;
    CHECK_THROWS_WITH_AS(
        EnsembleWriter(folder.file("out.h5"), layout, 10, metadata(), kParameters, sweep, false),
        doctest::Contains("give it another id"), OutputError);
  }
  CHECK(folder.files() == 0);
}

TEST_CASE("two processes do not write one shard, and a shard makes its folder") {
  const Folder folder;
  const RecordLayout layout = small_layout();
  SmallSweep sweep{.points = 9, .shard = Shard{1, 3}};
  const std::string path = shard_path(folder.file("runs"), *sweep.shard);
  EnsembleWriter first(path, layout, sweep.replicas, sweep.ensemble(), kParameters, sweep.about(),
                       false);
  CHECK_THROWS_WITH_AS(write_sweep(path, sweep), doctest::Contains("another process is writing"),
                       OutputError);
  add_missing(first, layout);
  first.finish();
  CHECK(fs::exists(path));
}

TEST_CASE("a shard has the shape of the whole, and no chunk of the others") {
  const Folder folder;
  const std::string whole = folder.file("whole.h5");
  const std::string part = folder.file("part.h5");
  SmallSweep sweep{.points = 100};
  write_sweep(whole, sweep);
  sweep.shard = Shard{3, 10};
  write_sweep(part, sweep);
  CHECK(read_integers(part, "revenue").size() == read_integers(whole, "revenue").size());
  const std::vector<std::int64_t> status = read_integers(part, "replica_status");
  for (std::int64_t item = 0; item < 10000; ++item) {
    REQUIRE(status[static_cast<std::size_t>(item)] == (item >= 3000 && item < 4000 ? 1 : 0));
  }
  CHECK(read_integers(part, "point")[30] == 30);
  CHECK(read_integers(part, "point")[0] == -1);
  CHECK(fs::file_size(part) < fs::file_size(whole) / 2);
}

TEST_CASE("what is kept quarterly are exact sums over the long axes") {
  RecordLayout layout(parse_iso_date("2025-10-01").value(), parse_iso_date("2026-10-01").value());
  const AxisId buyer = layout.add_axis({"buyer", "Buyer", {"a", "b", "c"}});
  const AxisId region = layout.add_axis({"region", "Region", {"china", "us"}});
  const AxisId chip = layout.add_axis({"chip", "Chip", {"h20", "h200"}});
  const auto add = [&](const char* name, std::vector<AxisId> axes, ValueType type) {
    return layout.add_series({name, std::move(axes), type, {}, "1", name, "A series."});
  };
  const SeriesId by_buyer = add("by_buyer", {buyer, region}, ValueType::kInteger);
  const SeriesId by_chip = add("by_chip", {region, chip}, ValueType::kInteger);
  const SeriesId all_long = add("all_long", {buyer, chip}, ValueType::kInteger);
  add("real_by_chip", {region, chip}, ValueType::kReal);
  const SeriesId real = add("real", {region}, ValueType::kReal);
  Record record(layout);
  for (std::size_t q = 0; q < 4; ++q) {
    record.open_quarter(q);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 2; ++j) {
        const auto value = static_cast<std::int64_t>(1000 * q + 10 * i + j);
        record.set(by_buyer, value, i, j);
        record.set(all_long, value, i, j);
        if (i < 2) record.set(by_chip, value, i, j);
      }
    }
    record.set_real(real, 0.5, 1);
  }
  record.events = 5;
  record.draws = {2.5};

  const Folder folder;
  const std::string path = folder.file("out.h5");
  const SmallSweep sweep{.points = 1, .replicas = 2, .keep = "quarterly"};
  EnsembleWriter writer(path, layout, 2, sweep.ensemble(), kParameters, sweep.about(), false);
  for (const std::uint64_t item : {0U, 1U}) writer.add(item, record);
  writer.finish();
  const std::vector<std::int64_t> buyers = read_integers(path, "by_buyer");
  const std::vector<std::int64_t> chips = read_integers(path, "by_chip");
  const std::vector<std::int64_t> sums = read_integers(path, "all_long");
  REQUIRE(buyers.size() == 2 * 4 * 2);  // replica, time, region
  REQUIRE(chips.size() == 2 * 4 * 2);
  REQUIRE(sums.size() == 2 * 4);
  for (std::size_t replica = 0; replica < 2; ++replica) {
    for (std::size_t q = 0; q < 4; ++q) {
      const auto base = static_cast<std::int64_t>(1000 * q);
      for (std::size_t j = 0; j < 2; ++j) {
        const auto at = (replica * 4 + q) * 2 + j;
        CHECK(buyers[at] == 3 * base + 30 + 3 * static_cast<std::int64_t>(j));
        CHECK(chips[at] == 2 * base + 20 * static_cast<std::int64_t>(j) + 1);
      }
      CHECK(sums[replica * 4 + q] == 6 * base + 63);
    }
  }
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  CHECK(H5Lexists(file.get(), "real", H5P_DEFAULT) > 0);
  CHECK(H5Lexists(file.get(), "real_by_chip", H5P_DEFAULT) == 0);
  CHECK(H5Lexists(file.get(), "buyer", H5P_DEFAULT) == 0);

  CHECK_THROWS_WITH_AS(write_sweep(folder.file("b.h5"), {.keep = "nothing"}),
                       doctest::Contains("\"all\", \"quarterly\" or \"summary\""), OutputError);
}

TEST_CASE("a folder that cannot be made and a full disk are errors that say what is kept") {
  SmallSweep sweep{.points = 90, .shard = Shard{1, 2}};
  CHECK_THROWS_WITH_AS(write_sweep(shard_path("/proc/runs", *sweep.shard), sweep),
                       doctest::Contains("there is no folder"), OutputError);
  const Folder folder;
  {
    std::ofstream file(folder.file("sweep.h5"));
    file << "of another run";
  }
  CHECK_THROWS_WITH_AS(write_sweep(shard_path(folder.file("sweep.h5"), *sweep.shard), sweep),
                       doctest::Contains("sweep.h5' is a file, not a folder"), OutputError);
  const std::string path = shard_path(folder.file("runs"), *sweep.shard);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Writing past the limit fails as on a full disk, with another number.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100000, 100000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(9);
    try {
      write_sweep(path, sweep);
    } catch (const OutputError& error) {
      std::_Exit(std::string(error.what()).find("--resume") != std::string::npos ? 42 : 8);
    }
    std::_Exit(7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 42);
  CHECK_FALSE(fs::exists(path));
  write_sweep(path, sweep, true);
  const EnsembleFile file(path, EnsembleFile::Access::kRead);
  CHECK(file.counts().settled() == file.counts().planned);
}
