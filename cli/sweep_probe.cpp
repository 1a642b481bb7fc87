#include "cli/sweep_probe.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <vector>

#include "output/writer.hpp"
#include "scenarios/sweep_worker.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBudget{2000};

/// A file in the temporary folder, removed in the end.
struct Scratch {
  std::string path =
      (fs::temp_directory_path() / fmt::format("tollgate-probe-{}.h5", ::getpid())).string();
  ~Scratch() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

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
  const auto run = [&](std::uint64_t item) -> const Record& {
    const Clock::time_point begin = Clock::now();
    const Record& record = worker.run(item);
    busy += seconds_since(begin);
    ++estimate.probed;
    return record;
  };
  // One block, for the size of the file: as much of it as half of the time allows.
  const Clock::time_point begin = Clock::now();
  const std::uint64_t block = writer.blocks().begin;
  std::uint64_t written = 0;
  for (std::uint64_t r = 0; r < shape.rows_of(block); ++r) {
    if (r > 0 && Clock::now() - begin > kBudget / 2) break;
    const std::uint64_t item = shape.first_item(block) + r;
    writer.add(item, run(item));
    ++written;
  }
  writer.finish();
  const auto full = static_cast<double>(fs::file_size(scratch.path));
  // Points may differ in what they take.
  for (const std::uint64_t point : {std::uint64_t{0}, sweep.points() / 2}) {
    for (std::uint32_t r = 0; r < std::min(sweep.replicas, 4U); ++r) {
      if (r > 0 && Clock::now() - begin > kBudget) break;
      run(point * sweep.replicas + r);
    }
  }

  const BlockRange mine =
      options.shard ? blocks_of(*options.shard, shape.blocks()) : BlockRange{0, shape.blocks()};
  const double items =
      std::min(static_cast<double>(mine.size()) * shape.rows(), static_cast<double>(sweep.items()));
  estimate.seconds_each = busy / static_cast<double>(estimate.probed);
  estimate.threads = options.threads > 0 ? options.threads : omp_get_max_threads();
  estimate.seconds = estimate.seconds_each * items / estimate.threads;
  estimate.bytes = empty + std::max(full - empty, 0.0) / static_cast<double>(written) * items;
  estimate.bytes_while_running = 2 * estimate.bytes;
  constexpr double kBatches = 10;  // being filled and queued
  estimate.memory = memory_before +
                    std::max(peak_memory() - memory_before, 0.0) * estimate.threads +
                    kBatches * static_cast<double>(shape.bytes());
  return estimate;
}

std::string describe(const SweepEstimate& estimate) {
  return fmt::format(
      "By a probe of {} replicas:\n"
      "  time    {} on {} thread{}, {} a replica\n"
      "  disk    {}, twice that while it is written\n"
      "  memory  {}\n",
      estimate.probed, duration_text(estimate.seconds), estimate.threads,
      estimate.threads == 1 ? "" : "s", milliseconds_text(estimate.seconds_each),
      size_text(estimate.bytes), size_text(estimate.memory));
}

}  // namespace tollgate
