/// Shards become one file again, or it is said why not.
#include "output/merge.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>

#include "output/ensemble_file.hpp"
#include "output/info.hpp"
#include "tests/output/small_sweep.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

/// Runs of one sweep in a folder of their own.
struct Runs {
  Folder folder;
  std::string runs = folder.file("runs");
  std::string target = folder.file("merged.h5");

  MergeReport merge(bool is_copying, bool is_partial_allowed = false,
                    bool is_verifying = false) const {
    return merge_shards({{runs}, target, is_copying, true, is_partial_allowed, is_verifying});
  }
  /// What a merge says that is refused.
  [[nodiscard]] std::string refusal(bool is_copying = false, bool is_verifying = false) const {
    try {
      merge(is_copying, false, is_verifying);
    } catch (const OutputError& error) {
      CHECK_FALSE(fs::exists(target));
      return error.what();
    }
    return "";
  }
  [[nodiscard]] std::string shard(std::uint32_t number, std::uint32_t of) const {
    return shard_path(runs, {number, of});
  }
};

bool has(const std::string& text, const std::string& words) {
  CAPTURE(text);
  CAPTURE(words);
  CHECK(text.find(words) != std::string::npos);
  return text.find(words) != std::string::npos;
}

void flip_bit(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 4));
}

/// Bytes of a file from `begin` until `end`.
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
};

/// Where the chunks of numbers lie; each ends with its checksum.
std::vector<Range> chunk_ranges(const std::string& path) {
  std::vector<Range> ranges;
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  for (const std::string& name : hdf5::names_in(file.get())) {
    const hdf5::Dataset dataset(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
    const hdf5::Properties properties(H5Dget_create_plist(dataset.get()), "H5Dget_create_plist");
    const hdf5::Type type(H5Dget_type(dataset.get()), "H5Dget_type");
    const bool is_text = H5Tis_variable_str(type.get()) > 0;
    if (is_text || H5Pget_layout(properties.get()) != H5D_CHUNKED) continue;
    const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
    hsize_t chunks = 0;
    hdf5::check(H5Dget_num_chunks(dataset.get(), space.get(), &chunks), "H5Dget_num_chunks");
    for (hsize_t chunk = 0; chunk < chunks; ++chunk) {
      haddr_t begin = 0;
      hsize_t size = 0;
      hdf5::check(
          H5Dget_chunk_info(dataset.get(), space.get(), chunk, nullptr, nullptr, &begin, &size),
          "H5Dget_chunk_info");
      ranges.push_back({begin, begin + size});
    }
  }
  return ranges;
}

}  // namespace

TEST_CASE("shards merge to the file of a single writer, mapped and copied") {
  for (const auto& sizes :
       {std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>{7, 100, 5},  // inside points
        {7, 100, 1},
        {7, 100, 14},
        {3, 100, 10},  // more shards than blocks: some are empty
        {200, 5, 7},   // several points a block
        {1, 1000, 3}}) {
    const auto points = std::get<0>(sizes);
    const auto replicas = std::get<1>(sizes);
    const auto of = std::get<2>(sizes);
    CAPTURE(points);
    CAPTURE(replicas);
    CAPTURE(of);
    const Runs runs;
    const std::string whole = runs.folder.file("whole.h5");
    const SmallSweep sweep{.points = points, .replicas = replicas};
    write_sweep(whole, sweep);
    write_shards(runs.runs, sweep, of);
    const std::string expected = content_hash(whole);
    for (const bool is_copying : {false, true}) {
      const MergeReport report = runs.merge(is_copying, false, true);
      CHECK(report.merged == of);
      CHECK(report.counts.complete == points * replicas - 1);
      CHECK(report.counts.failed == 1);
      CHECK(report.faulty.empty());
      CHECK(report.rerun.empty());
      has(report.text(), fmt::format("1 of {} replicas failed", points * replicas));
      CHECK(content_hash(runs.target) == expected);
      CHECK(read_integers(runs.target, "failed_item") == std::vector<std::int64_t>{kFailingItem});
    }
    // The copy can be gone on with as the single writer's file: there is nothing left to do.
    write_sweep(runs.target, sweep, true);
    const EnsembleFile copy(runs.target, EnsembleFile::Access::kRead);
    const EnsembleFile single(whole, EnsembleFile::Access::kRead);
    CHECK(copy.digest() == single.digest());  // chunk by chunk, byte by byte
    CHECK(copy.digest() != 0);
    CHECK(runs.folder.files() == 3);
  }
}

TEST_CASE("a map finds its shards where folders are symbolic links") {
  const Runs runs;
  write_shards(runs.runs, {.points = 7, .replicas = 100}, 2);
  // A link that leads deeper: ".." from behind it is not where the link stands.
  fs::create_directories(runs.folder.file("far/away"));
  fs::create_directory_symlink(runs.folder.file("far/away"), runs.folder.file("link"));
  const std::string behind = runs.folder.file("link/merged.h5");
  merge_shards({{runs.runs}, behind, false, true, false, false});
  merge_shards({{runs.runs}, runs.target, false, true, false, false});
  CHECK(content_hash(behind) == content_hash(runs.target));
  fs::create_symlink(runs.target, runs.folder.file("far/alias.h5"));
  CHECK(content_hash(runs.folder.file("far/alias.h5")) == content_hash(behind));
}

TEST_CASE("shards that were resumed merge to the same content") {
  const Runs runs;
  SmallSweep sweep{.points = 9};
  write_sweep(runs.folder.file("whole.h5"), sweep);
  write_shards(runs.runs, sweep, 4, {2});
  sweep.shard = Shard{2, 4};
  const std::string path = runs.shard(2, 4);
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false, {.queued_batches = 1, .open_batches = 1});
    for (std::uint64_t item = 464; item < 664; item += 2) {
      writer.add(item, record_of_item(layout, item));
    }
  }
  has(runs.refusal(), "1 not finished: 2\n    2: 100 of");
  write_sweep(path, sweep, true);
  for (const bool is_copying : {false, true}) {
    runs.merge(is_copying);
    CHECK(content_hash(runs.target) == content_hash(runs.folder.file("whole.h5")));
  }
}

TEST_CASE("missing and unfinished shards are listed, with the commands that run them") {
  const Runs runs;
  SmallSweep sweep{.points = 50};
  write_shards(runs.runs, sweep, 20, {3, 7, 8, 9, 11});
  sweep.shard = Shard{11, 20};
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(runs.shard(11, 20), layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false);
    add_missing(writer, layout, 2800);
    const std::string running = runs.refusal();
    has(running, "items, running");
    CHECK(running.find("--shard 11/20") == std::string::npos);  // that is being done
  }
  for (const bool is_copying : {false, true}) {
    const std::string text = runs.refusal(is_copying);
    has(text, "15 of 20 shards are complete");
    has(text, "4 missing: 3,7-9");
    has(text, "1 not finished: 11");
    has(text, "tollgate sweep /sweeps/rates.toml --shard 11/20 -o " + runs.runs + " --resume\n");
    has(text, "sbatch --array=3,7-9,11 array.sbatch /sweeps/rates.toml " + runs.runs + " 20\n");
  }
  // What is there, when that is asked for.
  const BatchShape blocks({}, 50, 100, 64);
  std::uint64_t not_there = 0;
  for (const std::uint32_t number : {3U, 7U, 8U, 9U, 11U}) {
    not_there += items_in(blocks, blocks_of({number, 20}, blocks.blocks()));
  }
  for (const bool is_copying : {false, true}) {
    const MergeReport report = runs.merge(is_copying, true);
    CHECK(report.merged == 15);
    CHECK(report.faulty.size() == 5);
    CHECK(report.counts.planned == 5000);
    CHECK(report.counts.settled() == 5000 - not_there);
    has(report.text(), "4 missing: 3,7-9");
    const std::vector<std::int64_t> status = read_integers(runs.target, "replica_status");
    const std::vector<std::int64_t> revenue = read_integers(runs.target, "revenue");
    CHECK(static_cast<std::uint64_t>(std::ranges::count(status, 0)) == not_there);
    for (std::uint32_t item = 0; item < 5000; ++item) {
      if (status[item] == 1) REQUIRE(is_whole(revenue, item));
    }
    has(describe_file(runs.target), std::to_string(not_there) + " of 5000 not run");
  }
}

TEST_CASE("the commands that run shards again have what was laid over the sweep, and quotes") {
  Runs runs;
  runs.runs = runs.folder.file("it's mine");
  const std::string quoted = "'" + runs.folder.file("it'\\''s mine");
  SmallSweep sweep{.points = 50, .overrides = " --replicas 64 --set 'run.title=a b'"};
  write_shards(runs.runs, sweep, 5, {3});
  {
    std::ofstream file(runs.shard(2, 5));
    file << "cut short by another program";
  }
  const auto expect = [&] {
    const std::string text = runs.refusal();
    has(text, "\nrm " + quoted + "/shard-00002-of-00005.h5'\n");
    has(text,
        "\ntollgate sweep /sweeps/rates.toml --replicas 64 --set 'run.title=a b' --shard 3/5 -o " +
            quoted + "' --resume\n");
    CHECK(text.find("sbatch") == std::string::npos);  // which could not say that
  };
  expect();
  // One of another sweep, and the first, does not change what the others are made by.
  sweep.seed = 8;
  sweep.overrides = " --seed 8";
  sweep.shard = Shard{0, 5};
  fs::remove(runs.shard(0, 5));
  write_sweep(runs.shard(0, 5), sweep);
  expect();
}

TEST_CASE("journals alone say how to go on, too") {
  const Runs runs;
  const SmallSweep sweep{.points = 50, .shard = Shard{1, 2}, .overrides = " --seed 7"};
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(runs.shard(1, 2), layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false);
    add_missing(writer, layout, 2800);
  }
  has(runs.refusal(), "tollgate sweep /sweeps/rates.toml --seed 7 --shard 0/2 -o " + runs.runs);
}

TEST_CASE("a shard that was cut off at any byte is found") {
  const Runs runs;
  write_shards(runs.runs, {.points = 9}, 4);
  const std::string victim = runs.shard(2, 4);
  const std::string kept = runs.folder.file("kept.h5");
  fs::copy(victim, kept);
  std::mt19937 random(20261128);
  for (int i = 0; i < 20; ++i) {
    const auto size = i == 0 ? fs::file_size(kept) - 1 : random() % fs::file_size(kept);
    CAPTURE(size);
    fs::copy(kept, victim, fs::copy_options::overwrite_existing);
    fs::resize_file(victim, size);
    for (const bool is_copying : {false, true}) {
      const std::string text = runs.refusal(is_copying);
      has(text, "1 damaged: 2");
      has(text, "rm " + victim);
      has(text, "--shard 2/4");
    }
  }
}

TEST_CASE("a flipped bit in numbers is found where all are read, or changes nothing") {
  const Runs runs;
  const SmallSweep sweep{.points = 9};
  write_sweep(runs.folder.file("whole.h5"), sweep);
  const std::string expected = content_hash(runs.folder.file("whole.h5"));
  write_shards(runs.runs, sweep, 4);
  const std::string victim = runs.shard(2, 4);
  const std::string kept = runs.folder.file("kept.h5");
  fs::copy(victim, kept);
  const std::vector<Range> chunks = chunk_ranges(kept);
  REQUIRE(chunks.size() > 10);
  std::mt19937 random(20261128);
  std::size_t found = 0;
  for (const Range& chunk : chunks) {
    const std::uint64_t at = chunk.begin + random() % (chunk.end - chunk.begin);
    CAPTURE(at);
    fs::copy(kept, victim, fs::copy_options::overwrite_existing);
    flip_bit(victim, at);
    try {
      runs.merge(true);
      CHECK(content_hash(runs.target) == expected);
    } catch (const OutputError&) {
      ++found;
    }
  }
  CHECK(found >= chunks.size() - 3);  // coordinates are written anew
}

TEST_CASE("links and attributes lie in headers, which have checksums, and not in heaps") {
  const Folder folder;
  write_sweep(folder.file("whole.h5"), {.points = 9});
  const hdf5::File file(H5Fopen(folder.file("whole.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
                        "H5Fopen");
  std::vector<std::string> objects = hdf5::names_in(file.get());
  REQUIRE(objects.size() > 8);  // so many links are in the header by default, too
  objects.emplace_back("/");
  hsize_t most_attributes = 0;
  for (const std::string& name : objects) {
    CAPTURE(name);
    H5O_info_t info;
    hdf5::check(H5Oget_info_by_name(file.get(), name.c_str(), &info, H5P_DEFAULT),
                "H5Oget_info_by_name");
    CHECK(info.meta_size.obj.heap_size == 0);
    CHECK(info.meta_size.attr.heap_size == 0);
    most_attributes = std::max(most_attributes, info.num_attrs);
  }
  CHECK(most_attributes > 8);
}

TEST_CASE("shards of other seeds, versions and sweeps are not mixed") {
  const SmallSweep good{.points = 9};
  SmallSweep other_seed = good;
  other_seed.seed = 8;
  SmallSweep other_text = good;
  other_text.toml = "[sweep]\nbase = \"y\"\n";
  SmallSweep other_points = good;
  other_points.points = 10;
  for (const auto& [other, words] :
       {std::pair<SmallSweep, const char*>{other_seed, "seed: 8 there, 7 now"},
        {other_text, "sweep there: [sweep] base = \"y\""},
        {other_points, "points: 10 there, 9 now"}}) {
    const Runs runs;
    write_shards(runs.runs, good, 5, {0});
    write_shards(runs.runs, other, 5, {1, 2, 3, 4});
    const std::string text = runs.refusal();
    has(text, "1 of another run: 0");
    has(text, words);
    has(text, runs.shard(0, 5));
  }
  const Runs runs;
  write_shards(runs.runs, good, 2);
  write_shards(runs.runs, good, 3);
  has(runs.refusal(), "shards of 2 and of 3");
  const Runs renamed;
  write_shards(renamed.runs, good, 3, {1});
  fs::copy(renamed.shard(0, 3), renamed.shard(1, 3));
  has(renamed.refusal(), "it says that it is shard 0/3");
}

TEST_CASE("a map of shards that have changed or gone is refused") {
  const Runs runs;
  write_shards(runs.runs, {.points = 9}, 4);
  runs.merge(false);
  const std::string hash = content_hash(runs.target);
  // Both move together.
  const Folder elsewhere;
  fs::rename(runs.runs, elsewhere.file("runs"));
  CHECK_THROWS_WITH_AS(describe_file(runs.target), doctest::Contains("is not there"), OutputError);
  fs::copy(runs.target, elsewhere.file("merged.h5"));
  CHECK(content_hash(elsewhere.file("merged.h5")) == hash);
  fs::resize_file(shard_path(elsewhere.file("runs"), {1, 4}), 5000);
  CHECK_THROWS_WITH_AS(content_hash(elsewhere.file("merged.h5")),
                       doctest::Contains("shard-00001-of-00004.h5: has 5000 bytes, had"),
                       OutputError);
}

TEST_CASE("what a merge cannot do it says, and leaves nothing") {
  const Runs runs;
  has(runs.refusal(), "there is no file");
  fs::create_directory(runs.runs);
  has(runs.refusal(), "there are no shards");
  const SmallSweep sweep{.points = 9};
  write_shards(runs.runs, sweep, 3);
  std::ofstream(runs.target) << "precious";
  CHECK_THROWS_WITH_AS(merge_shards({{runs.runs}, runs.target, false, false, false, false}),
                       doctest::Contains("is not written over"), OutputError);
  CHECK_THROWS_WITH_AS(merge_shards({{runs.runs}, "/proc/merged.h5", false, false, false, false}),
                       doctest::Contains("/proc"), OutputError);
  fs::remove(runs.target);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // a full disk
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{60000, 60000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(9);
    try {
      runs.merge(true);
    } catch (const OutputError& error) {
      std::_Exit(std::string(error.what()).find("cannot write") != std::string::npos ? 42 : 8);
    }
    std::_Exit(7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(runs.folder.files() == 1);  // the shards alone
  CHECK(runs.merge(true).merged == 3);
}
