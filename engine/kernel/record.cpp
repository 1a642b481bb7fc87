#include "engine/kernel/record.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {

RecordLayout::RecordLayout(SimTime start, SimTime until)
    : first_(quarter_of(start)),
      quarters_(static_cast<std::size_t>(quarter_of(until - Duration{1}).index -
                                         quarter_of(start).index + 1)) {}

AxisId RecordLayout::add_axis(Axis axis) {
  axes_.push_back(std::move(axis));
  return static_cast<AxisId>(axes_.size() - 1);
}

SeriesId RecordLayout::add_series(Series series) {
  TOLLGATE_CHECK(series.axes.size() <= 2, "a series has at most two axes besides time");
  Place place;
  for (const AxisId axis : series.axes) place.cells *= axes_.at(axis).labels.size();
  if (series.axes.size() == 2) place.second = axes_.at(series.axes[1]).labels.size();
  std::size_t& used = series.type == ValueType::kInteger ? integers_ : reals_;
  place.offset = used;
  used += place.cells * quarters_;
  places_.push_back(place);
  series_.push_back(std::move(series));
  return {static_cast<std::uint16_t>(series_.size() - 1)};
}

AxisId RecordLayout::axis(std::string_view name) const {
  const auto found = std::ranges::find(axes_, name, &Axis::name);
  if (found == axes_.end()) throw std::out_of_range("no axis '" + std::string(name) + "'");
  return static_cast<AxisId>(found - axes_.begin());
}

SeriesId RecordLayout::find(std::string_view name) const {
  const auto found = std::ranges::find(series_, name, &Series::name);
  if (found == series_.end()) throw std::out_of_range("no series '" + std::string(name) + "'");
  return {static_cast<std::uint16_t>(found - series_.begin())};
}

Record::Record(const RecordLayout& layout)
    : layout_(&layout), integers_(layout.integers()), reals_(layout.reals()) {}

void Record::fill_reals(double x) { std::ranges::fill(reals_, x); }

void Record::copy_values(const Record& from) {
  TOLLGATE_CHECK(integers_.size() == from.integers_.size() && reals_.size() == from.reals_.size(),
                 "a record of another layout");
  std::ranges::copy(from.integers_, integers_.begin());
  std::ranges::copy(from.reals_, reals_.begin());
}

void Record::clear() {
  std::ranges::fill(integers_, 0);
  std::ranges::fill(reals_, 0.0);
  quarter_ = 0;
  events = 0;
  longest_queue = 0;
  draws.clear();
}

}  // namespace tollgate
