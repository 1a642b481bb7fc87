#include "output/summary_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/kernel/check.hpp"
#include "output/stored_real.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

using Integers = ExactMoments<std::int64_t>;
using Reals = ExactMoments<double>;
static_assert(std::is_trivially_copyable_v<Integers> && std::is_trivially_copyable_v<Reals>);
static_assert(sizeof(Integers) == sizeof(Reals) && sizeof(Reals) % sizeof(std::uint64_t) == 0);
constexpr std::size_t kWords = sizeof(Reals) / sizeof(std::uint64_t);

using Words = std::vector<std::uint64_t>;

/// All first words of the cells, then all second ones, and so on: most are zero, and compress well
/// when they lie together.
template <class Moments>
void put_cells(std::span<const Moments> cells, Words& to) {
  const std::size_t at = to.size();
  to.resize(at + cells.size() * kWords);
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const auto words = std::bit_cast<std::array<std::uint64_t, kWords>>(cells[c]);
    for (std::size_t w = 0; w < kWords; ++w) to[at + w * cells.size() + c] = words[w];
  }
}

template <class Moments>
void merge_cells(std::span<const std::uint64_t> from, std::span<Moments> cells) {
  for (std::size_t c = 0; c < cells.size(); ++c) {
    std::array<std::uint64_t, kWords> words{};
    for (std::size_t w = 0; w < kWords; ++w) words[w] = from[w * cells.size() + c];
    cells[c].merge(std::bit_cast<Moments>(words));
  }
}

/// Writes to a row of a column, in its type.
class Row {
 public:
  Row(const Column& column, std::size_t point, std::byte* bytes)
      : type_(column.type), at_(bytes + column.offset + point * column.row_bytes()) {}

  void put(std::size_t cell, double x) {
    if (type_ == StoredType::kFloat32) {
      store(cell, stored_real(x));
    } else {
      store(cell, x);
    }
  }
  void put(std::size_t cell, std::int64_t x) { store(cell, x); }

 private:
  template <class T>
  void store(std::size_t cell, T x) {
    std::memcpy(at_ + cell * sizeof x, &x, sizeof x);
  }
  StoredType type_;
  std::byte* at_;
};

/// Takes words one after another; an end that comes too early is damage.
class WordReader {
 public:
  explicit WordReader(std::span<const std::uint64_t> words) : words_(words) {}
  std::span<const std::uint64_t> take(std::size_t n) {
    if (n > words_.size()) throw OutputError("a summary in the journal is too short");
    const auto taken = words_.first(n);
    words_ = words_.subspan(n);
    return taken;
  }
  std::uint64_t next() { return take(1)[0]; }
  [[nodiscard]] bool is_at_end() const { return words_.empty(); }

 private:
  std::span<const std::uint64_t> words_;
};

}  // namespace

SummaryShape::SummaryShape(const std::vector<Column>& columns) {
  const auto find = [&](const std::string& name) -> std::optional<std::size_t> {
    const auto found = std::ranges::find(columns, name, &Column::name);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
  };
  const auto place = [&](const std::string& name) {
    const std::optional<std::size_t> found = find(name);
    if (!found) throw OutputError(fmt::format("it has no variable '{}'", name));
    return *found;
  };
  for (const Column& column : columns) {
    constexpr std::string_view kEnd = kMeanEnd;
    if (!column.is_along_points || !column.name.ends_with(kEnd)) continue;
    const std::string name = column.name.substr(0, column.name.size() - kEnd.size());
    Group group;
    group.cells = column.cells;
    group.mean = place(column.name);
    group.sd = place(name + kSdEnd);
    group.min = place(name + kMinEnd);
    group.max = place(name + kMaxEnd);
    group.count = find(name + kCountEnd);
    group.is_real = columns[group.min].type != StoredType::kInt64;
    std::size_t& before = group.is_real ? reals_ : integers_;
    group.first = before;
    before += group.cells;
    groups_.push_back(group);
    if (name == kOutcome) outcomes_ = group.cells;
  }
  if (outcomes_ > 0) {
    sketches_ = {place(kQuantiles), place(kSketchValue), place(kSketchCount), place(kSketchError)};
  }
}

std::size_t summary_bytes(std::size_t integers, std::size_t reals, std::size_t outcomes) {
  const std::size_t of_sketch = QuantileSketch::kMostBuckets * sizeof(QuantileSketch::Bucket);
  return integers * sizeof(Integers) + reals * sizeof(Reals) + outcomes * of_sketch;
}

SummaryState::SummaryState(const SummaryShape& shape, std::size_t points)
    : shape_(shape),
      points_(points),
      replicas_(points, 0),
      integers_(points * shape.integers_),
      reals_(points * shape.reals_),
      sketches_(points * shape.outcomes_) {}

void SummaryState::restart() {
  std::ranges::fill(replicas_, 0);
  std::ranges::fill(integers_, Integers());
  std::ranges::fill(reals_, Reals());
  for (QuantileSketch& sketch : sketches_) sketch.clear();
}

void SummaryState::add(std::size_t point, std::span<const std::int64_t> integers,
                       std::span<const double> reals) {
  TOLLGATE_CHECK(integers.size() == shape_.integers_ && reals.size() == shape_.reals_,
                 "a number for each moment");
  const std::lock_guard lock(guard_);
  ++replicas_[point];
  for (std::size_t i = 0; i < integers.size(); ++i) {
    integers_[point * integers.size() + i].add(integers[i]);
  }
  for (std::size_t i = 0; i < reals.size(); ++i) reals_[point * reals.size() + i].add(reals[i]);
  const std::span<const double> outcomes = reals.last(shape_.outcomes_);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (std::isfinite(outcomes[i])) sketches_[point * outcomes.size() + i].add(outcomes[i]);
  }
}

void SummaryState::write(std::span<const Column> columns, std::byte* bytes) const {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t p = 0; p < points_; ++p) {
    for (const SummaryShape::Group& group : shape_.groups_) {
      Row mean(columns[group.mean], p, bytes);
      Row sd(columns[group.sd], p, bytes);
      Row min(columns[group.min], p, bytes);
      Row max(columns[group.max], p, bytes);
      std::optional<Row> count;
      if (group.count) count.emplace(columns[*group.count], p, bytes);
      const auto put = [&](std::size_t cell, const auto& moments, auto none) {
        const bool is_empty = moments.count() == 0;
        mean.put(cell, moments.mean());
        sd.put(cell, moments.standard_deviation());
        min.put(cell, is_empty ? none : moments.minimum());
        max.put(cell, is_empty ? none : moments.maximum());
        if (count) count->put(cell, moments.count());
      };
      for (std::size_t c = 0; c < group.cells; ++c) {
        if (group.is_real) {
          put(c, reals_[p * shape_.reals_ + group.first + c], kNan);
        } else {
          put(c, integers_[p * shape_.integers_ + group.first + c], std::int64_t{0});
        }
      }
    }
    if (!shape_.sketches_) continue;
    Row quantiles(columns[shape_.sketches_->quantiles], p, bytes);
    Row value(columns[shape_.sketches_->value], p, bytes);
    Row count(columns[shape_.sketches_->count], p, bytes);
    Row error(columns[shape_.sketches_->error], p, bytes);
    for (std::size_t o = 0; o < shape_.outcomes_; ++o) {
      const QuantileSketch& sketch = sketches_[p * shape_.outcomes_ + o];
      for (std::size_t q = 0; q < kStoredQuantiles.size(); ++q) {
        quantiles.put(o * kStoredQuantiles.size() + q, sketch.quantile(kStoredQuantiles[q]));
      }
      error.put(o, sketch.count() == 0 ? kNan : sketch.relative_error());
      for (std::size_t b = 0; b < QuantileSketch::kMostBuckets; ++b) {
        const std::size_t cell = o * QuantileSketch::kMostBuckets + b;
        const bool is_there = b < sketch.buckets().size();
        value.put(cell, is_there ? sketch.value(sketch.buckets()[b]) : kNan);
        count.put(cell, is_there ? static_cast<std::int64_t>(sketch.buckets()[b].count)
                                 : std::int64_t{0});
      }
    }
  }
}

void SummaryState::encode(ChunkCodec& codec, Bytes& out) const {
  Words words;
  for (std::size_t p = 0; p < points_; ++p) {
    if (replicas_[p] == 0) continue;
    words.push_back(p);
    words.push_back(replicas_[p]);
    put_cells<Integers>(std::span(integers_).subspan(p * shape_.integers_, shape_.integers_),
                        words);
    put_cells<Reals>(std::span(reals_).subspan(p * shape_.reals_, shape_.reals_), words);
    for (std::size_t o = 0; o < shape_.outcomes_; ++o) {
      const QuantileSketch& sketch = sketches_[p * shape_.outcomes_ + o];
      words.push_back(static_cast<std::uint64_t>(sketch.dropped_bits()));
      words.push_back(sketch.buckets().size());
      for (const QuantileSketch::Bucket& bucket : sketch.buckets()) {
        words.push_back(static_cast<std::uint64_t>(bucket.key));
      }
      for (const QuantileSketch::Bucket& bucket : sketch.buckets()) words.push_back(bucket.count);
    }
  }
  const std::uint64_t size = words.size();
  const auto header = std::as_bytes(std::span(&size, 1));
  out.insert(out.end(), header.begin(), header.end());
  codec.encode(std::as_bytes(std::span(words)), sizeof(std::uint64_t), out);
}

void SummaryState::merge(std::span<const std::byte> encoded, ChunkCodec& codec) {
  std::uint64_t size = 0;
  if (encoded.size() < sizeof size) throw OutputError("a summary in the journal is too short");
  std::memcpy(&size, encoded.data(), sizeof size);
  // All that points can have: a size that was damaged does not take all memory.
  if (size > points_ * (summary_bytes(shape_.integers_, shape_.reals_, shape_.outcomes_) /
                            sizeof(std::uint64_t) +
                        2 + 2 * shape_.outcomes_)) {
    throw OutputError("a summary in the journal has an impossible size");
  }
  Words words(size);
  if (!codec.decode(encoded.subspan(sizeof size), sizeof(std::uint64_t),
                    std::as_writable_bytes(std::span(words)))) {
    throw OutputError("the checksum of a summary in the journal is wrong");
  }
  for (WordReader reader(words); !reader.is_at_end();) {
    const std::uint64_t p = reader.next();
    if (p >= points_) throw OutputError("a summary in the journal is of an impossible point");
    replicas_[p] += reader.next();
    merge_cells(reader.take(shape_.integers_ * kWords),
                std::span(integers_).subspan(p * shape_.integers_, shape_.integers_));
    merge_cells(reader.take(shape_.reals_ * kWords),
                std::span(reals_).subspan(p * shape_.reals_, shape_.reals_));
    for (std::size_t o = 0; o < shape_.outcomes_; ++o) {
      const auto dropped_bits = static_cast<int>(reader.next());
      const std::uint64_t n = reader.next();
      if (n > QuantileSketch::kMostBuckets) {
        throw OutputError("a summary in the journal has an impossible sketch");
      }
      const auto keys = reader.take(n);
      const auto counts = reader.take(n);
      std::vector<QuantileSketch::Bucket> buckets;
      for (std::size_t b = 0; b < n; ++b) {
        buckets.push_back({static_cast<std::int64_t>(keys[b]), counts[b]});
      }
      sketches_[p * shape_.outcomes_ + o].merge({dropped_bits, std::move(buckets)});
    }
  }
}

}  // namespace tollgate
