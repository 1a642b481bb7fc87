/// What an output keeps of a replica's record: all of it, sums over its long axes, or its part in
/// the summary of its point.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"
#include "output/quarterly.hpp"
#include "output/record_rows.hpp"
#include "output/sweep_metadata.hpp"

namespace tollgate {

class KeptValues {
 public:
  /// Of records of `full`, which must outlive it. No sweep: everything is kept. Throws OutputError
  /// when the sweep's `keep` is none of the three.
  KeptValues(const RecordLayout& full, const SweepMetadata* sweep);
  KeptValues(const KeptValues&) = delete;
  KeptValues& operator=(const KeptValues&) = delete;

  /// Series that are kept, or summarised.
  [[nodiscard]] const RecordLayout& layout() const {
    return quarterly_ ? quarterly_->layout() : full_;
  }
  /// Finds the series of the file's columns. To be called before the rest.
  void bind(const BatchShape& shape) { rows_.emplace(layout(), shape); }

  /// Writes a record to a row, or adds it to the summary. From any thread, for different rows.
  void write(const Record& record, std::size_t row, Batch& batch) const;
  /// Reads a row back, where everything is kept.
  void restore(const Batch& batch, std::size_t row, Record& record) const {
    rows_->restore(batch, row, record);
  }

 private:
  /// Memory of one call of `write`.
  struct Scratch {
    explicit Scratch(const RecordLayout& layout) : sums(layout) {}
    Record sums;
    std::vector<double> reals;
  };
  std::unique_ptr<Scratch> take_scratch() const;
  void add_to_summary(std::vector<double> outcomes, std::size_t row, Scratch& scratch,
                      Batch& batch) const;

  const RecordLayout& full_;
  std::optional<QuarterlyRecord> quarterly_;
  std::optional<RecordRows> rows_;
  Outcomes outcomes_;
  mutable std::mutex guard_;
  mutable std::vector<std::unique_ptr<Scratch>> spare_;
};

}  // namespace tollgate
