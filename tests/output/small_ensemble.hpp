/// A small ensemble whose every number is known, and a folder for it.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "output/hdf5.hpp"
#include "output/writer.hpp"
#include "tests/folder.hpp"

namespace tollgate::tests {

namespace fs = std::filesystem;

inline RecordLayout small_layout() {
  RecordLayout layout(parse_iso_date("2025-10-01").value(), parse_iso_date("2026-10-01").value());
  const AxisId vendor = layout.add_axis({"vendor", "Chip vendor", {"amd", "nvidia"}});
  const AxisId region = layout.add_axis({"region", "Region", {"china", "us", "row"}});
  layout.add_series({"revenue",
                     {vendor, region},
                     ValueType::kInteger,
                     Aggregation::kSumOverQuarter,
                     "cents",
                     "Revenue",
                     "Money."});
  layout.add_series(
      {"share", {}, ValueType::kReal, Aggregation::kAtQuarterEnd, "1", "Share", "A share."});
  return layout;
}

inline Record record_of(const RecordLayout& layout, std::uint32_t replica) {
  Record record(layout);
  for (std::size_t q = 0; q < layout.quarters(); ++q) {
    record.open_quarter(q);
    for (std::size_t v = 0; v < 2; ++v) {
      for (std::size_t r = 0; r < 3; ++r) {
        record.set(SeriesId{0},
                   static_cast<std::int64_t>(replica * std::size_t{1000} + q * 100 + v * 10 + r), v,
                   r);
      }
    }
    record.set_real(SeriesId{1}, 0.5 + replica);
  }
  record.events = 100 + replica;
  record.draws = {1.5 * replica};
  return record;
}

inline EnsembleMetadata metadata() {
  return {"0.1.0", "abc", "tollgate run x", "x", "X", "format = 1\n", "china", "us", 7};
}

inline const std::vector<ParameterLabel> kParameters = {{"demand.wait_value", "utils", "a source"}};

inline void write_all(const std::string& path, const std::vector<std::uint32_t>& order,
                      bool overwrite = false, WriterOptions options = {}) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, static_cast<std::uint32_t>(order.size()), metadata(),
                        kParameters, overwrite, options);
  for (const std::uint32_t replica : order) writer.add(replica, record_of(layout, replica));
  writer.finish();
}

inline std::vector<std::int64_t> read_integers(const std::string& path, const char* name) {
  const hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
  const hdf5::Dataset dataset(H5Dopen2(file.get(), name, H5P_DEFAULT), "H5Dopen2");
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<std::int64_t> values(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
  hdf5::check(
      H5Dread(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
      "H5Dread");
  return values;
}

/// What `record_of` says of a replica, as it lies in the file.
inline bool is_whole(const std::vector<std::int64_t>& revenue, std::uint32_t replica) {
  std::size_t i = std::size_t{replica} * 24;
  for (std::int64_t q = 0; q < 4; ++q) {
    for (std::int64_t v = 0; v < 2; ++v) {
      for (std::int64_t r = 0; r < 3; ++r) {
        if (revenue[i++] != replica * std::int64_t{1000} + q * 100 + v * 10 + r) return false;
      }
    }
  }
  return true;
}

}  // namespace tollgate::tests
