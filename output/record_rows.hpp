/// Records to rows of batches, and back.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"

namespace tollgate {

class RecordRows {
 public:
  /// Finds the series of each column of `shape`, by name.
  RecordRows(const RecordLayout& layout, const BatchShape& shape);

  /// Writes a record to a row, reals rounded to what a file keeps.
  void copy(const Record& record, std::size_t row, Batch& batch) const;
  /// Reads it back, rounded as it is.
  void restore(const Batch& batch, std::size_t row, Record& record) const;

 private:
  const RecordLayout& layout_;
  std::vector<std::optional<SeriesId>> series_;  ///< by column; none: draws and counters
};

}  // namespace tollgate
