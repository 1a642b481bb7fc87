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

std::size_t replicas_per_chunk(const RecordLayout& layout, std::uint32_t replicas) {
  std::size_t largest = 1;
  for (std::size_t s = 0; s < layout.series().size(); ++s) {
    const std::size_t size = layout.size({static_cast<std::uint16_t>(s)});
    largest = std::max(largest, size * sizeof(std::int64_t));
  }
  const std::size_t fitting =
      std::clamp<std::size_t>(kChunkBytes / largest, 1, kMostReplicasPerChunk);
  return std::min<std::size_t>(std::bit_floor(fitting), replicas);
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
      lines.insert(section.empty() ? line : section + " " + line);
    }
  }
  return lines;
}

void append_toml_difference(std::string& text, const std::string& found,
                            const std::string& wanted) {
  constexpr std::size_t kMostLines = 6;
  constexpr std::size_t kWidth = 100;
  const auto a = lines_with_section(found);
  const auto b = lines_with_section(wanted);
  const auto append = [&](const auto& from, const auto& without, const char* whose) {
    std::vector<std::string> only;
    std::ranges::set_difference(from, without, std::back_inserter(only));
    for (std::size_t i = 0; i < std::min(only.size(), kMostLines); ++i) {
      text += fmt::format("  scenario {}: {}\n", whose, only[i].substr(0, kWidth));
    }
    if (only.size() > kMostLines) {
      text += fmt::format("  ... and {} more lines\n", only.size() - kMostLines);
    }
  };
  append(a, b, "there");
  append(b, a, "now");
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

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
  if (found.scenario_toml != wanted.scenario_toml) {
    append_toml_difference(text, found.scenario_toml, wanted.scenario_toml);
  }
  return text;
}

void create_ensemble_file(const std::string& path, const RecordLayout& layout,
                          std::uint32_t replicas, const EnsembleMetadata& metadata,
                          const std::vector<ParameterLabel>& parameters) {
  NetcdfFile netcdf(path);
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
  netcdf.describe("replicas_planned", static_cast<std::int64_t>(replicas));
  netcdf.describe("focus_region", metadata.focus_region);
  netcdf.describe("reference_region", metadata.reference_region);

  netcdf.add_replica_axis(metadata.first_replica, replicas, replicas_per_chunk(layout, replicas));
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
    netcdf.add_variable(
        {series.name, dims,
         series.type == ValueType::kInteger ? StoredType::kInt64 : StoredType::kFloat32,
         series.units, series.long_name, series.description,
         series.aggregation == Aggregation::kSumOverQuarter ? "time: sum" : "time: point"});
  }
  if (!parameters.empty()) {
    netcdf.add_variable({"draw",
                         {"replica", "parameter"},
                         StoredType::kFloat64,
                         "1",
                         "Drawn value",
                         "Value of the uncertain parameter in the replica, in the unit of "
                         "parameter_unit.",
                         ""});
  }
  netcdf.add_variable({"events",
                       {"replica"},
                       StoredType::kInt64,
                       "1",
                       "Events executed",
                       "Events of the replica.",
                       ""});
  netcdf.add_variable({"longest_queue",
                       {"replica"},
                       StoredType::kInt64,
                       "1",
                       "Longest event list",
                       "Largest number of pending events in the replica.",
                       ""});
  netcdf.close();
}

EnsembleFile::EnsembleFile(const std::string& path, Access access)
    : EnsembleFile(
          hdf5::File(H5Fopen(path.c_str(), access == Access::kRead ? H5F_ACC_RDONLY : H5F_ACC_RDWR,
                             H5P_DEFAULT),
                     "H5Fopen")) {}

EnsembleFile::EnsembleFile(hdf5::File file) : file_(std::move(file)) {
  std::vector<std::string> names;
  check(H5Literate(file_.get(), H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, collect_name, &names),
        "H5Literate");
  std::vector<Column> columns;
  hsize_t replicas = 0;
  hsize_t rows = 1;
  for (const std::string& name : names) {
    hdf5::Dataset dataset(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
    const hdf5::Properties properties(H5Dget_create_plist(dataset.get()), "H5Dget_create_plist");
    if (H5Pget_layout(properties.get()) != H5D_CHUNKED) continue;  // not along replicas
    const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
    std::vector<hsize_t> extent(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr);
    if (name == "replica") {
      replicas = extent[0];
      check(H5Pget_chunk(properties.get(), 1, &rows), "H5Pget_chunk");
      continue;
    }
    const hdf5::Type type(H5Dget_type(dataset.get()), "H5Dget_type");
    Column column;
    column.name = name;
    column.type = H5Tget_class(type.get()) == H5T_INTEGER    ? StoredType::kInt64
                  : H5Tget_size(type.get()) == sizeof(float) ? StoredType::kFloat32
                                                             : StoredType::kFloat64;
    for (std::size_t d = 1; d < extent.size(); ++d) column.cells *= extent[d];
    columns.push_back(column);
    ranks_.push_back(static_cast<int>(extent.size()));
    datasets_.push_back(std::move(dataset));
  }
  shape_ = BatchShape(std::move(columns), static_cast<std::uint32_t>(replicas),
                      static_cast<std::uint32_t>(rows));
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
          hdf5::read_texts(file_.get(), "scenario_toml").at(0)};
}

void EnsembleFile::write(const EncodedBatch& encoded) {
  const std::byte* chunk = encoded.chunks.data();
  for (std::size_t c = 0; c < datasets_.size(); ++c) {
    if (encoded.sizes[c] == 0) continue;
    std::vector<hsize_t> place(static_cast<std::size_t>(ranks_[c]), 0);
    place[0] = hsize_t{encoded.number} * shape_.rows();
    check(H5Dwrite_chunk(datasets_[c].get(), H5P_DEFAULT, 0, place.data(), encoded.sizes[c], chunk),
          "H5Dwrite_chunk");
    chunk += encoded.sizes[c];
  }
}

void EnsembleFile::read(std::uint32_t number, Batch& batch) const {
  const hsize_t first = hsize_t{number} * shape_.rows();
  const hsize_t rows = shape_.rows_of(number);
  const auto read_rows = [&](const hdf5::Dataset& dataset, hid_t type, void* to) {
    const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
    std::vector<hsize_t> count(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), count.data(), nullptr);
    std::vector<hsize_t> start(count.size(), 0);
    start[0] = first;
    count[0] = rows;
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          "H5Sselect_hyperslab");
    const hdf5::Space memory(
        H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
        "H5Screate_simple");
    check(H5Dread(dataset.get(), type, memory.get(), space.get(), H5P_DEFAULT, to), "H5Dread");
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

void EnsembleFile::finish(const std::vector<ReplicaStatus>& status,
                          const std::map<std::uint32_t, std::string>& failures,
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

}  // namespace tollgate
