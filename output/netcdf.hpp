/// netCDF-4 conventions on HDF5: dimension scales, CF time, attributes that tools expect.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"
#include "output/hdf5.hpp"

namespace tollgate {

/// A variable over dimensions that have been added before.
struct VariableSpec {
  std::string name;
  std::vector<std::string> dims;         ///< the first is `replica`
  StoredType type = StoredType::kInt64;  ///< reals have NaN for what is missing
  std::string units;
  std::string long_name;
  std::string description;
  std::string cell_methods;  ///< empty: none
};

class NetcdfFile {
 public:
  /// Creates `path`, which must not exist. Throws Hdf5Error.
  explicit NetcdfFile(const std::string& path);
  /// Goes on with a file made by this class.
  explicit NetcdfFile(hdf5::File file);

  void describe(const char* attribute, const std::string& text);
  void describe(const char* attribute, std::int64_t value);

  /// Dimension `replica` with numbers 0, 1, ...; may shrink later.
  void add_replica_axis(std::uint32_t first, std::uint32_t replicas, std::size_t per_chunk);
  /// Dimension `time`: the ends of the quarters, CF; and `quarter`, their names.
  void add_time_axis(Quarter first, std::size_t quarters);
  /// Dimension with text labels.
  void add_label_axis(const Axis& axis);
  /// Auxiliary texts along a dimension.
  void add_texts(const std::string& name, const std::string& dim,
                 const std::vector<std::string>& texts, const std::string& long_name);
  /// A single text of any length.
  void add_text(const std::string& name, const std::string& text, const std::string& long_name);
  void add_variable(const VariableSpec& spec);
  /// Variable `replica_status` with CF flags.
  void add_status(const std::vector<std::int8_t>& status);

  /// Cuts every variable along `replica`.
  void shrink_replicas(std::uint32_t replicas);

  void close();

 private:
  hdf5::Dataset create(const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
                       hid_t properties);
  void make_scale(const hdf5::Dataset& dataset, const std::string& name);
  void attach(const hdf5::Dataset& dataset, const std::string& dim, unsigned index);
  hsize_t extent(const std::string& dim) const;

  hdf5::File file_;
  hsize_t per_chunk_ = 1;
};

}  // namespace tollgate
