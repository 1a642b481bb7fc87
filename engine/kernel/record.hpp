/// What one replica leaves behind: series over quarters, and where each number of them sits.
///
/// A `RecordLayout` is the table of contents, made once and shared; a `Record` holds one replica's
/// numbers as two flat arrays (integers for money and chips, doubles for ratios). Within a series
/// the cells of a quarter lie together: [quarter][first axis][second axis].
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kernel/sim_time.hpp"

namespace tollgate {

/// An axis of the output besides replica and time, e.g. "vendor" with one label per vendor.
struct Axis {
  std::string name;
  std::string long_name;
  std::vector<std::string> labels;
};

/// Index of an axis in the layout.
using AxisId = std::uint8_t;

enum class ValueType : std::uint8_t { kInteger, kReal };

/// How the value of a quarter comes about: summed over it, or read at its end.
enum class Aggregation : std::uint8_t { kSumOverQuarter, kAtQuarterEnd };

/// One output variable. `axes` come after (replica, time).
struct Series {
  std::string name;
  std::vector<AxisId> axes;
  ValueType type = ValueType::kReal;
  Aggregation aggregation = Aggregation::kSumOverQuarter;
  std::string units;  ///< UDUNITS-like; "1" for ratios
  std::string long_name;
  std::string description;  ///< a sentence
};

struct SeriesId {
  std::uint16_t value = 0;
};

/// Table of contents of a record: quarters, axes, series and their offsets.
class RecordLayout {
 public:
  /// Quarters covered, from the one that contains `start` to the one that contains the last minute
  /// before `until`.
  RecordLayout(SimTime start, SimTime until);

  AxisId add_axis(Axis axis);
  SeriesId add_series(Series series);

  [[nodiscard]] Quarter first_quarter() const { return first_; }
  [[nodiscard]] std::size_t quarters() const { return quarters_; }
  [[nodiscard]] const std::vector<Axis>& axes() const { return axes_; }
  [[nodiscard]] const std::vector<Series>& series() const { return series_; }
  [[nodiscard]] AxisId axis(std::string_view name) const;    ///< throws std::out_of_range
  [[nodiscard]] SeriesId find(std::string_view name) const;  ///< throws std::out_of_range

  /// Number of values of one series in one replica, and of one quarter of it.
  [[nodiscard]] std::size_t size(SeriesId id) const { return places_[id.value].cells * quarters_; }
  [[nodiscard]] std::size_t cells(SeriesId id) const { return places_[id.value].cells; }
  /// Offset of the series in the array of its type.
  [[nodiscard]] std::size_t offset(SeriesId id) const { return places_[id.value].offset; }
  [[nodiscard]] std::size_t second_extent(SeriesId id) const { return places_[id.value].second; }
  [[nodiscard]] std::size_t integers() const { return integers_; }
  [[nodiscard]] std::size_t reals() const { return reals_; }

 private:
  struct Place {
    std::size_t offset = 0;
    std::size_t cells = 1;
    std::size_t second = 1;  ///< extent of the second axis
  };
  Quarter first_;
  std::size_t quarters_;
  std::vector<Axis> axes_;
  std::vector<Series> series_;
  std::vector<Place> places_;
  std::size_t integers_ = 0;
  std::size_t reals_ = 0;
};

/// The numbers of one replica, laid out by a `RecordLayout` that must outlive it.
class Record {
 public:
  explicit Record(const RecordLayout& layout);

  /// Sets every value to zero and the counters to their start.
  void clear();
  void fill_reals(double x);             ///< every real value
  void copy_values(const Record& from);  ///< of a layout with the same cells

  /// The quarter that `add` and `set` write to, counted from the layout's first.
  void open_quarter(std::size_t quarter) { quarter_ = quarter; }
  [[nodiscard]] std::size_t open_quarter() const { return quarter_; }

  void add(SeriesId id, std::int64_t amount, std::size_t i = 0, std::size_t j = 0) {
    integers_[cell(id, quarter_, i, j)] += amount;
  }
  void set(SeriesId id, std::int64_t value, std::size_t i = 0, std::size_t j = 0) {
    integers_[cell(id, quarter_, i, j)] = value;
  }
  void add_real(SeriesId id, double amount, std::size_t i = 0, std::size_t j = 0) {
    reals_[cell(id, quarter_, i, j)] += amount;
  }
  void set_real(SeriesId id, double value, std::size_t i = 0, std::size_t j = 0) {
    reals_[cell(id, quarter_, i, j)] = value;
  }
  [[nodiscard]] std::int64_t integer(SeriesId id, std::size_t quarter, std::size_t i = 0,
                                     std::size_t j = 0) const {
    return integers_[cell(id, quarter, i, j)];
  }
  [[nodiscard]] double real(SeriesId id, std::size_t quarter, std::size_t i = 0,
                            std::size_t j = 0) const {
    return reals_[cell(id, quarter, i, j)];
  }

  /// All values of a series: size(id) of them, [quarter][i][j].
  [[nodiscard]] const std::int64_t* integers(SeriesId id) const {
    return integers_.data() + layout_->offset(id);
  }
  [[nodiscard]] const double* reals(SeriesId id) const {
    return reals_.data() + layout_->offset(id);
  }
  [[nodiscard]] const RecordLayout& layout() const { return *layout_; }

  // Per replica, not per quarter.
  std::uint64_t events = 0;         ///< events executed
  std::uint64_t longest_queue = 0;  ///< largest number of pending events
  std::vector<double> draws;        ///< drawn parameters, in the scenario's order

 private:
  [[nodiscard]] std::size_t cell(SeriesId id, std::size_t quarter, std::size_t i,
                                 std::size_t j) const {
    return layout_->offset(id) + quarter * layout_->cells(id) + i * layout_->second_extent(id) + j;
  }
  const RecordLayout* layout_;
  std::size_t quarter_ = 0;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
};

}  // namespace tollgate
