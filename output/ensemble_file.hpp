/// The ensemble file as HDF5 sees it: one dataset per series, shape (replica, time, axes...),
/// chunks of whole replicas, dimension scales with the labels. docs/file-format.md describes it.
///
/// Only one thread of a process calls this, the writer's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"
#include "output/ensemble_metadata.hpp"
#include "output/hdf5.hpp"

namespace tollgate {

/// What must agree for a run to go on with the replicas of another: the same replica number then
/// means the same numbers, to the last bit.
struct RunIdentity {
  std::int64_t format = 0;
  std::string program_version;
  std::string git_commit;
  std::string seed;
  std::string replicas;  ///< asked for
  std::string frozen;    ///< what all replicas have in common
  std::string scenario_toml;
};

/// The differences of `found`, in the output, from `wanted`, line by line; empty when they agree.
std::string difference(const RunIdentity& found, const RunIdentity& wanted);

/// Makes a file without replicas, which must not exist, and closes it. Throws Hdf5Error.
void create_ensemble_file(const std::string& path, const RecordLayout& layout,
                          std::uint32_t replicas, const EnsembleMetadata& metadata,
                          const std::vector<ParameterLabel>& parameters);

class EnsembleFile {
 public:
  enum class Access : std::uint8_t { kRead, kWrite };
  /// Opens a file made by `create_ensemble_file`. Throws Hdf5Error.
  EnsembleFile(const std::string& path, Access access);
  explicit EnsembleFile(hdf5::File file);

  [[nodiscard]] const BatchShape& shape() const { return shape_; }
  [[nodiscard]] RunIdentity identity() const;
  [[nodiscard]] std::string text(const char* attribute) const;

  /// Writes the chunks of a batch.
  void write(const EncodedBatch& encoded);
  /// Reads a batch of a file that is complete, of this program's format.
  void read(std::uint32_t number, Batch& batch) const;

  /// Writes what is known at the end only, cuts the file to `replicas`, and closes it.
  void finish(const std::vector<ReplicaStatus>& status,
              const std::map<std::uint32_t, std::string>& failures, std::uint32_t replicas);

 private:
  hdf5::File file_;
  std::vector<hdf5::Dataset> datasets_;  ///< by column
  std::vector<int> ranks_;
  BatchShape shape_;
};

}  // namespace tollgate
