/// A record without its long axes: what a sweep with keep = "quarterly" stores.
///
/// Sums of integers (cents, chips) over `buyer`, `chip` and `supplier` are exact, whatever the
/// order. Reals along one of these have no sum that means anything, so they are left out; other
/// series stay as they are.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate {

/// Whether `axis` is summed over: those whose labels are many.
bool is_long_axis(std::string_view axis);

class QuarterlyRecord {
 public:
  explicit QuarterlyRecord(const RecordLayout& full);

  [[nodiscard]] const RecordLayout& layout() const { return layout_; }
  /// Replaces `out`, a record of `layout()`, by the sums of `full`. From any thread.
  void reduce(const Record& full, Record& out) const;

 private:
  struct Source {
    SeriesId series;
    ValueType type = ValueType::kInteger;
    std::vector<std::size_t> cell;  ///< of the sum that a cell of a quarter goes to
  };
  RecordLayout layout_;
  std::vector<Source> sources_;  ///< by series of `layout_`
};

}  // namespace tollgate
