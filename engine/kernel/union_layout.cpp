#include "engine/kernel/union_layout.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace tollgate {
namespace {

std::vector<std::string> axis_names(const RecordLayout& layout, const Series& series) {
  std::vector<std::string> names;
  for (const AxisId axis : series.axes) names.push_back(layout.axes()[axis].name);
  return names;
}

RecordLayout empty_layout_like(std::span<const RecordLayout* const> layouts) {
  if (layouts.empty()) throw std::invalid_argument("a union of no layouts");
  for (const RecordLayout* layout : layouts) {
    if (layout->first_quarter().index != layouts[0]->first_quarter().index ||
        layout->quarters() != layouts[0]->quarters()) {
      throw std::invalid_argument("a union of layouts that cover different quarters");
    }
  }
  const int first = layouts[0]->first_quarter().index;
  return {start_of({first}), start_of({first + static_cast<int>(layouts[0]->quarters())})};
}

std::size_t place_of(const std::vector<std::string>& labels, const std::string& label) {
  return static_cast<std::size_t>(std::ranges::find(labels, label) - labels.begin());
}

bool is_as_it_stands(const std::vector<std::size_t>& places, std::size_t extent) {
  if (places.size() != extent) return false;
  for (std::size_t i = 0; i < extent; ++i) {
    if (places[i] != i) return false;
  }
  return true;
}

}  // namespace

UnionLayout::UnionLayout(std::span<const RecordLayout* const> layouts)
    : record_(empty_layout_like(layouts)), parts_(layouts.size()) {
  join_axes(layouts);
  join_series(layouts);
}

void UnionLayout::join_axes(std::span<const RecordLayout* const> layouts) {
  std::vector<Axis> axes;
  for (const RecordLayout* layout : layouts) {
    for (const Axis& axis : layout->axes()) {
      auto known = std::ranges::find(axes, axis.name, &Axis::name);
      if (known == axes.end()) {
        axes.push_back(axis);
        continue;
      }
      for (const std::string& label : axis.labels) {
        if (place_of(known->labels, label) == known->labels.size()) known->labels.push_back(label);
      }
    }
  }
  for (std::size_t k = 0; k < layouts.size(); ++k) {
    parts_[k].is_whole = layouts[k]->axes().size() == axes.size();
    for (const Axis& axis : layouts[k]->axes()) {
      const auto known = std::ranges::find(axes, axis.name, &Axis::name);
      Places places;
      for (const std::string& label : axis.labels) places.push_back(place_of(known->labels, label));
      if (!is_as_it_stands(places, known->labels.size())) parts_[k].is_whole = false;
      parts_[k].axes.push_back(std::move(places));
    }
  }
  for (Axis& axis : axes) record_.add_axis(std::move(axis));
}

void UnionLayout::join_series(std::span<const RecordLayout* const> layouts) {
  for (std::size_t k = 0; k < layouts.size(); ++k) {
    for (const Series& series : layouts[k]->series()) {
      std::optional<SeriesId> id = find(series.name);
      if (!id) {
        Series joined = series;
        for (AxisId& axis : joined.axes) axis = record_.axis(layouts[k]->axes()[axis].name);
        id = record_.add_series(std::move(joined));
      }
      const Series& known = record_.series()[id->value];
      if (axis_names(record_, known) != axis_names(*layouts[k], series) ||
          known.type != series.type || known.aggregation != series.aggregation ||
          known.units != series.units) {
        throw std::invalid_argument("series '" + series.name + "' differs between two layouts");
      }
      if (id->value != parts_[k].series.size()) parts_[k].is_whole = false;
      parts_[k].series.push_back(*id);
    }
  }
  for (Part& part : parts_) {
    if (part.series.size() != record_.series().size()) part.is_whole = false;
  }
}

std::optional<SeriesId> UnionLayout::find(const std::string& name) const {
  const auto found = std::ranges::find(record_.series(), name, &Series::name);
  if (found == record_.series().end()) return std::nullopt;
  return SeriesId{static_cast<std::uint16_t>(found - record_.series().begin())};
}

void UnionLayout::widen(std::size_t k, const Record& from, Record& to) const {
  if (parts_[k].is_whole) {
    to.copy_values(from);
  } else {
    copy_cells(parts_[k], from, to);
  }
  to.open_quarter(from.open_quarter());
  to.events = from.events;
  to.longest_queue = from.longest_queue;
}

void UnionLayout::copy_cells(const Part& part, const Record& from, Record& to) const {
  to.clear();
  to.fill_reals(std::numeric_limits<double>::quiet_NaN());
  const RecordLayout& narrow = from.layout();
  static const Places kOne = {0};
  for (std::size_t s = 0; s < part.series.size(); ++s) {
    const SeriesId source{static_cast<std::uint16_t>(s)};
    const Series& series = narrow.series()[s];
    const Places& rows = series.axes.empty() ? kOne : part.axes[series.axes[0]];
    const Places& columns = series.axes.size() < 2 ? kOne : part.axes[series.axes[1]];
    for (std::size_t q = 0; q < narrow.quarters(); ++q) {
      to.open_quarter(q);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < columns.size(); ++j) {
          if (series.type == ValueType::kInteger) {
            to.set(part.series[s], from.integer(source, q, i, j), rows[i], columns[j]);
          } else {
            to.set_real(part.series[s], from.real(source, q, i, j), rows[i], columns[j]);
          }
        }
      }
    }
  }
}

}  // namespace tollgate
