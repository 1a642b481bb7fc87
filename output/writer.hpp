/// Writes an ensemble, a sweep or a shard of a sweep: one HDF5 file in netCDF-4 conventions,
/// complete or not there at all, from replicas that arrive in any order, from several threads, over
/// several attempts.
///
/// Worker threads copy records into batches of as many replicas as a chunk holds. Full batches go
/// through a bounded queue to one thread, which alone calls HDF5: it compresses a batch, appends it
/// to the journal `<path>.partial` and syncs that, and hands the same compressed bytes to a
/// temporary file. Only then are its replicas *saved*; a kill -9 loses none of these. `finish`
/// publishes the temporary file under its name and removes the journal.
///
/// Memory does not grow with the number of replicas: when too many batches wait for a slow replica,
/// the one that has waited longest is saved as it is, and put together again when the rest comes.
/// docs/file-format.md describes the result, docs/decisions/0006-journal.md says why a journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/batch.hpp"
#include "output/ensemble_metadata.hpp"
#include "output/sweep_metadata.hpp"
#include "output/target_file.hpp"

namespace tollgate {

struct WriterOptions {
  /// Goes on with the replicas of an attempt at the same output that was cut short, if there is
  /// one.
  bool is_resuming = false;
  std::size_t queued_batches = 2;  ///< on their way to the disk
  std::size_t open_batches = 8;    ///< being filled
  /// A replica waits about so long for the others of its batch before it is saved without them: the
  /// batch is then compressed again when it is whole, which costs little where replicas are so
  /// slow.
  std::chrono::milliseconds longest_wait{10000};
  /// Likewise of a summary, of which a part takes as much room as the whole.
  std::chrono::milliseconds longest_summary_wait{60000};
};

class EnsembleWriter {
 public:
  /// Checks that `path` can be written, before any replica has run, opens and locks the journal and
  /// makes the temporary file. Throws OutputError when it cannot; when another process is writing
  /// `path`; when `path` or a journal exists and neither `overwrite` nor resuming is asked for; and
  /// when what is to be resumed is of another scenario, seed or program, with the differences.
  EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                 const EnsembleMetadata& metadata, const std::vector<ParameterLabel>& parameters,
                 bool overwrite, WriterOptions options = {});
  /// Likewise for a sweep, or the shard of it that `sweep` says; `replicas` are those of each
  /// point. Items, numbered point * replicas + replica, take the place of replicas. The folder of a
  /// shard is made if need be. A complete output that is resumed stays as it is.
  EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                 const EnsembleMetadata& metadata, const std::vector<ParameterLabel>& parameters,
                 const SweepMetadata& sweep, bool overwrite, WriterOptions options = {});
  /// Without `finish`, keeps the journal if any replica is in it, and nothing else.
  ~EnsembleWriter();
  EnsembleWriter(const EnsembleWriter&) = delete;
  EnsembleWriter& operator=(const EnsembleWriter&) = delete;

  /// Replicas that are still to be run, ascending: all of them unless resuming. Of an ensemble.
  [[nodiscard]] std::vector<std::uint32_t> missing() const;

  [[nodiscard]] const BatchShape& shape() const;
  /// The blocks to write, and how many items of them are still to be run: all unless resuming.
  [[nodiscard]] BlockRange blocks() const;
  [[nodiscard]] std::uint64_t missing_items() const;
  /// Replaces `items` by those still to be run of the blocks from `block` on, ascending: of whole
  /// blocks, as many as keep them at `most` or below, but of one block at least. Returns the block
  /// to go on from; none are left when that is the end of `blocks()`. Says what was missing when
  /// the writer was made, from any thread.
  std::uint64_t missing_from(std::uint64_t block, std::size_t most,
                             std::vector<std::uint64_t>& items) const;

  /// Visits the replicas that are there already, as they were saved, in no certain order. To be
  /// called before the first `add`. Of an ensemble.
  void for_each_saved(const std::function<void(std::uint32_t, const Record&)>& complete,
                      const std::function<void(const ReplicaFailure&)>& failed) const;

  /// Takes an item's record, each number once, in any order, from any thread, and returns when it
  /// is copied. Waits while the disk is behind. Throws OutputError when the disk has failed.
  void add(std::uint64_t item, const Record& record);

  /// Notes a failed item likewise; its values are NaN, or 0 where they are integers.
  void fail(std::uint64_t item, const std::string& message);
  void fail(const ReplicaFailure& failure);

  /// Takes items of one block that another process has encoded, none of which comes twice. From one
  /// thread; waits while the disk is behind.
  void add_block(EncodedBatch&& encoded);
  /// The file without any item, for processes that encode blocks; empty when there is nothing to
  /// run.
  [[nodiscard]] Bytes image() const;

  /// How many items are on disk, for good: no kill loses them. Those that were added and are not
  /// counted yet may still be lost.
  [[nodiscard]] std::uint64_t saved() const;
  /// Of the items that were there when the writer was made, how many had failed.
  [[nodiscard]] std::uint64_t failed_at_start() const;

  /// Saves what is left and publishes the file: close, sync, rename, sync the folder. Of a run that
  /// stopped early the file of an ensemble ends with the last replica that ran; any can be resumed.
  /// Throws OutputError; what was saved is then in the journal still.
  void finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tollgate
