/// What a run has saved so far: the journal, and the temporary file made from it.
///
/// Belongs to the writer's thread; no other may call it, but for `visit`, which reads the journal
/// only and comes before the first `save`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "output/ensemble_file.hpp"
#include "output/journal.hpp"
#include "output/target_file.hpp"

namespace tollgate {

class SavedRun {
 public:
  /// Takes an open journal that has a file image as its first frame. Writes what is in it to the
  /// temporary file of `target`.
  SavedRun(Journal& journal, const TargetFile& target);

  [[nodiscard]] const BatchShape& shape() const { return file_->shape(); }
  [[nodiscard]] const EnsembleFile& file() const { return *file_; }
  /// Its own blocks: all, but of a shard.
  [[nodiscard]] BlockRange range() const { return range_; }
  /// Items there, of a block and in all.
  [[nodiscard]] std::uint32_t settled(std::uint64_t block) const {
    return settled_[block - range_.begin];
  }
  [[nodiscard]] std::uint64_t settled() const;
  /// Of these, that failed.
  [[nodiscard]] std::uint64_t failed() const { return failures_.size(); }
  /// Which items of a block are there that is not full, from the journal.
  [[nodiscard]] std::vector<ReplicaStatus> status_of(std::uint64_t block) const;

  /// Puts what the journal holds into the file, as far as batches are full.
  void replay();
  /// Saves the rows that are in the batch: when this returns, they are on disk. When the batch is
  /// full with them, the file has it too.
  void save(Batch& batch);
  /// Saves a block that has been encoded elsewhere.
  void save(EncodedBatch&& encoded);
  /// Whether a block is summarised in part: the file will say what is there, but only the journal
  /// has what it takes to go on with it.
  [[nodiscard]] bool has_summary_parts() const {
    return shape().summary().has_value() && !unfinished_.empty();
  }
  /// Writes batches that never filled, and closes the file; that of an ensemble ends with the last
  /// replica that is there.
  void finish();

  /// Visits what was saved, from the journal alone.
  void visit(const std::function<void(const Batch&)>& visit) const;

 private:
  void note(const EncodedBatch& encoded, std::uint64_t place);
  void write_if_full(const EncodedBatch& newest);
  /// The rows of all blocks of a batch, put together.
  EncodedBatch merged(std::uint64_t number);

  Journal& journal_;
  std::optional<EnsembleFile> file_;
  ChunkCodec codec_;
  BlockRange range_;
  EncodedBatch encoded_;                           ///< kept for its memory
  std::vector<ReplicaStatus> status_;              ///< by replica; empty for a sweep
  std::map<std::uint64_t, std::string> failures_;  ///< by item
  std::map<std::uint64_t, std::vector<std::uint64_t>> unfinished_;  ///< frames of blocks not full
  std::vector<std::uint32_t> settled_;                              ///< rows there, by block
};

}  // namespace tollgate
