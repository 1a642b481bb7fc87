/// us per replica and MB/s of the writer, from opening to the published file, with records of the
/// main job. MB are those of the numbers before compression.
#include "output/writer.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/scenario_worker.hpp"
#include "tests/performance/shipped_worlds.hpp"

namespace {

using namespace tollgate;

constexpr std::uint32_t kReplicas = 100;  // of a file
constexpr std::uint32_t kSimulated = 10;  // written in turn under different numbers

std::vector<Record> simulate() {
  const test::ShippedWorld& world = test::main_job();
  ScenarioWorker worker(world.scenario, world.layout, 1);
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < kSimulated; ++i) records.push_back(worker.run(i));
  return records;
}

void writer_100_replicas(benchmark::State& state) {
  const test::ShippedWorld& world = test::main_job();
  const RecordLayout& layout = world.layout.record();
  static const std::vector<Record> records = simulate();
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : world.scenario.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }
  EnsembleMetadata metadata;
  metadata.scenario_toml = world.scenario.resolved_toml;
  const auto folder = std::filesystem::temp_directory_path();
  const std::string path = folder / ("tollgate-writer-" + std::to_string(::getpid()) + ".h5");
  std::uintmax_t bytes = 0;
  for (auto _ : state) {
    EnsembleWriter writer(path, layout, kReplicas, metadata, parameters, true);
    for (std::uint32_t i = 0; i < kReplicas; ++i) writer.add(i, records[i % kSimulated]);
    writer.finish();
    bytes = std::filesystem::file_size(path);
  }
  std::filesystem::remove(path);
  const auto replicas = static_cast<double>(state.iterations() * kReplicas);
  const auto raw = static_cast<double>(8 * (layout.integers() + layout.reals()));
  state.counters["us_per_replica"] = benchmark::Counter(
      replicas * 1e-6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["raw_kib"] = raw / 1024;
  state.counters["file_kib"] = static_cast<double>(bytes) / kReplicas / 1024;
  state.counters["MB_per_s"] =
      benchmark::Counter(replicas * raw * 1e-6, benchmark::Counter::kIsRate);
}
// The writer has a thread of its own.
BENCHMARK(writer_100_replicas)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
