/// A batch: as many items as a chunk of the file holds, or those of them that are there yet.
///
/// An item is a replica of an ensemble, or a replica at a point of a sweep; items are numbered
/// point * replicas + replica. An ensemble has one point. A block is the contiguous range of items
/// that one chunk has: k replicas of one point, or all replicas of several points where a point has
/// fewer than k. Where a sweep keeps summaries, a block is all replicas of some points, and a batch
/// has what stands for them instead of a row for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "output/chunk_codec.hpp"
#include "output/column.hpp"
#include "output/summary_state.hpp"

namespace tollgate {

/// Replica's state in the variable `replica_status`.
enum class ReplicaStatus : std::int8_t { kNotRun = 0, kComplete = 1, kFailed = 2 };

/// Where the numbers of a batch sit, column after column, within a column row after row; and which
/// items are in which block.
class BatchShape {
 public:
  BatchShape() = default;
  /// `rows`: items that a block has, where as many fit.
  BatchShape(std::vector<Column> columns, std::uint64_t points, std::uint32_t replicas,
             std::uint32_t rows);

  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] std::uint64_t points() const { return points_; }
  [[nodiscard]] std::uint32_t replicas() const { return replicas_; }  ///< of each point
  [[nodiscard]] std::uint64_t items() const { return points_ * replicas_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Of a sweep that keeps summaries; nothing where rows are kept.
  [[nodiscard]] const std::optional<SummaryShape>& summary() const { return summary_; }
  /// Rows of a column.
  [[nodiscard]] std::size_t extent(const Column& column) const {
    return column.is_along_points ? points_per_block_ : rows_;
  }

  [[nodiscard]] std::uint32_t rows() const { return rows_; }  ///< of a block, at most
  /// Extent of a chunk: (points, replicas).
  [[nodiscard]] std::uint32_t points_per_block() const { return points_per_block_; }
  [[nodiscard]] std::uint32_t replicas_per_block() const { return rows_ / points_per_block_; }

  [[nodiscard]] std::uint64_t blocks() const;
  [[nodiscard]] std::uint64_t first_item(std::uint64_t block) const;
  /// The last block of a point, or of all, may have fewer.
  [[nodiscard]] std::uint32_t rows_of(std::uint64_t block) const;
  [[nodiscard]] std::uint64_t block_of(std::uint64_t item) const;

  /// Whether blocks and columns are the same, so that a chunk of one fits the other.
  [[nodiscard]] bool fits(const BatchShape& other) const;

 private:
  [[nodiscard]] std::uint64_t blocks_per_point() const { return (replicas_ + rows_ - 1) / rows_; }

  std::vector<Column> columns_;
  std::optional<SummaryShape> summary_;
  std::uint64_t points_ = 1;
  std::uint32_t replicas_ = 0;
  std::uint32_t rows_ = 1;
  std::uint32_t points_per_block_ = 1;
  std::size_t bytes_ = 0;
};

struct Batch {
  explicit Batch(const BatchShape& shape);

  /// Makes it block `which` with no item in it. Bytes stay as they were: `fill_gaps` writes
  /// those of rows that nobody wrote.
  void restart(std::uint64_t which);
  /// Zeros, or NaN where reals are, in the rows that are not complete.
  void fill_gaps();

  [[nodiscard]] std::byte* row(const Column& column, std::size_t index) {
    return bytes.data() + column.offset + index * column.row_bytes();
  }
  [[nodiscard]] const std::byte* row(const Column& column, std::size_t index) const {
    return bytes.data() + column.offset + index * column.row_bytes();
  }

  struct Failure {
    std::uint32_t row = 0;
    std::string message;
  };

  const BatchShape* shape;
  std::uint64_t number = 0;           ///< of the block
  std::size_t present = 0;            ///< rows that are not kNotRun
  std::vector<ReplicaStatus> status;  ///< by row
  std::vector<Failure> failures;
  std::optional<SummaryState> summary;  ///< of the rows that are complete
  Bytes bytes;
};

/// A batch with every column compressed: what the journal keeps and the file takes. Of a part of a
/// summarised block, the state of its summary instead, which the file cannot take.
struct EncodedBatch {
  std::uint64_t number = 0;
  std::vector<ReplicaStatus> status;
  std::vector<Batch::Failure> failures;
  std::vector<std::uint32_t> sizes;  ///< by column; 0: nothing but fill values, not stored
  Bytes chunks;                      ///< column after column
  bool is_summary_part = false;      ///< `chunks` is the state; one size
};

/// Replaces `out`, by columns or, of a part of a summarised block, by its state.
void encode(Batch& batch, ChunkCodec& codec, EncodedBatch& out);
/// By columns in any case.
void encode_columns(Batch& batch, ChunkCodec& codec, EncodedBatch& out);

/// Copies the rows that are there into `batch`, which keeps the others, or adds to its summary.
/// Throws OutputError when a checksum is wrong.
void decode_into(const EncodedBatch& encoded, ChunkCodec& codec, Batch& batch);

/// As bytes for the journal, and back. `parse` throws OutputError when they do not fit `shape`.
Bytes serialise(const EncodedBatch& encoded);
EncodedBatch parse(std::span<const std::byte> bytes, const BatchShape& shape);

}  // namespace tollgate
