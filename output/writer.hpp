/// Writes an ensemble: one HDF5 file in netCDF-4 conventions, complete or not there at all.
///
/// One dataset per series, shape (replica, time, axes...), chunks of whole replicas, shuffled,
/// deflated and checksummed; dimension scales carry the labels, so that `xarray.open_dataset` needs
/// no code of ours. Records are gathered into chunks and written as they fill: memory does not grow
/// with the number of replicas. The file has a temporary name until it is complete, closed and
/// synced. docs/file-format.md describes the result.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/target_file.hpp"

namespace tollgate {

/// Version of the file layout, attribute `tollgate_format_version`.
inline constexpr std::int64_t kFileFormat = 1;

/// What a file says about where it comes from.
struct EnsembleMetadata {
  std::string program_version;
  std::string git_commit;
  std::string command_line;
  std::string scenario_name;
  std::string scenario_title;
  std::string scenario_toml;  ///< resolved, whole
  std::string focus_region;
  std::string reference_region;
  std::uint64_t seed = 0;
  std::uint32_t first_replica = 0;  ///< number of the first one in the file
  std::string sampling = "plain";  ///< design of the draws
  std::string frozen = "nothing";  ///< what all replicas have in common
};

/// An uncertain parameter, a label of the axis `parameter`.
struct ParameterLabel {
  std::string key;
  std::string unit;
  std::string source;
};

/// Replica's state in the variable `replica_status`.
enum class ReplicaStatus : std::int8_t { kNotRun = 0, kComplete = 1, kFailed = 2 };

class EnsembleWriter {
 public:
  /// Checks that `path` can be written, before any replica has run, and opens a temporary file
  /// beside it. Throws OutputError when it cannot, or when `path` exists and `overwrite` is false.
  EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                 const EnsembleMetadata& metadata, const std::vector<ParameterLabel>& parameters,
                 bool overwrite);
  /// Without `finish`, removes the temporary file.
  ~EnsembleWriter();
  EnsembleWriter(const EnsembleWriter&) = delete;
  EnsembleWriter& operator=(const EnsembleWriter&) = delete;

  /// Takes a replica's record, in any order of replicas, each number once.
  void add(std::uint32_t replica, const Record& record);

  /// Notes a failed replica; its values are NaN, or 0 where they are integers.
  void fail(const ReplicaFailure& failure);

  /// Writes what is left, shrinks the file to the replicas 0 .. started-1, and publishes it under
  /// its name: close, sync, rename, sync the folder. Throws OutputError.
  void finish(std::uint32_t started);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tollgate
