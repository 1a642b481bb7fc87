/// A batch: as many replicas as a chunk of the file holds, or those of them that are there yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "output/chunk_codec.hpp"

namespace tollgate {

/// Replica's state in the variable `replica_status`.
enum class ReplicaStatus : std::int8_t { kNotRun = 0, kComplete = 1, kFailed = 2 };

/// How a number is kept: money and chips exactly, measured reals rounded (see stored_real.hpp),
/// drawn parameters exactly.
enum class StoredType : std::uint8_t { kInt64, kFloat32, kFloat64 };

constexpr std::size_t width_of(StoredType type) { return type == StoredType::kFloat32 ? 4 : 8; }

/// A variable along replicas.
struct Column {
  std::string name;
  StoredType type = StoredType::kInt64;
  std::size_t cells = 1;   ///< per replica
  std::size_t offset = 0;  ///< in the bytes of a batch

  [[nodiscard]] std::size_t row_bytes() const { return cells * width_of(type); }
};

/// Where the numbers of a batch sit: column after column, within a column row after row.
class BatchShape {
 public:
  BatchShape() = default;
  BatchShape(std::vector<Column> columns, std::uint32_t replicas, std::uint32_t rows);

  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  [[nodiscard]] std::uint32_t replicas() const { return replicas_; }  ///< of the whole ensemble
  [[nodiscard]] std::uint32_t rows() const { return rows_; }          ///< of a batch
  [[nodiscard]] std::uint32_t batches() const { return (replicas_ + rows_ - 1) / rows_; }
  [[nodiscard]] std::uint32_t rows_of(std::uint32_t batch) const;  ///< the last may have fewer
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Column> columns_;
  std::uint32_t replicas_ = 0;
  std::uint32_t rows_ = 1;
  std::size_t bytes_ = 0;
};

struct Batch {
  explicit Batch(const BatchShape& shape);

  /// Makes it batch `number` with no replica in it. Bytes stay as they were: `fill_gaps` writes
  /// those of rows that nobody wrote.
  void restart(std::uint32_t which);
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
  std::uint32_t number = 0;
  std::size_t present = 0;            ///< rows that are not kNotRun
  std::vector<ReplicaStatus> status;  ///< by row
  std::vector<Failure> failures;
  Bytes bytes;
};

/// A batch with every column compressed: what the journal keeps and the file takes.
struct EncodedBatch {
  std::uint32_t number = 0;
  std::vector<ReplicaStatus> status;
  std::vector<Batch::Failure> failures;
  std::vector<std::uint32_t> sizes;  ///< by column; 0: nothing but fill values, not stored
  Bytes chunks;                      ///< column after column
};

/// Replaces `out`.
void encode(Batch& batch, ChunkCodec& codec, EncodedBatch& out);

/// Copies the rows that are there into `batch`, which keeps the others. Throws OutputError when a
/// checksum is wrong.
void decode_into(const EncodedBatch& encoded, ChunkCodec& codec, Batch& batch);

/// As bytes for the journal, and back. `parse` throws OutputError when they do not fit `shape`.
Bytes serialise(const EncodedBatch& encoded);
EncodedBatch parse(std::span<const std::byte> bytes, const BatchShape& shape);

}  // namespace tollgate
