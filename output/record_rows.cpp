#include "output/record_rows.hpp"

#include <algorithm>
#include <cstring>

#include "engine/kernel/check.hpp"
#include "output/stored_real.hpp"

namespace tollgate {
namespace {

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

RecordRows::RecordRows(const RecordLayout& layout, const BatchShape& shape) : layout_(layout) {
  for (const Column& column : shape.columns()) {
    const auto found = std::ranges::find(layout.series(), column.name, &Series::name);
    series_.push_back(found == layout.series().end() ? std::nullopt
                                                     : std::optional(layout.find(column.name)));
  }
}

void RecordRows::copy(const Record& record, std::size_t row, Batch& batch) const {
  const std::vector<Column>& columns = batch.shape->columns();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Column& column = columns[c];
    if (column.type == StoredType::kInt8) continue;  // the state, which the batch knows
    std::byte* to = batch.row(column, row);
    const void* from = nullptr;
    if (series_[c] && column.type == StoredType::kFloat32) {
      const double* values = record.reals(*series_[c]);
      for (std::size_t i = 0; i < column.cells; ++i) {
        const float stored = stored_real(values[i]);
        std::memcpy(to + i * sizeof stored, &stored, sizeof stored);
      }
      continue;
    }
    if (series_[c]) {
      from = record.integers(*series_[c]);
    } else if (column.name == "draw") {
      TOLLGATE_CHECK(record.draws.size() == column.cells, "one draw for each parameter");
      from = record.draws.data();
    } else {
      from = column.name == "events" ? &record.events : &record.longest_queue;
    }
    std::memcpy(to, from, column.row_bytes());
  }
}

void RecordRows::restore(const Batch& batch, std::size_t row, Record& record) const {
  record.clear();
  const std::vector<Column>& columns = batch.shape->columns();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Column& column = columns[c];
    if (column.type == StoredType::kInt8) continue;
    const std::byte* from = batch.row(column, row);
    if (series_[c]) {
      const std::size_t cells = layout_.cells(*series_[c]);
      const std::size_t width = width_of(column.type);
      for (std::size_t i = 0; i < column.cells; ++i) {
        record.open_quarter(i / cells);
        if (column.type == StoredType::kInt64) {
          record.set(*series_[c], load<std::int64_t>(from + i * width), 0, i % cells);
        } else {
          record.set_real(*series_[c], load<float>(from + i * width), 0, i % cells);
        }
      }
    } else if (column.name == "draw") {
      record.draws.resize(column.cells);
      std::memcpy(record.draws.data(), from, column.row_bytes());
    } else {
      (column.name == "events" ? record.events : record.longest_queue) = load<std::uint64_t>(from);
    }
  }
}

}  // namespace tollgate
