/// One layout for the records of several, whose axes need not have the same labels.
///
/// Axes are joined by name, labels and series too, each in the order in which it is first met. A
/// record of one of the layouts is copied into one of the union; what its layout has no cell for is
/// 0 where chips and money are counted, and not a number where ratios are.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate {

class UnionLayout {
 public:
  /// Throws std::invalid_argument when there is no layout, when two cover different quarters, or
  /// when two have a series of the same name that is not the same but for its labels. The layouts
  /// are not needed any more afterwards.
  explicit UnionLayout(std::span<const RecordLayout* const> layouts);

  [[nodiscard]] const RecordLayout& record() const { return record_; }

  /// Whether records of the k-th layout are laid out as those of the union.
  [[nodiscard]] bool is_whole(std::size_t k) const { return parts_[k].is_whole; }

  /// Copies a record of the k-th layout into one of `record()`, counters too, but no draws.
  void widen(std::size_t k, const Record& from, Record& to) const;

 private:
  /// Where the labels of an axis stand in the axis of the union.
  using Places = std::vector<std::size_t>;
  struct Part {
    std::vector<SeriesId> series;  ///< [series of the part]
    std::vector<Places> axes;      ///< [axis of the part]
    bool is_whole = false;
  };
  void copy_cells(const Part& part, const Record& from, Record& to) const;
  void join_axes(std::span<const RecordLayout* const> layouts);
  void join_series(std::span<const RecordLayout* const> layouts);
  [[nodiscard]] std::optional<SeriesId> find(const std::string& name) const;

  RecordLayout record_;
  std::vector<Part> parts_;
};

}  // namespace tollgate
