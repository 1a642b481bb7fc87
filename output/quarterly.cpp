#include "output/quarterly.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace tollgate {

bool is_long_axis(std::string_view axis) {
  constexpr std::array<std::string_view, 3> kLong = {"buyer", "chip", "supplier"};
  return std::ranges::find(kLong, axis) != kLong.end();
}

QuarterlyRecord::QuarterlyRecord(const RecordLayout& full)
    : layout_(start_of(full.first_quarter()),
              start_of({full.first_quarter().index + static_cast<int>(full.quarters())})) {
  std::vector<std::optional<AxisId>> kept;
  for (const Axis& axis : full.axes()) {
    kept.push_back(is_long_axis(axis.name) ? std::nullopt : std::optional(layout_.add_axis(axis)));
  }
  for (const Series& series : full.series()) {
    Series sum = series;
    sum.axes.clear();
    for (const AxisId axis : series.axes) {
      if (kept[axis]) {
        sum.axes.push_back(*kept[axis]);
      } else {
        sum.description += " Summed over " + full.axes()[axis].name + ".";
      }
    }
    if (series.type == ValueType::kReal && sum.axes.size() < series.axes.size()) continue;
    layout_.add_series(sum);

    Source source;
    source.series = full.find(series.name);
    source.type = series.type;
    const auto extent = [&](std::size_t i) {
      return i < series.axes.size() ? full.axes()[series.axes[i]].labels.size() : 1;
    };
    const auto is_kept = [&](std::size_t i) {
      return i < series.axes.size() && kept[series.axes[i]].has_value();
    };
    for (std::size_t i = 0; i < extent(0); ++i) {
      for (std::size_t j = 0; j < extent(1); ++j) {
        const std::size_t row = is_kept(0) ? i : 0;
        const std::size_t column = is_kept(1) ? j : 0;
        source.cell.push_back(row * (is_kept(1) ? extent(1) : 1) + column);
      }
    }
    sources_.push_back(std::move(source));
  }
}

void QuarterlyRecord::reduce(const Record& full, Record& out) const {
  out.clear();
  for (std::size_t s = 0; s < sources_.size(); ++s) {
    const Source& source = sources_[s];
    const SeriesId to{static_cast<std::uint16_t>(s)};
    const std::size_t second = layout_.second_extent(to);
    for (std::size_t q = 0; q < layout_.quarters(); ++q) {
      out.open_quarter(q);
      for (std::size_t c = 0; c < source.cell.size(); ++c) {
        const std::size_t at = q * source.cell.size() + c;
        const std::size_t row = source.cell[c] / second;
        const std::size_t column = source.cell[c] % second;
        if (source.type == ValueType::kInteger) {
          out.add(to, full.integers(source.series)[at], row, column);
        } else {
          out.set_real(to, full.reals(source.series)[at], row, column);
        }
      }
    }
  }
  out.events = full.events;
  out.longest_queue = full.longest_queue;
  out.draws = full.draws;
}

}  // namespace tollgate
