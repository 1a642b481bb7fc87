#include "cli/sweep_probe.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <filesystem>
#include <vector>

#include "engine/kernel/quantile_sketch.hpp"
#include "output/ensemble_file.hpp"
#include "output/journal.hpp"
#include "output/writer.hpp"
#include "scenarios/sweep_worker.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBudget{2000};

/// A file in the temporary folder, removed in the end with its journal.
struct Scratch {
  std::string path =
      (fs::temp_directory_path() / fmt::format("tollgate-probe-{}.h5", ::getpid())).string();
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path, ignored);
    fs::remove(journal_path(path), ignored);
  }
};

/// What the file of a sweep with keep = "summary" gains when a point has all of its replicas, and
/// not only `replicas` of them: buckets of sketches, of which some outcomes need few.
double growth_of_sketches(const Sweep& sweep, const BatchShape& shape, std::uint64_t replicas) {
  constexpr double kBucketBytes = 1;  // of `h200-levy`, compressed, over all outcomes
  const auto buckets = [](std::uint64_t n) {
    return static_cast<double>(std::min<std::uint64_t>(n, QuantileSketch::kMostBuckets));
  };
  return kBucketBytes * static_cast<double>(shape.summary()->outcomes()) *
         (buckets(sweep.replicas) - buckets(replicas));
}

double peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string duration_text(double seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

std::string milliseconds_text(double seconds) {
  const double ms = 1e3 * seconds;
  return fmt::format("{:.{}f} ms", ms, ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

std::string size_text(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  double size = bytes / 1e3;
  while (size >= 1000 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", size, size < 10 ? 1 : 0, kUnits[unit]);
}

std::size_t state_bytes_of(const BatchShape& shape) {
  if (!shape.summary()) return 0;
  const SummaryShape& summary = *shape.summary();
  return shape.points_per_block() *
         summary_bytes(summary.integers(), summary.reals(), summary.outcomes());
}

/// Points of which `written` replicas are, the first of a block.
double points_of(const Sweep& sweep, std::uint64_t written) {
  const std::uint64_t points = (written + sweep.replicas - 1) / sweep.replicas;
  return static_cast<double>(points);
}

/// Bytes of the chunks of a point's summary, when those of so many replicas have `chunks`.
double bytes_of_point(const Sweep& sweep, const BatchShape& shape, double chunks,
                      std::uint64_t written) {
  return chunks / points_of(sweep, written) +
         growth_of_sketches(sweep, shape, std::min<std::uint64_t>(written, sweep.replicas));
}

/// Bytes of the journal for a point where blocks take long and it has their parts; so many replicas
/// have `states`.
double journal_of_point(const Sweep& sweep, const BatchShape& shape, double states,
                        std::uint64_t written, const SweepEstimate& estimate) {
  const double wait = std::chrono::duration<double>(WriterOptions{}.longest_summary_wait).count();
  const double parts = estimate.seconds_each * shape.rows() / estimate.threads / wait;
  if (parts < 1) return 0;
  return states / points_of(sweep, written) * (1 + parts / shape.points_per_block());
}

}  // namespace

SweepEstimate probe(const Sweep& sweep, const SweepRunOptions& options) {
  const Scratch scratch;
  SweepRunOptions scratch_options = options;
  // The last part has few points, and one block at least.
  const auto parts =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(sweep.points(), 1, 100'000));
  scratch_options.shard = Shard{parts - 1, parts};
  EnsembleWriter writer(scratch.path, sweep.layout(), sweep.replicas,
                        metadata_of(sweep, scratch_options), parameters_of(sweep),
                        sweep_metadata_of(sweep, scratch_options), true);
  const BatchShape shape = writer.shape();
  const double memory_before = peak_memory();
  const auto empty = static_cast<double>(writer.image().size());

  SweepEstimate estimate;
  SweepWorker worker(sweep);
  double busy = 0;
  // What fails is counted: it takes time, too.
  const auto run = [&](std::uint64_t item, const auto& keep, const auto& fail) {
    const Clock::time_point begin = Clock::now();
    try {
      const Record& record = worker.run(item);
      busy += seconds_since(begin);
      keep(record);
    } catch (const OutputError&) {
      throw;
    } catch (const std::exception& error) {
      busy += seconds_since(begin);
      ++estimate.failed;
      fail(error.what());
    }
    ++estimate.probed;
  };
  // One block, for the size of the file: as much of it as half of the time allows.
  const Clock::time_point begin = Clock::now();
  const std::uint64_t block = writer.blocks().begin;
  std::uint64_t written = 0;
  for (std::uint64_t r = 0; r < shape.rows_of(block); ++r) {
    if (r > 0 && Clock::now() - begin > kBudget / 2) break;
    const std::uint64_t item = shape.first_item(block) + r;
    run(
        item, [&](const Record& record) { writer.add(item, record); },
        [&](const char* message) { writer.fail(item, message); });
    ++written;
  }
  writer.finish();
  EncodedBatch encoded;
  EnsembleFile(scratch.path, EnsembleFile::Access::kRead).read_encoded(block, encoded);
  const auto chunks = static_cast<double>(encoded.chunks.size());
  // What a variable takes as soon as it has a chunk.
  const double begun =
      std::max(static_cast<double>(fs::file_size(scratch.path)) - empty - chunks, 0.0);
  // Points may differ in what they take.
  for (const std::uint64_t point : {std::uint64_t{0}, sweep.points() / 2}) {
    for (std::uint32_t r = 0; r < std::min(sweep.replicas, 4U); ++r) {
      if (r > 0 && Clock::now() - begin > kBudget) break;
      run(
          point * sweep.replicas + r, [](const Record&) {}, [](const char*) {});
    }
  }

  const BlockRange mine =
      options.shard ? blocks_of(*options.shard, shape.blocks()) : BlockRange{0, shape.blocks()};
  const double items =
      std::min(static_cast<double>(mine.size()) * shape.rows(), static_cast<double>(sweep.items()));
  estimate.seconds_each = busy / static_cast<double>(estimate.probed);
  estimate.threads = options.threads > 0 ? options.threads : omp_get_max_threads();
  estimate.seconds = estimate.seconds_each * items / estimate.threads;
  double journal = 0;
  if (shape.summary()) {
    const double points = items / static_cast<double>(sweep.replicas);
    estimate.bytes = points * bytes_of_point(sweep, shape, chunks, written);
    const std::string left = journal_path(scratch.path);
    const double states =
        fs::exists(left) ? static_cast<double>(fs::file_size(left)) - empty : chunks;
    journal = points * journal_of_point(sweep, shape, states, written, estimate);
  } else {
    estimate.bytes = chunks / static_cast<double>(written) * items;
  }
  estimate.bytes_while_running = std::max(estimate.bytes, journal);
  constexpr double kIndexBytes = 100;  // of a chunk
  estimate.bytes +=
      empty + begun + kIndexBytes * static_cast<double>(mine.size() * shape.columns().size());
  estimate.bytes_while_running += estimate.bytes;
  constexpr double kBatches = 10;  // being filled and queued
  estimate.memory = memory_before +
                    std::max(peak_memory() - memory_before, 0.0) * estimate.threads +
                    kBatches * static_cast<double>(shape.bytes() + state_bytes_of(shape));
  return estimate;
}

std::string describe(const SweepEstimate& estimate) {
  return fmt::format(
      "By a probe of {} replicas{}:\n"
      "  time    {} on {} thread{}, {} a replica\n"
      "  disk    {}, {} while it is written\n"
      "  memory  {}\n",
      estimate.probed,
      estimate.failed > 0 ? fmt::format(", of which {} failed", estimate.failed) : "",
      duration_text(estimate.seconds), estimate.threads, estimate.threads == 1 ? "" : "s",
      milliseconds_text(estimate.seconds_each), size_text(estimate.bytes),
      size_text(estimate.bytes_while_running), size_text(estimate.memory));
}

}  // namespace tollgate
