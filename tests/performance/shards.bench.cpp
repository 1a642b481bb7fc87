/// Seconds to merge the shards of a sweep with records of the main job, by mapping and by copying,
/// and what an item takes in a sweep that keeps all or quarterly sums.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "output/merge.hpp"
#include "output/quarterly.hpp"
#include "output/writer.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;
namespace fs = std::filesystem;

constexpr std::uint32_t kReplicas = 16;   // a block of the main job
constexpr std::uint32_t kSimulated = 64;  // written in turn under different numbers

const std::vector<Record>& records() {
  static const std::vector<Record> simulated = [] {
    const test::ShippedWorld& world = test::main_job();
    ScenarioWorker worker(world.scenario, world.layout, 1);
    std::vector<Record> all;
    for (std::uint32_t i = 0; i < kSimulated; ++i) all.push_back(worker.run(i));
    return all;
  }();
  return simulated;
}

void write(const std::string& path, const SweepMetadata& sweep) {
  const test::ShippedWorld& world = test::main_job();
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : world.scenario.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }
  EnsembleMetadata metadata;
  metadata.scenario_toml = world.scenario.resolved_toml;
  EnsembleWriter writer(path, world.layout.record(), kReplicas, metadata, parameters, sweep, true);
  std::vector<std::uint64_t> items;
  for (std::uint64_t block = writer.blocks().begin; block != writer.blocks().end;) {
    block = writer.missing_from(block, 64, items);
    for (const std::uint64_t item : items) writer.add(item, records()[item % kSimulated]);
  }
  writer.finish();
}

SweepMetadata sweep_of(std::uint64_t points) {
  SweepMetadata sweep;
  sweep.points = points;
  sweep.factors = {{"rate", "policy.levy.rate", "1", "Rate", {}}};
  sweep.fill = [](std::uint64_t point, std::span<double> coordinates) {
    coordinates[0] = static_cast<double>(point);
  };
  return sweep;
}

/// As many points as shards, a block each: so many files with so little in them are what mapping is
/// slowest for.
void merge_shards_of(benchmark::State& state, bool is_copying) {
  const auto shards = static_cast<std::uint32_t>(state.range(0));
  const fs::path folder =
      fs::temp_directory_path() / ("tollgate-shards-" + std::to_string(::getpid()));
  SweepMetadata sweep = sweep_of(shards);
  for (std::uint32_t i = 0; i < shards; ++i) {
    sweep.shard = Shard{i, shards};
    write(shard_path((folder / "runs").string(), *sweep.shard), sweep);
  }
  const std::string target = (folder / "merged.h5").string();
  for (auto _ : state) {
    merge_shards({{(folder / "runs").string()}, target, is_copying, true, false, false});
  }
  state.counters["file_MB"] = static_cast<double>(fs::file_size(target)) * 1e-6;
  state.counters["ms_per_shard"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * shards * 1e-3,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  fs::remove_all(folder);
}
/// 1,000 shards take a minute to make: with TOLLGATE_MANY_SHARDS in the environment only.
void sizes(benchmark::internal::Benchmark* merge) {
  merge->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
  if (std::getenv("TOLLGATE_MANY_SHARDS") != nullptr) merge->Arg(1000);
}
BENCHMARK_CAPTURE(merge_shards_of, map, false)->Apply(sizes);
BENCHMARK_CAPTURE(merge_shards_of, copy, true)->Apply(sizes);

void sweep_writer_64_items(benchmark::State& state, const char* keep) {
  SweepMetadata sweep = sweep_of(4);
  sweep.keep = keep;
  const fs::path path =
      fs::temp_directory_path() / ("tollgate-sweep-" + std::to_string(::getpid()) + ".h5");
  for (auto _ : state) write(path.string(), sweep);
  state.counters["file_kib"] = static_cast<double>(fs::file_size(path)) / 1024 / (4 * kReplicas);
  state.counters["us_per_replica"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * 4 * kReplicas * 1e-6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  const RecordLayout& full = test::main_job().layout.record();
  const QuarterlyRecord sums(full);
  const RecordLayout& kept = std::string_view(keep) == "all" ? full : sums.layout();
  state.counters["raw_kib"] = static_cast<double>(8 * (kept.integers() + kept.reals())) / 1024;
  state.counters["series"] = static_cast<double>(kept.series().size());
  fs::remove(path);
}
BENCHMARK_CAPTURE(sweep_writer_64_items, all, "all")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(sweep_writer_64_items, quarterly, "quarterly")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
// Without outcomes.
BENCHMARK_CAPTURE(sweep_writer_64_items, summary, "summary")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
