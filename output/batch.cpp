#include "output/batch.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "output/target_file.hpp"

namespace tollgate {
namespace {

template <class Real>
void fill_nan(std::byte* to, std::size_t cells) {
  constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();
  for (std::size_t i = 0; i < cells; ++i) std::memcpy(to + i * sizeof kNan, &kNan, sizeof kNan);
}

void fill(std::byte* to, const Column& column) {
  switch (column.type) {
    case StoredType::kInt64:
    case StoredType::kInt8:
      std::memset(to, 0, column.row_bytes());
      break;
    case StoredType::kFloat32:
      fill_nan<float>(to, column.cells);
      break;
    case StoredType::kFloat64:
      fill_nan<double>(to, column.cells);
      break;
  }
}

/// Integers that are all zero need no chunk: HDF5 reads its fill value where there is none.
bool is_fill(std::span<const std::byte> chunk, StoredType type) {
  return (type == StoredType::kInt64 || type == StoredType::kInt8) && chunk[0] == std::byte{0} &&
         std::memcmp(chunk.data(), chunk.data() + 1, chunk.size() - 1) == 0;
}

template <class T>
void put(Bytes& out, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Reads values one after another; an end that comes too early is damage.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> take(std::size_t size) {
    if (size > bytes_.size()) throw OutputError("a block of the journal is too short");
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  template <class T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> rest() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace

BatchShape::BatchShape(std::vector<Column> columns, std::uint64_t points, std::uint32_t replicas,
                       std::uint32_t rows)
    : columns_(std::move(columns)), points_(points), replicas_(replicas), rows_(rows) {
  if (replicas_ > 0 && replicas_ < rows_) {
    const std::uint64_t together = std::min<std::uint64_t>(rows_ / replicas_, points_);
    points_per_block_ = static_cast<std::uint32_t>(together);
    rows_ = points_per_block_ * replicas_;
  }
  for (Column& column : columns_) {
    column.offset = bytes_;
    bytes_ += extent(column) * column.row_bytes();
  }
  if (std::ranges::any_of(columns_, &Column::is_along_points)) summary_.emplace(columns_);
}

std::uint64_t BatchShape::blocks() const {
  return points_per_block_ > 1 ? (points_ + points_per_block_ - 1) / points_per_block_
                               : points_ * blocks_per_point();
}

std::uint64_t BatchShape::first_item(std::uint64_t block) const {
  if (points_per_block_ > 1) return block * rows_;
  const std::uint64_t of_point = blocks_per_point();
  return block / of_point * replicas_ + block % of_point * rows_;
}

std::uint32_t BatchShape::rows_of(std::uint64_t block) const {
  const std::uint64_t left = points_per_block_ > 1 ? items() - block * rows_
                                                   : replicas_ - block % blocks_per_point() * rows_;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(rows_, left));
}

std::uint64_t BatchShape::block_of(std::uint64_t item) const {
  if (points_per_block_ > 1) return item / rows_;
  return item / replicas_ * blocks_per_point() + item % replicas_ / rows_;
}

bool BatchShape::fits(const BatchShape& other) const {
  const auto is_same = [](const Column& a, const Column& b) {
    return a.name == b.name && a.type == b.type && a.cells == b.cells &&
           a.is_along_points == b.is_along_points;
  };
  return points_ == other.points_ && replicas_ == other.replicas_ && rows_ == other.rows_ &&
         std::ranges::equal(columns_, other.columns_, is_same);
}

Batch::Batch(const BatchShape& batch_shape)
    : shape(&batch_shape),
      status(batch_shape.rows(), ReplicaStatus::kNotRun),
      bytes(batch_shape.bytes()) {
  if (batch_shape.summary()) {
    summary.emplace(*batch_shape.summary(), batch_shape.points_per_block());
  }
}

void Batch::restart(std::uint64_t which) {
  number = which;
  present = 0;
  std::ranges::fill(status, ReplicaStatus::kNotRun);
  failures.clear();
  if (summary) summary->restart();
}

void Batch::fill_gaps() {
  for (std::size_t r = 0; r < status.size(); ++r) {
    if (status[r] == ReplicaStatus::kComplete) continue;
    for (const Column& column : shape->columns()) {
      if (!column.is_along_points) fill(row(column, r), column);
    }
  }
}

namespace {

/// All but the numbers.
void encode_states(const Batch& batch, EncodedBatch& out) {
  out.number = batch.number;
  out.status = batch.status;
  out.failures = batch.failures;
  // By row: threads may have noted them in any order.
  std::ranges::sort(out.failures, {}, &Batch::Failure::row);
  out.sizes.clear();
  out.chunks.clear();
  out.is_summary_part = false;
}

}  // namespace

void encode(Batch& batch, ChunkCodec& codec, EncodedBatch& out) {
  if (!batch.summary || batch.present == batch.shape->rows_of(batch.number)) {
    encode_columns(batch, codec, out);
    return;
  }
  encode_states(batch, out);
  batch.summary->encode(codec, out.chunks);
  out.sizes.push_back(static_cast<std::uint32_t>(out.chunks.size()));
  out.is_summary_part = true;
}

void encode_columns(Batch& batch, ChunkCodec& codec, EncodedBatch& out) {
  encode_states(batch, out);
  if (batch.summary) batch.summary->write(batch.shape->columns(), batch.bytes.data());
  batch.fill_gaps();
  for (const Column& column : batch.shape->columns()) {
    if (column.type == StoredType::kInt8) {  // the state of the items, in sweep files
      std::memcpy(batch.row(column, 0), batch.status.data(), batch.shape->rows());
    }
    const std::span<const std::byte> chunk{batch.row(column, 0),
                                           batch.shape->extent(column) * column.row_bytes()};
    const std::size_t before = out.chunks.size();
    if (!is_fill(chunk, column.type)) codec.encode(chunk, width_of(column.type), out.chunks);
    out.sizes.push_back(static_cast<std::uint32_t>(out.chunks.size() - before));
  }
}

void decode_into(const EncodedBatch& encoded, ChunkCodec& codec, Batch& batch) {
  const std::vector<Column>& columns = batch.shape->columns();
  const std::size_t rows = batch.shape->rows();
  Bytes chunk;
  std::size_t at = 0;
  if (batch.summary) {
    if (!encoded.is_summary_part) throw OutputError("a block that is whole has another part");
    batch.summary->merge(encoded.chunks, codec);
  }
  for (std::size_t c = 0; c < columns.size() && !batch.summary; ++c) {
    const Column& column = columns[c];
    chunk.assign(rows * column.row_bytes(), std::byte{0});
    const std::span<const std::byte> filtered{encoded.chunks.data() + at, encoded.sizes[c]};
    at += encoded.sizes[c];
    if (!filtered.empty() && !codec.decode(filtered, width_of(column.type), chunk)) {
      throw OutputError("the checksum of '" + column.name + "' is wrong");
    }
    for (std::size_t r = 0; r < rows; ++r) {
      if (encoded.status[r] == ReplicaStatus::kNotRun) continue;
      std::memcpy(batch.row(column, r), chunk.data() + r * column.row_bytes(), column.row_bytes());
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    if (encoded.status[r] == ReplicaStatus::kNotRun) continue;
    if (batch.status[r] == ReplicaStatus::kNotRun) ++batch.present;
    batch.status[r] = encoded.status[r];
  }
  batch.failures.insert(batch.failures.end(), encoded.failures.begin(), encoded.failures.end());
}

Bytes serialise(const EncodedBatch& encoded) {
  Bytes out;
  out.reserve(encoded.chunks.size() + 4 * encoded.sizes.size() + 1024);
  put(out, encoded.number);
  for (const ReplicaStatus status : encoded.status) put(out, status);
  put(out, static_cast<std::uint32_t>(encoded.failures.size()));
  for (const Batch::Failure& failure : encoded.failures) {
    put(out, failure.row);
    put(out, static_cast<std::uint32_t>(failure.message.size()));
    const auto text = std::as_bytes(std::span(failure.message));
    out.insert(out.end(), text.begin(), text.end());
  }
  for (const std::uint32_t size : encoded.sizes) put(out, size);
  out.insert(out.end(), encoded.chunks.begin(), encoded.chunks.end());
  return out;
}

EncodedBatch parse(std::span<const std::byte> bytes, const BatchShape& shape) {
  Reader reader(bytes);
  EncodedBatch encoded;
  encoded.number = reader.get<std::uint64_t>();
  if (encoded.number >= shape.blocks()) {
    throw OutputError("a block of the journal has an impossible number");
  }
  for (std::size_t r = 0; r < shape.rows(); ++r) {
    encoded.status.push_back(reader.get<ReplicaStatus>());
  }
  const auto failures = reader.get<std::uint32_t>();
  for (std::uint32_t i = 0; i < failures; ++i) {
    Batch::Failure failure;
    failure.row = reader.get<std::uint32_t>();
    const auto text = reader.take(reader.get<std::uint32_t>());
    failure.message.assign(reinterpret_cast<const char*>(text.data()), text.size());
    encoded.failures.push_back(std::move(failure));
  }
  const auto present = static_cast<std::uint32_t>(
      shape.rows() - std::ranges::count(encoded.status, ReplicaStatus::kNotRun));
  encoded.is_summary_part = shape.summary() && present < shape.rows_of(encoded.number);
  const std::size_t sizes = encoded.is_summary_part ? 1 : shape.columns().size();
  std::size_t total = 0;
  for (std::size_t c = 0; c < sizes; ++c) {
    encoded.sizes.push_back(reader.get<std::uint32_t>());
    total += encoded.sizes.back();
  }
  const auto chunks = reader.take(total);
  encoded.chunks.assign(chunks.begin(), chunks.end());
  return encoded;
}

}  // namespace tollgate
