/// The file of an ensemble or of a sweep as HDF5 sees it: one dataset per series, shape (replica,
/// time, axes...) or (point, replica, time, axes...), chunks of whole replicas, dimension scales
/// with the labels. docs/file-format.md describes it.
///
/// Only one thread of a process calls this, the writer's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"
#include "output/ensemble_metadata.hpp"
#include "output/hdf5.hpp"
#include "output/item_counts.hpp"
#include "output/sweep_metadata.hpp"

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
  // Of sweeps only:
  std::string points;
  std::string design;
  std::string keep;
  std::string shard;  ///< "3/100"
  std::string sweep_toml;
};

/// The differences of `found`, in the output, from `wanted`, line by line; empty when they agree.
std::string difference(const RunIdentity& found, const RunIdentity& wanted);

/// Makes a file without replicas, which must not exist, and closes it; that of a sweep when there
/// is one. Throws Hdf5Error, and OutputError when a factor has the name of something else in the
/// file.
void create_ensemble_file(const std::string& path, const RecordLayout& layout,
                          std::uint32_t replicas, const EnsembleMetadata& metadata,
                          const std::vector<ParameterLabel>& parameters,
                          const SweepMetadata* sweep = nullptr);

class EnsembleFile {
 public:
  enum class Access : std::uint8_t { kRead, kWrite };
  /// Opens a file made by `create_ensemble_file`. Throws Hdf5Error, and OutputError when it is the
  /// master of shards, which has no chunks of its own.
  EnsembleFile(const std::string& path, Access access);
  explicit EnsembleFile(hdf5::File file);

  [[nodiscard]] const BatchShape& shape() const { return shape_; }
  [[nodiscard]] RunIdentity identity() const;
  [[nodiscard]] std::string text(const char* attribute) const;

  [[nodiscard]] bool is_sweep() const { return is_sweep_; }
  /// The part of a sweep that it is; nothing when it is whole.
  [[nodiscard]] std::optional<Shard> shard() const;
  /// Its own blocks.
  [[nodiscard]] BlockRange range() const;

  /// Writes the chunks of a batch.
  void write(const EncodedBatch& encoded);

  /// Writes what is known at the end only, cuts the file to `replicas`, and closes it.
  void finish(const std::vector<ReplicaStatus>& status,
              const std::map<std::uint64_t, std::string>& failures, std::uint32_t replicas);
  /// That of a sweep, which is not cut.
  void finish_sweep(const std::map<std::uint64_t, std::string>& failures);

  // ---- Of a file that is complete, of this program's format.

  /// Reads a batch of an ensemble.
  void read(std::uint64_t number, Batch& batch) const;
  /// Takes a block's chunks out of a sweep file as they are, without the failures. Throws
  /// OutputError when a checksum is wrong.
  void read_encoded(std::uint64_t number, EncodedBatch& encoded) const;
  /// The states of its items alone. Throws OutputError likewise.
  void read_status(std::uint64_t number, std::vector<ReplicaStatus>& status) const;
  /// By item; of a sweep.
  [[nodiscard]] std::map<std::uint64_t, std::string> failures() const;
  /// What a finished sweep file says that it holds, and the digest of its chunks.
  [[nodiscard]] ItemCounts counts() const;
  [[nodiscard]] std::uint64_t digest() const;

  /// What was written to it so far.
  [[nodiscard]] ItemCounts written() const { return written_; }

  [[nodiscard]] const hdf5::File& handle() const { return file_; }

 private:
  /// Where a block's chunk begins.
  [[nodiscard]] std::vector<hsize_t> place_of(std::uint64_t block, std::size_t column) const;
  /// Appends a chunk as it is to `to`, and returns its size: 0 when there is none.
  std::size_t read_chunk(std::uint64_t block, std::size_t column, Bytes& to) const;

  hdf5::File file_;
  std::vector<hdf5::Dataset> datasets_;  ///< by column
  std::vector<std::size_t> ranks_;
  BatchShape shape_;
  bool is_sweep_ = false;
  ItemCounts written_;
  std::uint64_t written_digest_ = 0;
};

/// What a chunk adds to the digest of a file: the sum, so that no order of blocks shows.
std::uint64_t digest_of(std::uint64_t block, std::size_t column, std::span<const std::byte> chunk);

std::uint64_t digest_of(const EncodedBatch& encoded);

/// Items of the blocks.
std::uint64_t items_in(const BatchShape& shape, BlockRange range);

}  // namespace tollgate
