/// What stands for the replicas of a point where a sweep has keep = "summary": exact moments of
/// every series, exact moments and a quantile sketch of every outcome.
///
/// A state may be cut into parts, by replicas, and the parts merged in any order: the numbers that
/// come out are the same to the last bit (exact_moments.hpp, quantile_sketch.hpp). So threads,
/// ranks and attempts add replicas as they have them, and the journal keeps parts of points.
/// docs/decisions/0009-summaries-are-order-free.md says why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/kernel/exact_moments.hpp"
#include "engine/kernel/quantile_sketch.hpp"
#include "output/chunk_codec.hpp"
#include "output/column.hpp"

namespace tollgate {

// Names of variables: of series and of "outcome", with these ends, and of the sketches.
inline constexpr const char* kMeanEnd = "_mean";
inline constexpr const char* kSdEnd = "_sd";
inline constexpr const char* kMinEnd = "_min";
inline constexpr const char* kMaxEnd = "_max";
inline constexpr const char* kCountEnd = "_count";  ///< of reals, which may be missing
inline constexpr const char* kOutcome = "outcome";
inline constexpr const char* kQuantiles = "outcome_quantile";
inline constexpr const char* kSketchValue = "sketch_value";
inline constexpr const char* kSketchCount = "sketch_count";
inline constexpr const char* kSketchError = "sketch_error";

/// Quantiles of outcomes that a file has ready.
inline constexpr std::array<double, 9> kStoredQuantiles = {0.01, 0.05, 0.1,  0.25, 0.5,
                                                           0.75, 0.9,  0.95, 0.99};

/// Which columns of a file hold the summary of what.
class SummaryShape {
 public:
  /// Finds them by name; throws OutputError when one is not there.
  explicit SummaryShape(const std::vector<Column>& columns);

  [[nodiscard]] std::size_t integers() const { return integers_; }  ///< moments of a point
  [[nodiscard]] std::size_t reals() const { return reals_; }        ///< likewise, outcomes last
  [[nodiscard]] std::size_t outcomes() const { return outcomes_; }

 private:
  friend class SummaryState;
  /// A series, or the outcomes.
  struct Group {
    bool is_real = false;
    std::size_t first = 0;  ///< among the moments of its type
    std::size_t cells = 0;
    std::size_t mean = 0, sd = 0, min = 0, max = 0;  ///< columns
    std::optional<std::size_t> count;
  };
  struct Sketches {
    std::size_t quantiles = 0, value = 0, count = 0, error = 0;  ///< columns
  };
  std::vector<Group> groups_;
  std::optional<Sketches> sketches_;
  std::size_t integers_ = 0;
  std::size_t reals_ = 0;
  std::size_t outcomes_ = 0;
};

/// Bytes of memory that a point takes at most while replicas are added.
std::size_t summary_bytes(std::size_t integers, std::size_t reals, std::size_t outcomes);

/// Of the points of a block.
class SummaryState {
 public:
  SummaryState(const SummaryShape& shape, std::size_t points);

  void restart();

  /// Takes a complete replica of the block's point `point`: `integers` and `reals` of the shape.
  /// From any thread.
  void add(std::size_t point, std::span<const std::int64_t> integers,
           std::span<const double> reals);

  /// Writes what the file says of the points to the bytes of a batch. Where a point has no complete
  /// replica, counts, minima and maxima are 0, and reals NaN.
  void write(std::span<const Column> columns, std::byte* bytes) const;

  /// Appends the points with a replica, to be merged into another state later.
  void encode(ChunkCodec& codec, Bytes& out) const;
  /// Adds what `encode` wrote. Throws OutputError when it is damaged.
  void merge(std::span<const std::byte> encoded, ChunkCodec& codec);

 private:
  const SummaryShape& shape_;
  std::size_t points_;
  std::vector<std::uint64_t> replicas_;  ///< by point
  std::vector<ExactMoments<std::int64_t>> integers_;
  std::vector<ExactMoments<double>> reals_;
  std::vector<QuantileSketch> sketches_;
  std::mutex guard_;
};

}  // namespace tollgate
