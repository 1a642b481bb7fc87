#include "output/writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <map>

#include "output/hdf5.hpp"
#include "output/netcdf.hpp"

namespace tollgate {
namespace {

using hdf5::check;

/// Chunks aim at this size: large enough to compress well, small enough for a cache.
constexpr std::size_t kChunkBytes = std::size_t{256} * 1024;
constexpr std::size_t kMostReplicasPerChunk = 64;

std::string now_utc() {
  std::time_t now = std::time(nullptr);
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH")) now = std::strtoll(fixed, nullptr, 10);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

}  // namespace

struct EnsembleWriter::State {
  TargetFile target;
  const RecordLayout& layout;
  std::uint32_t replicas;
  std::size_t per_chunk;  ///< replicas
  std::size_t parameters;
  hdf5::File file;
  std::vector<hdf5::Dataset> series;
  hdf5::Dataset draw, events, longest_queue;
  std::vector<std::int8_t> status;
  std::vector<ReplicaFailure> failures;

  /// Replicas of one chunk, waiting for the rest of it.
  struct Batch {
    std::size_t present = 0;
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<double> draws;
    std::vector<std::int64_t> events, longest_queue;
  };
  std::map<std::size_t, Batch> batches;
  std::vector<Batch> spare;  ///< kept for reuse

  State(std::string path, bool overwrite, const RecordLayout& record_layout, std::uint32_t count)
      : target(std::move(path), overwrite),
        layout(record_layout),
        replicas(count),
        per_chunk(0),
        parameters(0),
        status(count, static_cast<std::int8_t>(ReplicaStatus::kNotRun)) {
    std::size_t largest = 1;
    for (std::size_t s = 0; s < layout.series().size(); ++s) {
      largest = std::max(largest, layout.size(id(s)) * sizeof(double));
    }
    per_chunk = std::clamp<std::size_t>(kChunkBytes / largest, 1,
                                        std::min<std::size_t>(kMostReplicasPerChunk, count));
  }

  static SeriesId id(std::size_t s) { return {static_cast<std::uint16_t>(s)}; }

  std::size_t length_of(std::size_t batch) const {
    return std::min<std::size_t>(per_chunk, replicas - batch * per_chunk);
  }

  Batch& batch_of(std::uint32_t replica) {
    const std::size_t number = replica / per_chunk;
    const auto found = batches.find(number);
    if (found != batches.end()) return found->second;
    Batch batch;
    if (!spare.empty()) {
      batch = std::move(spare.back());
      spare.pop_back();
      batch.present = 0;
    }
    batch.integers.assign(layout.integers() * per_chunk, 0);
    batch.reals.assign(layout.reals() * per_chunk, std::numeric_limits<double>::quiet_NaN());
    batch.draws.assign(parameters * per_chunk, std::numeric_limits<double>::quiet_NaN());
    batch.events.assign(per_chunk, 0);
    batch.longest_queue.assign(per_chunk, 0);
    return batches.emplace(number, std::move(batch)).first->second;
  }

  void settle(std::uint32_t replica) {
    const std::size_t number = replica / per_chunk;
    Batch& batch = batches.at(number);
    if (++batch.present < length_of(number)) return;
    write(number, length_of(number));
    spare.push_back(std::move(batch));
    batches.erase(number);
  }

  /// Writes the first `length` replicas of a batch to all datasets.
  void write(std::size_t number, std::size_t length) {
    const Batch& batch = batches.at(number);
    for (std::size_t s = 0; s < series.size(); ++s) {
      // Within a batch a series' replicas lie together, so that a write is one block.
      const std::size_t offset = layout.offset(id(s)) * per_chunk;
      if (layout.series()[s].type == ValueType::kInteger) {
        put(series[s], number, length, H5T_NATIVE_INT64, batch.integers.data() + offset);
      } else {
        put(series[s], number, length, H5T_NATIVE_DOUBLE, batch.reals.data() + offset);
      }
    }
    if (parameters > 0) put(draw, number, length, H5T_NATIVE_DOUBLE, batch.draws.data());
    put(events, number, length, H5T_NATIVE_INT64, batch.events.data());
    put(longest_queue, number, length, H5T_NATIVE_INT64, batch.longest_queue.data());
  }

  void put(const hdf5::Dataset& dataset, std::size_t number, std::size_t length, hid_t type,
           const void* values) const {
    const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
    std::vector<hsize_t> count(
        static_cast<std::size_t>(check(H5Sget_simple_extent_ndims(space.get()), "extent")));
    H5Sget_simple_extent_dims(space.get(), count.data(), nullptr);
    std::vector<hsize_t> start(count.size(), 0);
    start[0] = number * per_chunk;
    count[0] = length;
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          "H5Sselect_hyperslab");
    const hdf5::Space memory(
        H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
        "H5Screate_simple");
    check(H5Dwrite(dataset.get(), type, memory.get(), space.get(), H5P_DEFAULT, values),
          "H5Dwrite");
  }
};

EnsembleWriter::EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                               const EnsembleMetadata& metadata,
                               const std::vector<ParameterLabel>& parameters, bool overwrite) {
  hdf5::silence();
  state_ = std::make_unique<State>(std::move(path), overwrite, layout, replicas);
  State& s = *state_;
  s.parameters = parameters.size();
  try {
    NetcdfFile netcdf(s.target.temporary());
    netcdf.describe("Conventions", "CF-1.8");
    netcdf.describe("title", metadata.scenario_title);
    netcdf.describe("source", "tollgate " + metadata.program_version);
    const std::string created = now_utc();
    netcdf.describe("history", created + ": " + metadata.command_line);
    netcdf.describe("tollgate_file_type", "ensemble");
    netcdf.describe("tollgate_format_version", kFileFormat);
    netcdf.describe("tollgate_version", metadata.program_version);
    netcdf.describe("git_commit", metadata.git_commit);
    netcdf.describe("host", host_name());
    netcdf.describe("created", created);
    netcdf.describe("command_line", metadata.command_line);
    netcdf.describe("scenario_name", metadata.scenario_name);
    netcdf.describe("seed", static_cast<std::int64_t>(metadata.seed));
    netcdf.describe("sampling", metadata.sampling);
    netcdf.describe("frozen", metadata.frozen);
    netcdf.describe("focus_region", metadata.focus_region);
    netcdf.describe("reference_region", metadata.reference_region);

    netcdf.add_replica_axis(metadata.first_replica, replicas, s.per_chunk);
    netcdf.add_time_axis(layout.first_quarter(), layout.quarters());
    for (const Axis& axis : layout.axes()) netcdf.add_label_axis(axis);
    if (!parameters.empty()) {
      Axis axis{"parameter", "Uncertain parameter", {}};
      std::vector<std::string> units;
      std::vector<std::string> sources;
      for (const ParameterLabel& parameter : parameters) {
        axis.labels.push_back(parameter.key);
        units.push_back(parameter.unit);
        sources.push_back(parameter.source);
      }
      netcdf.add_label_axis(axis);
      netcdf.add_texts("parameter_unit", "parameter", units, "Unit of the parameter");
      netcdf.add_texts("parameter_source", "parameter", sources, "Source of its distribution");
    }
    netcdf.add_text("scenario_toml", metadata.scenario_toml, "Resolved scenario, as TOML");

    for (const Series& series : layout.series()) {
      std::vector<std::string> dims = {"replica", "time"};
      for (const AxisId axis : series.axes) dims.push_back(layout.axes()[axis].name);
      s.series.push_back(netcdf.add_variable(
          {series.name, dims, series.type == ValueType::kInteger, series.units, series.long_name,
           series.description,
           series.aggregation == Aggregation::kSumOverQuarter ? "time: sum" : "time: point"}));
    }
    if (!parameters.empty()) {
      s.draw = netcdf.add_variable({"draw",
                                    {"replica", "parameter"},
                                    false,
                                    "1",
                                    "Drawn value",
                                    "Value of the uncertain parameter in the replica, in the unit "
                                    "of parameter_unit.",
                                    ""});
    }
    s.events = netcdf.add_variable(
        {"events", {"replica"}, true, "1", "Events executed", "Events of the replica.", ""});
    s.longest_queue = netcdf.add_variable({"longest_queue",
                                           {"replica"},
                                           true,
                                           "1",
                                           "Longest event list",
                                           "Largest number of pending events in the replica.",
                                           ""});
    s.file = std::move(netcdf).release();
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", s.target.path(), error.what()));
  }
}

EnsembleWriter::~EnsembleWriter() = default;

void EnsembleWriter::add(std::uint32_t replica, const Record& record) {
  State& s = *state_;
  State::Batch& batch = s.batch_of(replica);
  const std::size_t row = replica % s.per_chunk;
  for (std::size_t i = 0; i < s.series.size(); ++i) {
    const SeriesId id = State::id(i);
    const std::size_t size = s.layout.size(id);
    const std::size_t to = s.layout.offset(id) * s.per_chunk + row * size;
    if (s.layout.series()[i].type == ValueType::kInteger) {
      std::copy_n(record.integers(id), size, batch.integers.data() + to);
    } else {
      std::copy_n(record.reals(id), size, batch.reals.data() + to);
    }
  }
  std::ranges::copy(record.draws,
                    batch.draws.begin() + static_cast<std::ptrdiff_t>(row * s.parameters));
  batch.events[row] = static_cast<std::int64_t>(record.events);
  batch.longest_queue[row] = static_cast<std::int64_t>(record.longest_queue);
  s.status[replica] = static_cast<std::int8_t>(ReplicaStatus::kComplete);
  try {
    s.settle(replica);
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", s.target.path(), error.what()));
  }
}

void EnsembleWriter::fail(const ReplicaFailure& failure) {
  State& s = *state_;
  s.batch_of(failure.replica);
  s.failures.push_back(failure);
  s.status[failure.replica] = static_cast<std::int8_t>(ReplicaStatus::kFailed);
  try {
    s.settle(failure.replica);
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", s.target.path(), error.what()));
  }
}

void EnsembleWriter::finish(std::uint32_t started) {
  State& s = *state_;
  try {
    for (const auto& [number, batch] : s.batches) {
      const std::size_t first = number * s.per_chunk;
      if (first >= started) continue;
      s.write(number, std::min<std::size_t>(s.length_of(number), started - first));
    }
    s.batches.clear();
    NetcdfFile netcdf(std::move(s.file));
    s.status.resize(started);
    netcdf.add_status(s.status);
    if (!s.failures.empty()) {
      std::vector<std::string> messages(started);
      for (const ReplicaFailure& failure : s.failures) {
        messages[failure.replica] = fmt::format("{} (seed {})", failure.message, failure.seed);
      }
      netcdf.add_texts("failure_message", "replica", messages, "Why the replica failed");
    }
    if (started < s.replicas) netcdf.shrink_replicas(started);
    s.series.clear();
    s.draw = {};
    s.events = {};
    s.longest_queue = {};
    netcdf.close();
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", s.target.path(), error.what()));
  }
  s.target.publish();
}

}  // namespace tollgate
