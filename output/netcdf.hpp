/// netCDF-4 conventions on HDF5: dimension scales, CF time, attributes that tools expect.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernel/record.hpp"
#include "output/batch.hpp"
#include "output/hdf5.hpp"

namespace tollgate {

/// A variable over dimensions that have been added before.
struct VariableSpec {
  std::string name;
  std::vector<std::string> dims;  ///< the first is `replica`, or `point`, mostly before `replica`
  StoredType type = StoredType::kInt64;  ///< reals have NaN for what is missing
  std::string units;
  std::string long_name;
  std::string description;
  std::string cell_methods;  ///< empty: none
};

/// Points whose coordinates a chunk holds.
inline constexpr std::uint64_t kPointsPerChunk = 4096;

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
  /// Dimension `point` of sweeps with numbers 0, 1, ..., and how many points and replicas a chunk
  /// holds from here on. The numbers are not written yet.
  void add_point_axis(std::uint64_t points, std::uint32_t points_per_chunk,
                      std::uint32_t replicas_per_chunk);
  /// Numbers (float64) or texts along `point`, not written yet.
  void add_point_numbers(const std::string& name, const std::string& units,
                         const std::string& long_name);
  void add_point_texts(const std::string& name, const std::string& long_name);
  /// Attribute of a variable.
  void describe_variable(const std::string& name, const char* attribute, const std::string& text);
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
  /// The same along points and replicas, in chunks.
  void add_item_status();
  /// Dimension `failed_item`, numbers of items ascending, and `failure_message` along it.
  void add_failures(const std::map<std::uint64_t, std::string>& failures);

  /// Takes over dimensions, variables and attributes of a finished sweep file of this program, but
  /// nothing of points, items and failures. `layout_of` may give a variable along items another
  /// layout; nothing: it is stored in chunks as there.
  using LayoutOf = std::function<std::optional<hdf5::Properties>(const std::string& name)>;
  void clone_sweep(const hdf5::File& from, const LayoutOf& layout_of);
  /// Numbers along a dimension.
  void add_numbers(const std::string& name, const std::string& dim,
                   const std::vector<std::int64_t>& numbers, const std::string& units,
                   const std::string& long_name);
  /// Dimension with numbers.
  void add_number_axis(const std::string& name, const std::vector<std::int64_t>& numbers,
                       const std::string& long_name);
  void add_real_axis(const std::string& name, const std::vector<double>& numbers,
                     const std::string& long_name);

  [[nodiscard]] const hdf5::File& handle() const { return file_; }

  /// Cuts every variable along `replica`.
  void shrink_replicas(std::uint32_t replicas);

  void close();

 private:
  void add_along_points(const std::string& name, hid_t type, const hdf5::Properties& properties,
                        const std::string& units, const std::string& long_name);
  hdf5::Dataset create(const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
                       hid_t properties);
  void make_scale(const hdf5::Dataset& dataset, const std::string& name);
  void attach(const hdf5::Dataset& dataset, const std::string& dim, unsigned index);
  hsize_t extent(const std::string& dim) const;

  hdf5::File file_;
  std::vector<hsize_t> chunk_ = {1};  ///< along the leading dimensions of variables
};

}  // namespace tollgate
