#include "output/ensemble_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <ctime>
#include <set>
#include <sstream>

#include "output/netcdf.hpp"
#include "output/summary_variables.hpp"
#include "output/sweep_points.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

using hdf5::check;

/// Chunks aim at this size and hold a power of two of replicas: larger ones compress a little
/// better, smaller ones keep batches small and reach the disk sooner.
constexpr std::size_t kChunkBytes = std::size_t{512} * 1024;
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

/// A power of two.
std::uint32_t items_per_chunk(const RecordLayout& layout) {
  std::size_t largest = 1;
  for (std::size_t s = 0; s < layout.series().size(); ++s) {
    const std::size_t size = layout.size({static_cast<std::uint16_t>(s)});
    largest = std::max(largest, size * sizeof(std::int64_t));
  }
  const std::size_t fitting =
      std::clamp<std::size_t>(kChunkBytes / largest, 1, kMostReplicasPerChunk);
  return static_cast<std::uint32_t>(std::bit_floor(fitting));
}

/// "[run] replicas = 100": lines that can be compared as a set.
std::multiset<std::string> lines_with_section(const std::string& toml) {
  std::multiset<std::string> lines;
  std::istringstream in(toml);
  std::string section;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('[')) {
      section = line;
    } else if (!line.empty()) {
      const bool stands_alone = section.empty() || line.starts_with("# ");
      lines.insert(stands_alone ? line : section + " " + line);
    }
  }
  return lines;
}

void append_toml_difference(std::string& text, const char* what, const std::string& found,
                            const std::string& wanted) {
  constexpr std::size_t kMostLines = 6;
  constexpr std::size_t kWidth = 100;
  const auto a = lines_with_section(found);
  const auto b = lines_with_section(wanted);
  const auto append = [&](const auto& from, const auto& without, const char* whose) {
    std::vector<std::string> only;
    std::ranges::set_difference(from, without, std::back_inserter(only));
    for (std::size_t i = 0; i < std::min(only.size(), kMostLines); ++i) {
      text += fmt::format("  {} {}: {}\n", what, whose, only[i].substr(0, kWidth));
    }
    if (only.size() > kMostLines) {
      text += fmt::format("  ... and {} more lines\n", only.size() - kMostLines);
    }
  };
  append(a, b, "there");
  append(b, a, "now");
}

/// The dimensions and the coordinates of a sweep's points.
void add_points(NetcdfFile& netcdf, const BatchShape& blocks, const SweepMetadata& sweep,
                const RecordLayout& layout) {
  netcdf.add_point_axis(sweep.points, blocks.points_per_block(), blocks.replicas_per_block());
  std::set<std::string> taken = {"point",         "replica",          "time",
                                 "quarter",       "parameter",        "draw",
                                 "events",        "longest_queue",    "replica_status",
                                 "failed_item",   "failure_message",  "parameter_unit",
                                 "scenario_toml", "parameter_source", "sweep_toml",
                                 "shard",         "shard_bytes",      "shard_first_item",
                                 "shard_items",   "shard_file",       "shard_digest"};
  for (const Axis& axis : layout.axes()) taken.insert(axis.name);
  for (const Series& series : layout.series()) taken.insert(series.name);
  if (keeps_summary(sweep)) {
    for (const std::string& name : summary_names(layout)) taken.insert(name);
  }
  std::string coordinates;
  for (const Factor& factor : sweep.factors) {
    if (!taken.insert(factor.id).second) {
      throw OutputError(fmt::format(
          "the factor '{}' has the name of something else in the output; give it another id",
          factor.id));
    }
    const std::string long_name = factor.long_name.empty() ? factor.key : factor.long_name;
    if (factor.labels.empty()) {
      netcdf.add_point_numbers(factor.id, factor.unit, long_name);
    } else {
      netcdf.add_point_texts(factor.id, long_name);
    }
    netcdf.describe_variable(factor.id, "key", factor.key);
    coordinates += (coordinates.empty() ? "" : " ") + factor.id;
  }
  // One for all variables: xarray and other readers of CF take it from here.
  if (!coordinates.empty()) netcdf.describe("coordinates", coordinates);
}

/// Variables along items.
void add_rows(NetcdfFile& netcdf, const RecordLayout& layout, bool has_draws, bool is_sweep) {
  // The dimensions of an item, and more.
  const auto with = [is_sweep](std::vector<std::string> more) {
    std::vector<std::string> dims;
    if (is_sweep) dims.emplace_back("point");
    dims.emplace_back("replica");
    std::ranges::move(more, std::back_inserter(dims));
    return dims;
  };
  for (const Series& series : layout.series()) {
    std::vector<std::string> dims = with({"time"});
    for (const AxisId axis : series.axes) dims.push_back(layout.axes()[axis].name);
    netcdf.add_variable(
        {series.name, dims,
         series.type == ValueType::kInteger ? StoredType::kInt64 : StoredType::kFloat32,
         series.units, series.long_name, series.description,
         series.aggregation == Aggregation::kSumOverQuarter ? "time: sum" : "time: point"});
  }
  if (has_draws) {
    netcdf.add_variable({"draw", with({"parameter"}), StoredType::kFloat64, "1", "Drawn value",
                         "Value of the uncertain parameter in the replica, in the unit of "
                         "parameter_unit.",
                         ""});
  }
  netcdf.add_variable({"events", with({}), StoredType::kInt64, "1", "Events executed",
                       "Events of the replica.", ""});
  netcdf.add_variable({"longest_queue", with({}), StoredType::kInt64, "1", "Longest event list",
                       "Largest number of pending events in the replica.", ""});
}

}  // namespace

std::uint64_t digest_of(std::uint64_t block, std::size_t column, std::span<const std::byte> chunk) {
  const auto mixed = [](std::uint64_t x) {  // splitmix64's
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  };
  const std::uint64_t sum = std::uint64_t{chunk.size()} << 32U | crc32(chunk);
  return mixed(mixed(mixed(block + 1) + column) + sum);
}

std::uint64_t digest_of(const EncodedBatch& encoded) {
  std::uint64_t digest = 0;
  const std::byte* chunk = encoded.chunks.data();
  for (std::size_t c = 0; c < encoded.sizes.size(); ++c) {
    if (encoded.sizes[c] == 0) continue;
    digest += digest_of(encoded.number, c, {chunk, encoded.sizes[c]});
    chunk += encoded.sizes[c];
  }
  return digest;
}

std::uint64_t items_in(const BatchShape& shape, BlockRange range) {
  if (range.begin == range.end) return 0;
  return shape.first_item(range.end - 1) + shape.rows_of(range.end - 1) -
         shape.first_item(range.begin);
}

std::string difference(const RunIdentity& found, const RunIdentity& wanted) {
  std::string text;
  const auto compare = [&text](const char* what, const std::string& there, const std::string& now) {
    if (there != now) text += fmt::format("  {}: {} there, {} now\n", what, there, now);
  };
  compare("file format", fmt::format("{}", found.format), fmt::format("{}", wanted.format));
  compare("program version", found.program_version, wanted.program_version);
  compare("commit of the program", found.git_commit, wanted.git_commit);
  compare("seed", found.seed, wanted.seed);
  compare("replicas", found.replicas, wanted.replicas);
  compare("frozen", found.frozen, wanted.frozen);
  compare("points", found.points, wanted.points);
  compare("design", found.design, wanted.design);
  compare("keep", found.keep, wanted.keep);
  compare("shard", found.shard, wanted.shard);
  if (found.scenario_toml != wanted.scenario_toml) {
    append_toml_difference(text, "scenario", found.scenario_toml, wanted.scenario_toml);
  }
  if (found.sweep_toml != wanted.sweep_toml) {
    append_toml_difference(text, "sweep", found.sweep_toml, wanted.sweep_toml);
  }
  return text;
}

void create_ensemble_file(const std::string& path, const RecordLayout& layout,
                          std::uint32_t replicas, const EnsembleMetadata& metadata,
                          const std::vector<ParameterLabel>& parameters,
                          const SweepMetadata* sweep) {
  NetcdfFile netcdf(path);
  netcdf.describe("Conventions", "CF-1.8");
  netcdf.describe("title", metadata.scenario_title);
  netcdf.describe("source", "tollgate " + metadata.program_version);
  const std::string created = now_utc();
  netcdf.describe("history", created + ": " + metadata.command_line);
  netcdf.describe("tollgate_file_type", sweep != nullptr ? "sweep" : "ensemble");
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
  netcdf.describe("replicas_planned", static_cast<std::int64_t>(replicas));
  netcdf.describe("focus_region", metadata.focus_region);
  netcdf.describe("reference_region", metadata.reference_region);

  if (sweep != nullptr) {
    netcdf.describe("design", sweep->design);
    netcdf.describe("common_noise", sweep->common_noise ? "true" : "false");
    netcdf.describe("keep", sweep->keep);
    netcdf.describe("points", static_cast<std::int64_t>(sweep->points));
    netcdf.describe("sweep_file", sweep->sweep_file);
    netcdf.describe("sweep_command", sweep->sweep_command);
    if (sweep->shard) netcdf.describe("shard", shard_text(*sweep->shard));
  }

  const bool is_summary = sweep != nullptr && keeps_summary(*sweep);
  const std::uint32_t per_chunk =
      is_summary ? points_per_block(layout, *sweep, replicas) * replicas : items_per_chunk(layout);
  netcdf.add_replica_axis(metadata.first_replica, replicas, std::min(per_chunk, replicas));
  const BatchShape blocks({}, sweep != nullptr ? sweep->points : 1, replicas, per_chunk);
  if (sweep != nullptr) add_points(netcdf, blocks, *sweep, layout);
  netcdf.add_time_axis(layout.first_quarter(), layout.quarters());
  for (const Axis& axis : layout.axes()) netcdf.add_label_axis(axis);
  if (!parameters.empty() && !is_summary) {
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

  if (sweep != nullptr) netcdf.add_text("sweep_toml", sweep->sweep_toml, "Resolved sweep, as TOML");

  if (is_summary) {
    add_summary(netcdf, layout, sweep->outcomes);
  } else {
    add_rows(netcdf, layout, !parameters.empty(), sweep != nullptr);
  }
  if (sweep != nullptr) netcdf.add_item_status();
  netcdf.close();
  if (sweep == nullptr) return;
  const BlockRange range = blocks_of(sweep->shard.value_or(Shard{}), blocks.blocks());
  if (range.begin == range.end) return;
  const std::uint64_t first = blocks.first_item(range.begin) / replicas;
  const std::uint64_t last =
      (blocks.first_item(range.begin) + items_in(blocks, range) - 1) / replicas;
  write_points(path, *sweep, first, last + 1);
}

EnsembleFile::EnsembleFile(const std::string& path, Access access)
    : EnsembleFile(
          hdf5::File(H5Fopen(path.c_str(), access == Access::kRead ? H5F_ACC_RDONLY : H5F_ACC_RDWR,
                             H5P_DEFAULT),
                     "H5Fopen")) {}

EnsembleFile::EnsembleFile(hdf5::File file)
    : file_(std::move(file)), is_sweep_(text("tollgate_file_type") == "sweep") {
  const std::size_t leading = is_sweep_ ? 2 : 1;  // dimensions of an item
  std::vector<Column> columns;
  std::vector<hsize_t> extent;
  std::vector<hsize_t> chunk;
  const bool is_summary = text("keep") == "summary";
  for (const std::string& name : hdf5::names_in(file_.get())) {
    hdf5::Dataset dataset(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
    const hdf5::Properties properties(H5Dget_create_plist(dataset.get()), "H5Dget_create_plist");
    if (H5Pget_layout(properties.get()) == H5D_VIRTUAL) {
      throw OutputError("it maps the shards of a sweep and has no results of its own");
    }
    if (H5Pget_layout(properties.get()) != H5D_CHUNKED) continue;  // not along items
    const std::vector<hsize_t> shape = hdf5::shape_of(dataset);
    if (shape.size() < leading) continue;  // a coordinate of points
    const bool is_along_points = is_summary && name != "replica_status";
    // Chunks of all are as many items; of an ensemble, `replica` says how many.
    if (extent.empty() && !is_along_points) {
      extent = shape;
      chunk.resize(shape.size());
      check(H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()),
            "H5Pget_chunk");
    }
    if (name == "replica") continue;
    const hdf5::Type type(H5Dget_type(dataset.get()), "H5Dget_type");
    const std::size_t width = H5Tget_size(type.get());
    Column column;
    column.name = name;
    column.is_along_points = is_along_points;
    column.type = H5Tget_class(type.get()) == H5T_INTEGER
                      ? (width == 1 ? StoredType::kInt8 : StoredType::kInt64)
                  : width == sizeof(float) ? StoredType::kFloat32
                                           : StoredType::kFloat64;
    for (std::size_t d = is_along_points ? 1 : leading; d < shape.size(); ++d) {
      column.cells *= shape[d];
    }
    columns.push_back(column);
    ranks_.push_back(shape.size());
    datasets_.push_back(std::move(dataset));
  }
  if (extent.size() < leading) throw OutputError("it has no results");
  const hsize_t points = is_sweep_ ? extent[0] : 1;
  const hsize_t rows = is_sweep_ ? chunk[0] * chunk[1] : chunk[0];
  shape_ = BatchShape(std::move(columns), points, static_cast<std::uint32_t>(extent[leading - 1]),
                      static_cast<std::uint32_t>(rows));
}

std::optional<Shard> EnsembleFile::shard() const { return parse_shard(text("shard")); }

BlockRange EnsembleFile::range() const {
  return blocks_of(shard().value_or(Shard{}), shape_.blocks());
}

std::string EnsembleFile::text(const char* attribute) const {
  return hdf5::read_text_attribute(file_.get(), attribute);
}

RunIdentity EnsembleFile::identity() const {
  const auto integer = [this](const char* name) {
    return hdf5::read_integer_attribute(file_.get(), name);
  };
  return {integer("tollgate_format_version"),
          text("tollgate_version"),
          text("git_commit"),
          fmt::format("{}", static_cast<std::uint64_t>(integer("seed"))),
          fmt::format("{}", integer("replicas_planned")),
          text("frozen"),
          hdf5::read_texts(file_.get(), "scenario_toml").at(0),
          is_sweep_ ? fmt::format("{}", integer("points")) : "",
          text("design"),
          text("keep"),
          text("shard"),
          is_sweep_ ? hdf5::read_texts(file_.get(), "sweep_toml").at(0) : ""};
}

std::vector<hsize_t> EnsembleFile::place_of(std::uint64_t block, std::size_t column) const {
  std::vector<hsize_t> place(ranks_[column], 0);
  const std::uint64_t item = shape_.first_item(block);
  if (is_sweep_) {
    place[0] = item / shape_.replicas();
    place[1] = item % shape_.replicas();
  } else {
    place[0] = item;
  }
  return place;
}

void EnsembleFile::write(const EncodedBatch& encoded) {
  const std::byte* chunk = encoded.chunks.data();
  for (std::size_t c = 0; c < datasets_.size(); ++c) {
    const std::size_t size = encoded.sizes[c];
    if (size == 0) continue;
    check(H5Dwrite_chunk(datasets_[c].get(), H5P_DEFAULT, 0, place_of(encoded.number, c).data(),
                         size, chunk),
          "H5Dwrite_chunk");
    chunk += size;
  }
  written_digest_ += digest_of(encoded);
  for (const ReplicaStatus status : encoded.status) {
    if (status == ReplicaStatus::kComplete) ++written_.complete;
    if (status == ReplicaStatus::kFailed) ++written_.failed;
  }
}

void EnsembleFile::read(std::uint64_t number, Batch& batch) const {
  const hsize_t first = shape_.first_item(number);
  const hsize_t rows = shape_.rows_of(number);
  const auto read_rows = [&](const hdf5::Dataset& dataset, hid_t type, void* to) {
    std::vector<hsize_t> count = hdf5::shape_of(dataset);
    std::vector<hsize_t> start(count.size(), 0);
    start[0] = first;
    count[0] = rows;
    hdf5::read_box(dataset, type, start, count, to);
  };
  batch.restart(number);
  for (std::size_t c = 0; c < datasets_.size(); ++c) {
    const Column& column = shape_.columns()[c];
    const hid_t type = column.type == StoredType::kInt64     ? H5T_NATIVE_INT64
                       : column.type == StoredType::kFloat32 ? H5T_NATIVE_FLOAT
                                                             : H5T_NATIVE_DOUBLE;
    read_rows(datasets_[c], type, batch.row(column, 0));
  }
  const hdf5::Dataset status(H5Dopen2(file_.get(), "replica_status", H5P_DEFAULT), "H5Dopen2");
  read_rows(status, H5T_NATIVE_INT8, batch.status.data());
  batch.present = static_cast<std::size_t>(
      std::ranges::count_if(batch.status, [](auto s) { return s != ReplicaStatus::kNotRun; }));
  if (H5Lexists(file_.get(), "failure_message", H5P_DEFAULT) <= 0) return;
  const std::vector<std::string> messages = hdf5::read_texts(file_.get(), "failure_message");
  for (std::uint32_t r = 0; r < rows; ++r) {
    if (batch.status[r] == ReplicaStatus::kFailed) {
      batch.failures.push_back({r, messages.at(first + r)});
    }
  }
}

std::size_t EnsembleFile::read_chunk(std::uint64_t block, std::size_t column, Bytes& to) const {
  const hid_t dataset = datasets_[column].get();
  const std::vector<hsize_t> place = place_of(block, column);
  hsize_t size = 0;
  // Where there is no chunk, some releases of the library fail and some say 0. A chunk that is lost
  // to damage shows in the digest.
  if (H5Dget_chunk_storage_size(dataset, place.data(), &size) < 0 || size == 0) {
    H5Eclear2(H5E_DEFAULT);
    return 0;
  }
  const std::size_t at = to.size();
  to.resize(at + size);
  std::uint32_t skipped = 0;
  check(H5Dread_chunk(dataset, H5P_DEFAULT, place.data(), &skipped, to.data() + at),
        "H5Dread_chunk");
  if (skipped != 0 || !ChunkCodec::is_intact({to.data() + at, size})) {
    throw OutputError(fmt::format("the checksum of '{}' is wrong in block {}",
                                  shape_.columns()[column].name, block));
  }
  return size;
}

void EnsembleFile::read_encoded(std::uint64_t number, EncodedBatch& encoded) const {
  encoded.number = number;
  encoded.failures.clear();
  encoded.sizes.clear();
  encoded.chunks.clear();
  for (std::size_t c = 0; c < datasets_.size(); ++c) {
    encoded.sizes.push_back(static_cast<std::uint32_t>(read_chunk(number, c, encoded.chunks)));
  }
  read_status(number, encoded.status);
}

void EnsembleFile::read_status(std::uint64_t number, std::vector<ReplicaStatus>& status) const {
  status.assign(shape_.rows(), ReplicaStatus::kNotRun);
  const auto column = std::ranges::find(shape_.columns(), StoredType::kInt8, &Column::type);
  Bytes chunk;
  if (read_chunk(number, static_cast<std::size_t>(column - shape_.columns().begin()), chunk) == 0) {
    return;
  }
  ChunkCodec codec;
  if (!codec.decode(chunk, 1, std::as_writable_bytes(std::span(status)))) {
    throw OutputError(fmt::format("the states of block {} are damaged", number));
  }
}

std::map<std::uint64_t, std::string> EnsembleFile::failures() const {
  std::map<std::uint64_t, std::string> result;
  if (H5Lexists(file_.get(), "failed_item", H5P_DEFAULT) <= 0) return result;
  const hdf5::Dataset dataset(H5Dopen2(file_.get(), "failed_item", H5P_DEFAULT), "H5Dopen2");
  std::vector<std::int64_t> items(hdf5::shape_of(dataset).at(0));
  hdf5::read_box(dataset, H5T_NATIVE_INT64, {0}, {items.size()}, items.data());
  const std::vector<std::string> messages = hdf5::read_texts(file_.get(), "failure_message");
  for (std::size_t i = 0; i < items.size(); ++i) {
    result[static_cast<std::uint64_t>(items[i])] = messages.at(i);
  }
  return result;
}

ItemCounts EnsembleFile::counts() const {
  const auto count = [this](const char* name) {
    return static_cast<std::uint64_t>(hdf5::read_integer_attribute(file_.get(), name));
  };
  return {count("items_complete"), count("items_failed"), items_in(shape_, range())};
}

std::uint64_t EnsembleFile::digest() const {
  return std::strtoull(text("stored_digest").c_str(), nullptr, 16);
}

void EnsembleFile::finish(const std::vector<ReplicaStatus>& status,
                          const std::map<std::uint64_t, std::string>& failures,
                          std::uint32_t replicas) {
  datasets_.clear();
  NetcdfFile netcdf(std::move(file_));
  std::vector<std::int8_t> values;
  for (std::uint32_t i = 0; i < replicas; ++i) {
    values.push_back(static_cast<std::int8_t>(status[i]));
  }
  netcdf.add_status(values);
  if (!failures.empty()) {
    std::vector<std::string> messages(replicas);
    for (const auto& [replica, message] : failures) messages.at(replica) = message;
    netcdf.add_texts("failure_message", "replica", messages, "Why the replica failed");
  }
  if (replicas < shape_.replicas()) netcdf.shrink_replicas(replicas);
  netcdf.close();
}

void EnsembleFile::finish_sweep(const std::map<std::uint64_t, std::string>& failures) {
  datasets_.clear();
  NetcdfFile netcdf(std::move(file_));
  if (!failures.empty()) netcdf.add_failures(failures);
  netcdf.describe("items_complete", static_cast<std::int64_t>(written_.complete));
  netcdf.describe("items_failed", static_cast<std::int64_t>(written_.failed));
  netcdf.describe("stored_digest", fmt::format("{:016x}", written_digest_));
  netcdf.close();
}

}  // namespace tollgate
