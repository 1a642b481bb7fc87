/// Files of sweeps that keep summaries.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>
#include <tuple>

#include "engine/kernel/quantile.hpp"
#include "output/batch.hpp"
#include "output/ensemble_file.hpp"
#include "output/info.hpp"
#include "output/kept_values.hpp"
#include "output/merge.hpp"
#include "output/partial.hpp"
#include "output/stored_real.hpp"
#include "output/sweep_status.hpp"
#include "tests/output/small_sweep.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

constexpr std::size_t kCells = 24;  // of the revenue of a replica
constexpr std::size_t kQuarters = 4;
constexpr std::size_t kOutcomes = 2;

/// So many points that a block has two of them; tests write some of its 90 shards.
constexpr std::uint64_t kManyPoints = 9000;
constexpr std::uint32_t kManyShards = 90;

SmallSweep summary_of(SmallSweep sweep) {
  sweep.keep = "summary";
  return sweep;
}

std::vector<double> read_reals(const std::string& path, const char* name) {
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  const hdf5::Dataset dataset(H5Dopen2(file.get(), name, H5P_DEFAULT), "H5Dopen2");
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
  hdf5::check(
      H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
      "H5Dread");
  return values;
}

std::string attribute_of(const std::string& path, const char* variable, const char* name) {
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  const hdf5::Dataset dataset(H5Dopen2(file.get(), variable, H5P_DEFAULT), "H5Dopen2");
  return hdf5::read_text_attribute(dataset.get(), name);
}

/// Moments by the definition, in long double, of what is a number.
struct Plain {
  std::vector<double> sample;
  long double mean = 0;
  double sd = std::nan("");

  explicit Plain(std::vector<double> values) : sample(std::move(values)) {
    std::erase_if(sample, [](double x) { return std::isnan(x); });
    std::ranges::sort(sample);
    const auto n = static_cast<long double>(sample.size());
    mean = std::accumulate(sample.begin(), sample.end(), 0.0L) / n;
    long double squares = 0;
    for (const double x : sample) squares += (x - mean) * (x - mean);
    if (sample.size() > 1) sd = std::sqrt(static_cast<double>(squares / (n - 1)));
  }
};

/// Whether sd, which is stored with 16 bits, is that of the sample.
bool is_close(double stored, double exact) {
  return std::isnan(exact) ? std::isnan(stored) : std::abs(stored - exact) <= 2e-5 * exact;
}

/// Writes the items that are missing in an order of one's own, and lets parts of blocks be saved.
void write_in_order(const std::string& path, const SmallSweep& sweep, bool is_resuming,
                    const std::function<void(std::vector<std::uint64_t>&)>& arrange) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters, sweep.about(),
                        false,
                        {.is_resuming = is_resuming, .queued_batches = 1, .open_batches = 2});
  std::vector<std::uint64_t> items;
  writer.missing_from(writer.blocks().begin, std::numeric_limits<std::size_t>::max(), items);
  arrange(items);
  for (const std::uint64_t item : items) {
    if (item == kFailingItem) {
      writer.fail(item, "broke");
    } else {
      writer.add(item, record_of_item(layout, item));
    }
  }
  writer.finish();
}

}  // namespace

TEST_CASE("the summary of a point is that of its replicas in a whole file") {
  for (SmallSweep sweep : {SmallSweep{.points = 70, .replicas = 2},
                           {.points = 30, .replicas = 100},
                           {.points = 3, .replicas = 400},
                           {.points = kManyPoints, .replicas = 3}}) {
    const std::uint64_t points = sweep.points;
    const std::uint32_t replicas = sweep.replicas;
    CAPTURE(points);
    CAPTURE(replicas);
    const Folder folder;
    const std::string whole = folder.file("whole.h5");
    const std::string path = folder.file("summary.h5");
    write_sweep(whole, sweep);
    std::uint64_t end = points;
    if (points == kManyPoints) {
      end = points / kManyShards;
      sweep.shard = Shard{0, kManyShards};
    }
    write_sweep(path, summary_of(sweep));

    const std::vector<std::int64_t> revenue = read_integers(whole, "revenue");
    const std::vector<double> share = read_reals(whole, "share");
    const std::vector<double> mean = read_reals(path, "revenue_mean");
    const std::vector<double> sd = read_reals(path, "revenue_sd");
    const std::vector<std::int64_t> min = read_integers(path, "revenue_min");
    const std::vector<std::int64_t> max = read_integers(path, "revenue_max");
    const std::vector<double> share_mean = read_reals(path, "share_mean");
    const std::vector<double> share_sd = read_reals(path, "share_sd");
    const std::vector<double> share_max = read_reals(path, "share_max");
    const std::vector<std::int64_t> share_count = read_integers(path, "share_count");
    REQUIRE(mean.size() == points * kCells);
    REQUIRE(share_mean.size() == points * kQuarters);
    for (std::uint64_t p = 0; p < end; ++p) {
      for (std::size_t c = 0; c < kCells; ++c) {
        std::vector<double> values;
        for (std::uint64_t item = p * replicas; item < (p + 1) * replicas; ++item) {
          if (item != kFailingItem)
            values.push_back(static_cast<double>(revenue[item * kCells + c]));
        }
        const Plain plain(values);
        const std::size_t at = p * kCells + c;
        REQUIRE(mean[at] == static_cast<double>(plain.mean));
        REQUIRE(is_close(sd[at], plain.sd));
        REQUIRE(static_cast<double>(min[at]) == plain.sample.front());
        REQUIRE(static_cast<double>(max[at]) == plain.sample.back());
      }
      for (std::size_t q = 0; q < kQuarters; ++q) {
        std::vector<double> values;
        for (std::uint64_t item = p * replicas; item < (p + 1) * replicas; ++item) {
          values.push_back(share[item * kQuarters + q]);
        }
        const Plain plain(values);
        const std::size_t at = p * kQuarters + q;
        REQUIRE(share_count[at] == static_cast<std::int64_t>(plain.sample.size()));
        REQUIRE(share_mean[at] == doctest::Approx(static_cast<double>(plain.mean)).epsilon(1e-15));
        REQUIRE(is_close(share_sd[at], plain.sd));
        REQUIRE(share_max[at] == plain.sample.back());
      }
    }
    const std::vector<std::int64_t> status = read_integers(path, "replica_status");
    const std::vector<std::int64_t> expected = read_integers(whole, "replica_status");
    CHECK(std::equal(status.begin(), status.begin() + static_cast<std::ptrdiff_t>(end * replicas),
                     expected.begin()));
    CHECK(read_integers(path, "failed_item") == std::vector<std::int64_t>{kFailingItem});
    CHECK(read_reals(path, "rate")[end - 1] == read_reals(whole, "rate")[end - 1]);
    CHECK(folder.files() == 2);
  }
}

TEST_CASE("quantiles and sketches of outcomes are within the error that is stated with them") {
  const Folder folder;
  const std::string path = folder.file("summary.h5");
  const std::uint32_t replicas = 1000;
  const std::uint64_t points = 5;
  write_sweep(path, summary_of({.points = points, .replicas = replicas}));
  const std::vector<double> levels = read_reals(path, "quantile");
  const std::vector<double> quantiles = read_reals(path, "outcome_quantile");
  const std::vector<double> errors = read_reals(path, "sketch_error");
  const std::vector<double> values = read_reals(path, "sketch_value");
  const std::vector<std::int64_t> counts = read_integers(path, "sketch_count");
  const std::vector<std::int64_t> with_value = read_integers(path, "outcome_count");
  const std::vector<double> means = read_reals(path, "outcome_mean");
  REQUIRE(levels.size() == 9);
  const std::size_t buckets = values.size() / points / 2;
  const RecordLayout layout = small_layout();
  for (std::uint64_t p = 0; p < points; ++p) {
    for (std::size_t o = 0; o < 2; ++o) {
      std::vector<double> all;
      for (std::uint64_t item = p * replicas; item < (p + 1) * replicas; ++item) {
        if (item == kFailingItem) continue;
        all.push_back(outcomes_of_record(record_of_item(layout, item))[o]);
      }
      const Plain plain(all);
      const std::size_t at = p * 2 + o;
      CHECK(with_value[at] == static_cast<std::int64_t>(plain.sample.size()));
      CHECK(means[at] == doctest::Approx(static_cast<double>(plain.mean)).epsilon(1e-15));
      CHECK(errors[at] > 0);
      CHECK(errors[at] < 0.05);
      const auto is_near = [&](double stored, double exact) {
        return std::abs(stored - exact) <= errors[at] * std::abs(exact) * (1 + 1e-12);
      };
      for (std::size_t q = 0; q < 9; ++q) {
        CHECK(is_near(quantiles[at * 9 + q], quantile(plain.sample, levels[q])));
      }
      // Each replica, in ascending order, is near the value of its bucket.
      std::size_t next = 0;
      for (std::size_t b = at * buckets; b < (at + 1) * buckets; ++b) {
        CHECK(std::isnan(values[b]) == (counts[b] == 0));
        for (std::int64_t i = 0; i < counts[b]; ++i) {
          REQUIRE(next < plain.sample.size());
          REQUIRE(is_near(values[b], plain.sample[next++]));
        }
      }
      CHECK(next == plain.sample.size());
    }
  }
  CHECK(attribute_of(path, "revenue_mean", "cell_methods") == "time: sum replica: mean");
  CHECK(attribute_of(path, "share_sd", "cell_methods") ==
        "time: point replica: standard_deviation");
  CHECK(attribute_of(path, "revenue_max", "units") == "cents");
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  CHECK(hdf5::read_texts(file.get(), "outcome") == std::vector<std::string>{"total", "sometimes"});
  CHECK(hdf5::read_texts(file.get(), "outcome_unit") == std::vector<std::string>{"cents", "1"});
}

TEST_CASE("neither order nor attempts change a summary, bit for bit") {
  std::mt19937_64 random(2);
  for (const SmallSweep& sweep :
       {summary_of({.points = 5, .replicas = 50}),
        summary_of({.points = kManyPoints, .replicas = 3, .shard = Shard{0, kManyShards}})}) {
    CAPTURE(sweep.points);
    const Folder folder;
    write_sweep(folder.file("plain.h5"), sweep);
    const std::string plain = content_hash(folder.file("plain.h5"));

    write_in_order(folder.file("backward.h5"), sweep, false,
                   [](auto& items) { std::ranges::reverse(items); });
    CHECK(content_hash(folder.file("backward.h5")) == plain);

    // A batch is saved for nearly every item.
    write_in_order(folder.file("shuffled.h5"), sweep, false,
                   [&](auto& items) { std::ranges::shuffle(items, random); });
    CHECK(content_hash(folder.file("shuffled.h5")) == plain);

    // Some replicas of every point, and the rest in a second and a third attempt.
    const std::string path = folder.file("resumed.h5");
    std::size_t left = 0;
    for (const std::uint64_t part : {0U, 1U, 2U}) {
      write_in_order(path, sweep, part > 0, [&](auto& items) {
        if (part > 0) CHECK(items.size() == left);
        left = items.size();
        std::erase_if(items, [&](std::uint64_t item) { return item % 3 != part; });
        left -= items.size();
      });
      CHECK(fs::exists(path + ".partial") == (part < 2));
    }
    CHECK(left == 0);
    CHECK(content_hash(path) == plain);
  }
}

TEST_CASE("shards of a summary, mapped or copied, are the file of one process") {
  const Folder folder;
  const SmallSweep sweep = summary_of({.points = 9});
  write_sweep(folder.file("plain.h5"), sweep);
  write_shards(folder.file("runs"), sweep, 4);
  CHECK(sweep_status({folder.file("runs")}).counts.complete == 899);
  for (const bool is_copying : {false, true}) {
    const std::string target = folder.file(is_copying ? "copy.h5" : "map.h5");
    const MergeReport report =
        merge_shards({.inputs = {folder.file("runs")}, .target = target, .is_copying = is_copying});
    CHECK(report.counts.failed == 1);
    CHECK(content_hash(target) == content_hash(folder.file("plain.h5")));
  }
  const EnsembleFile one(folder.file("plain.h5"), EnsembleFile::Access::kRead);
  const EnsembleFile copy(folder.file("copy.h5"), EnsembleFile::Access::kRead);
  CHECK(copy.digest() == one.digest());
}

TEST_CASE("shards of which a block has several points are merged, too") {
  const Folder folder;
  SmallSweep sweep = summary_of({.points = kManyPoints, .replicas = 3});
  std::set<std::uint32_t> others;
  for (std::uint32_t i = 0; i < kManyShards; ++i) others.insert(i);
  others.erase(40);
  others.erase(41);
  write_shards(folder.file("runs"), sweep, kManyShards, others);
  for (const bool is_copying : {false, true}) {
    merge_shards({.inputs = {folder.file("runs")},
                  .target = folder.file(is_copying ? "copy.h5" : "map.h5"),
                  .is_copying = is_copying,
                  .is_partial_allowed = true});
  }
  CHECK(content_hash(folder.file("map.h5")) == content_hash(folder.file("copy.h5")));
  const EnsembleFile copy(folder.file("copy.h5"), EnsembleFile::Access::kRead);
  CHECK(copy.shape().points_per_block() == 2);
  const std::vector<double> merged = read_reals(folder.file("map.h5"), "outcome_mean");
  const std::vector<double> part =
      read_reals(shard_path(folder.file("runs"), {41, kManyShards}), "outcome_mean");
  const std::size_t point = 4150;
  CHECK(merged[kOutcomes * point] == part[kOutcomes * point]);
  CHECK(merged[kOutcomes * point] ==
        Plain({24.0 * (point * 3000 + 156), 24.0 * (point * 3000 + 1156),
               24.0 * (point * 3000 + 2156)})
            .mean);
  CHECK(std::isnan(merged[kOutcomes * 3999]));
}

TEST_CASE("pieces of blocks that others have encoded make the same summary") {
  const Folder folder;
  const SmallSweep sweep =
      summary_of({.points = kManyPoints, .replicas = 3, .shard = Shard{0, kManyShards}});
  write_sweep(folder.file("plain.h5"), sweep);
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(folder.file("out.h5"), layout, sweep.replicas, sweep.ensemble(),
                        kParameters, sweep.about(), false);
  // As a rank does, from the file without items.
  const EnsembleFile file(hdf5::open_image(writer.image()));
  const SweepMetadata metadata = sweep.about();
  KeptValues kept(layout, &metadata);
  kept.bind(file.shape());
  Batch batch(file.shape());
  ChunkCodec codec;
  std::vector<std::uint64_t> items;
  for (std::uint64_t block = 0; block < writer.blocks().end; ++block) {
    writer.missing_from(block, 1, items);
    REQUIRE(items.size() == file.shape().rows_of(block));
    const std::size_t piece = block % 3 == 0 ? items.size() : 2;
    for (std::size_t first = 0; first < items.size(); first += piece) {
      batch.restart(block);
      for (std::size_t i = first; i < std::min(first + piece, items.size()); ++i) {
        const auto row = static_cast<std::uint32_t>(items[i] - file.shape().first_item(block));
        if (items[i] == kFailingItem) {
          batch.failures.push_back({row, "broke"});
          batch.status[row] = ReplicaStatus::kFailed;
        } else {
          kept.write(record_of_item(layout, items[i]), row, batch);
          batch.status[row] = ReplicaStatus::kComplete;
        }
        ++batch.present;
      }
      EncodedBatch encoded;
      encode(batch, codec, encoded);
      CHECK(encoded.is_summary_part == (piece < items.size()));
      writer.add_block(parse(serialise(encoded), writer.shape()));
    }
  }
  writer.finish();
  CHECK(content_hash(folder.file("out.h5")) == content_hash(folder.file("plain.h5")));
}

TEST_CASE("a summary that was cut short says what is there, and goes on from its journal") {
  const Folder folder;
  const SmallSweep sweep = summary_of({.points = 9});
  write_sweep(folder.file("plain.h5"), sweep);
  const std::string plain = content_hash(folder.file("plain.h5"));
  const RecordLayout layout = small_layout();
  const std::string path = folder.file("out.h5");
  const auto stop_at = [&](std::uint64_t end) {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false);
    add_missing(writer, layout, end);
    writer.finish();
  };
  stop_at(250);  // in the midst of point 2
  CHECK(read_reals(path, "revenue_mean")[2 * kCells] == 1000 * 224.5);
  CHECK(std::isnan(read_reals(path, "revenue_mean")[3 * kCells]));
  CHECK(read_integers(path, "outcome_count")[kOutcomes * 2] == 50);
  CHECK(describe_file(path).find("249 complete, 1 failed; 650 of 900 not run") !=
        std::string::npos);
  CHECK(fs::exists(path + ".partial"));
  // Without being told to, nobody goes over either.
  CHECK_THROWS_AS(write_sweep(path, sweep), OutputError);
  fs::copy(path, folder.file("copy.h5"));

  CHECK(recover(path + ".partial", folder.file("rescued.h5"), false) == 250);
  CHECK(content_hash(folder.file("rescued.h5")) == content_hash(path));

  write_sweep(path, sweep, true);
  CHECK(content_hash(path) == plain);
  CHECK_FALSE(fs::exists(path + ".partial"));

  // Without the journal the point in part is run again, the others are not.
  {
    EnsembleWriter writer(folder.file("copy.h5"), layout, sweep.replicas, sweep.ensemble(),
                          kParameters, sweep.about(), false, {.is_resuming = true});
    CHECK(writer.missing_items() == 700);
    add_missing(writer, layout);
    writer.finish();
  }
  CHECK(content_hash(folder.file("copy.h5")) == plain);
}

TEST_CASE("a killed summary loses nothing that was saved") {
  const Folder folder;
  const SmallSweep sweep = summary_of({.points = 9});
  write_sweep(folder.file("plain.h5"), sweep);
  const RecordLayout layout = small_layout();
  const std::string path = folder.file("out.h5");
  {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false);
    add_missing(writer, layout, 333);
  }  // as far as it is on disk
  CHECK_FALSE(fs::exists(path));
  CHECK(describe_file(path).find("332 complete, 1 failed, 567 of 900 still to be run") !=
        std::string::npos);
  {
    EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters,
                          sweep.about(), false, {.is_resuming = true});
    CHECK(writer.missing_items() == 567);
    std::vector<std::uint64_t> items;
    writer.missing_from(0, 1, items);
    CHECK(items.front() == 333);
    CHECK(items.size() == 67);
    add_missing(writer, layout);
    writer.finish();
  }
  CHECK(content_hash(path) == content_hash(folder.file("plain.h5")));
}

TEST_CASE("a shard without all of its replicas is no part of a merge, unless that is asked for") {
  const Folder folder;
  SmallSweep sweep = summary_of({.points = 8});
  write_shards(folder.file("runs"), sweep, 2, {1});
  sweep.shard = Shard{1, 2};
  const RecordLayout layout = small_layout();
  {
    EnsembleWriter writer(shard_path(folder.file("runs"), *sweep.shard), layout, sweep.replicas,
                          sweep.ensemble(), kParameters, sweep.about(), false);
    add_missing(writer, layout, 550);
    writer.finish();
  }
  MergeRequest request{.inputs = {folder.file("runs")}, .target = folder.file("out.h5")};
  CHECK_THROWS_WITH_AS(merge_shards(request), doctest::Contains("150 of 400 items"), OutputError);
  request.is_partial_allowed = true;
  request.is_copying = true;
  CHECK(merge_shards(request).counts.complete == 549);
  CHECK(read_integers(request.target, "outcome_count")[kOutcomes * 5] == 50);
}

TEST_CASE("a factor does not take the name of a summary") {
  const Folder folder;
  const RecordLayout layout = small_layout();
  for (const char* name : {"revenue_mean", "share_count", "outcome", "quantile", "sketch_value"}) {
    SweepMetadata sweep = summary_of({}).about();
    sweep.factors[0].id = name;
    CHECK_THROWS_WITH_AS(
        EnsembleWriter(folder.file("out.h5"), layout, 10, metadata(), kParameters, sweep, false),
        doctest::Contains("give it another id"), OutputError);
  }
}
