/// The numbers of a record by their labels, so that records of different layouts compare.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate::tests {

/// Values of a record by series, quarter and labels, as bits.
using Values = std::map<std::string, std::uint64_t>;

inline Values values_of(const Record& record) {
  Values values;
  const RecordLayout& layout = record.layout();
  for (std::size_t s = 0; s < layout.series().size(); ++s) {
    const Series& series = layout.series()[s];
    const SeriesId id{static_cast<std::uint16_t>(s)};
    const std::vector<std::string> none = {""};
    const auto labels = [&](std::size_t axis) -> const std::vector<std::string>& {
      return axis < series.axes.size() ? layout.axes()[series.axes[axis]].labels : none;
    };
    for (std::size_t q = 0; q < layout.quarters(); ++q) {
      for (std::size_t i = 0; i < labels(0).size(); ++i) {
        for (std::size_t j = 0; j < labels(1).size(); ++j) {
          const std::string name =
              series.name + " " + std::to_string(q) + " " + labels(0)[i] + " " + labels(1)[j];
          values[name] = series.type == ValueType::kInteger
                             ? std::bit_cast<std::uint64_t>(record.integer(id, q, i, j))
                             : std::bit_cast<std::uint64_t>(record.real(id, q, i, j));
        }
      }
    }
  }
  return values;
}

}  // namespace tollgate::tests
