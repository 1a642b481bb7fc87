#include "output/netcdf.hpp"

#include <algorithm>
#include <limits>

#include "output/chunk_codec.hpp"
#include "output/stored_real.hpp"

namespace tollgate {

using hdf5::check;
using hdf5::Dataset;
using hdf5::Properties;
using hdf5::Space;
using hdf5::write_attribute;

namespace {

void set_filters(const Properties& properties) {
  check(H5Pset_shuffle(properties.get()), "H5Pset_shuffle");
  check(H5Pset_deflate(properties.get(), kDeflateLevel), "H5Pset_deflate");
  check(H5Pset_fletcher32(properties.get()), "H5Pset_fletcher32");
}

hid_t file_type(StoredType type) {
  switch (type) {
    case StoredType::kInt64:
      return H5T_STD_I64LE;
    case StoredType::kFloat32:
      return H5T_IEEE_F32LE;
    case StoredType::kFloat64:
      return H5T_IEEE_F64LE;
    case StoredType::kInt8:
      return H5T_STD_I8LE;
  }
  return H5I_INVALID_HID;
}

void label(const Dataset& dataset, const std::string& units, const std::string& long_name) {
  if (!units.empty()) write_attribute(dataset.get(), "units", units);
  write_attribute(dataset.get(), "long_name", long_name);
}

void write_texts(const Dataset& dataset, const std::vector<std::string>& texts) {
  std::vector<const char*> raw;
  for (const std::string& text : texts) raw.push_back(text.c_str());
  if (raw.empty()) return;
  check(H5Dwrite(dataset.get(), hdf5::text_type().get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()),
        "H5Dwrite");
}

/// Creation order is tracked: the netCDF library asks for it.
constexpr unsigned kCreationOrder = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

/// Links and attributes stay in the headers of their objects, which have checksums, however many
/// they are. By default more than eight move to a heap that has none; there a flipped bit is not
/// noticed, or crashes the library (1.10.8).
constexpr unsigned kAllCompact = 65535;

void keep_attributes_in_header(hid_t creation) {
  check(H5Pset_attr_creation_order(creation, kCreationOrder), "H5Pset_attr_creation_order");
  check(H5Pset_attr_phase_change(creation, kAllCompact, 0), "H5Pset_attr_phase_change");
}

void write_flags(const Dataset& status) {
  write_attribute(status.get(), "flag_values", std::vector<std::int8_t>{0, 1, 2});
  write_attribute(status.get(), "flag_meanings", "not_run complete failed");
}

}  // namespace

NetcdfFile::NetcdfFile(const std::string& path) {
  hdf5::silence();
  const Properties creation(H5Pcreate(H5P_FILE_CREATE), "H5Pcreate");
  check(H5Pset_link_creation_order(creation.get(), kCreationOrder), "H5Pset_link_creation_order");
  check(H5Pset_link_phase_change(creation.get(), kAllCompact, 0), "H5Pset_link_phase_change");
  keep_attributes_in_header(creation.get());
  file_ = {H5Fcreate(path.c_str(), H5F_ACC_EXCL, creation.get(), H5P_DEFAULT), "H5Fcreate"};
}

NetcdfFile::NetcdfFile(hdf5::File file) : file_(std::move(file)) {}

void NetcdfFile::describe(const char* attribute, const std::string& text) {
  write_attribute(file_.get(), attribute, text);
}
void NetcdfFile::describe(const char* attribute, std::int64_t value) {
  write_attribute(file_.get(), attribute, value);
}

Dataset NetcdfFile::create(const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
                           hid_t properties) {
  const Space space(shape.empty()
                        ? H5Screate(H5S_SCALAR)
                        : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                    "H5Screate_simple");
  keep_attributes_in_header(properties);
  return {H5Dcreate2(file_.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties,
                     H5P_DEFAULT),
          "H5Dcreate2"};
}

void NetcdfFile::make_scale(const Dataset& dataset, const std::string& name) {
  check(H5DSset_scale(dataset.get(), name.c_str()), "H5DSset_scale");
}

void NetcdfFile::attach(const Dataset& dataset, const std::string& dim, unsigned index) {
  const Dataset scale(H5Dopen2(file_.get(), dim.c_str(), H5P_DEFAULT), "H5Dopen2");
  check(H5DSattach_scale(dataset.get(), scale.get(), index), "H5DSattach_scale");
}

hsize_t NetcdfFile::extent(const std::string& dim) const {
  const Dataset scale(H5Dopen2(file_.get(), dim.c_str(), H5P_DEFAULT), "H5Dopen2");
  const Space space(H5Dget_space(scale.get()), "H5Dget_space");
  return static_cast<hsize_t>(H5Sget_simple_extent_npoints(space.get()));
}

void NetcdfFile::add_replica_axis(std::uint32_t first, std::uint32_t replicas,
                                  std::size_t per_chunk) {
  chunk_ = {per_chunk};
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const hsize_t chunk = per_chunk;
  check(H5Pset_chunk(properties.get(), 1, &chunk), "H5Pset_chunk");
  set_filters(properties);
  const Dataset dataset = create("replica", H5T_STD_I64LE, {replicas}, properties.get());
  std::vector<std::int64_t> numbers(replicas);
  for (std::uint32_t i = 0; i < replicas; ++i) numbers[i] = std::int64_t{first} + i;
  check(H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()),
        "H5Dwrite");
  make_scale(dataset, "replica");
  label(dataset, "1", "Number of the replica");
}

void NetcdfFile::add_along_points(const std::string& name, hid_t type, const Properties& properties,
                                  const std::string& units, const std::string& long_name) {
  const hsize_t points = extent("point");
  const hsize_t chunk = std::min<hsize_t>(points, kPointsPerChunk);
  check(H5Pset_chunk(properties.get(), 1, &chunk), "H5Pset_chunk");
  const Dataset dataset = create(name, type, {points}, properties.get());
  attach(dataset, "point", 0);
  label(dataset, units, long_name);
}

void NetcdfFile::add_point_axis(std::uint64_t points, std::uint32_t points_per_chunk,
                                std::uint32_t replicas_per_chunk) {
  chunk_ = {points_per_chunk, replicas_per_chunk};
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const hsize_t chunk = std::min(points, kPointsPerChunk);
  check(H5Pset_chunk(properties.get(), 1, &chunk), "H5Pset_chunk");
  set_filters(properties);
  const std::int64_t none = -1;  // where a shard has no point
  check(H5Pset_fill_value(properties.get(), H5T_NATIVE_INT64, &none), "H5Pset_fill_value");
  const Dataset dataset = create("point", H5T_STD_I64LE, {points}, properties.get());
  make_scale(dataset, "point");
  label(dataset, "1", "Number of the point");
}

void NetcdfFile::add_point_numbers(const std::string& name, const std::string& units,
                                   const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  set_filters(properties);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  check(H5Pset_fill_value(properties.get(), H5T_NATIVE_DOUBLE, &nan), "H5Pset_fill_value");
  add_along_points(name, H5T_IEEE_F64LE, properties, units, long_name);
}

void NetcdfFile::add_point_texts(const std::string& name, const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  add_along_points(name, hdf5::text_type().get(), properties, "", long_name);
}

void NetcdfFile::describe_variable(const std::string& name, const char* attribute,
                                   const std::string& text) {
  const Dataset dataset(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
  write_attribute(dataset.get(), attribute, text);
}

void NetcdfFile::add_time_axis(Quarter first, std::size_t quarters) {
  std::vector<std::int64_t> ends;
  std::vector<std::string> names;
  const SimTime epoch = start_of(first);
  for (std::size_t q = 0; q < quarters; ++q) {
    const Quarter quarter{first.index + static_cast<int>(q)};
    const Duration after = start_of({quarter.index + 1}) - epoch;
    ends.push_back(after.minutes / kMinutesPerDay);
    names.push_back(quarter_name(quarter));
  }
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create("time", H5T_STD_I64LE, {quarters}, properties.get());
  check(H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, ends.data()),
        "H5Dwrite");
  make_scale(dataset, "time");
  label(dataset, "days since " + iso_date(epoch), "End of the quarter");
  write_attribute(dataset.get(), "standard_name", "time");
  write_attribute(dataset.get(), "axis", "T");
  write_attribute(dataset.get(), "calendar", "proleptic_gregorian");
  add_texts("quarter", "time", names, "Calendar quarter");
}

void NetcdfFile::add_label_axis(const Axis& axis) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset =
      create(axis.name, hdf5::text_type().get(), {axis.labels.size()}, properties.get());
  write_texts(dataset, axis.labels);
  make_scale(dataset, axis.name);
  label(dataset, "", axis.long_name);
}

void NetcdfFile::add_texts(const std::string& name, const std::string& dim,
                           const std::vector<std::string>& texts, const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create(name, hdf5::text_type().get(), {texts.size()}, properties.get());
  write_texts(dataset, texts);
  attach(dataset, dim, 0);
  label(dataset, "", long_name);
}

void NetcdfFile::add_text(const std::string& name, const std::string& text,
                          const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create(name, hdf5::text_type().get(), {}, properties.get());
  write_texts(dataset, {text});
  label(dataset, "", long_name);
}

void NetcdfFile::add_variable(const VariableSpec& spec) {
  std::vector<hsize_t> shape;
  for (const std::string& dim : spec.dims) shape.push_back(extent(dim));
  std::vector<hsize_t> chunk = shape;
  for (std::size_t d = 0; d < chunk_.size(); ++d) {
    // Chunks of a summary hold whole points.
    if (spec.dims[d] == "point" || spec.dims[d] == "replica") chunk[d] = chunk_[d];
  }
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  bool is_empty = false;
  for (const hsize_t n : shape) is_empty = is_empty || n == 0;
  if (!is_empty) {
    check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()),
          "H5Pset_chunk");
    set_filters(properties);
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (spec.type == StoredType::kFloat32 || spec.type == StoredType::kFloat64) {
    check(H5Pset_fill_value(properties.get(), H5T_NATIVE_DOUBLE, &nan), "H5Pset_fill_value");
  }
  const Dataset dataset = create(spec.name, file_type(spec.type), shape, properties.get());
  for (unsigned i = 0; i < spec.dims.size(); ++i) attach(dataset, spec.dims[i], i);
  label(dataset, spec.units, spec.long_name);
  write_attribute(dataset.get(), "description", spec.description);
  if (!spec.cell_methods.empty()) {
    write_attribute(dataset.get(), "cell_methods", spec.cell_methods);
  }
  if (spec.type == StoredType::kFloat32) {
    write_attribute(dataset.get(), "_QuantizeBitRoundNumberOfSignificantBits", kStoredBits);
  }
}

void NetcdfFile::add_status(const std::vector<std::int8_t>& status) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create("replica_status", H5T_STD_I8LE, {status.size()}, properties.get());
  if (!status.empty()) {
    check(H5Dwrite(dataset.get(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, status.data()),
          "H5Dwrite");
  }
  attach(dataset, "replica", 0);
  label(dataset, "1", "State of the replica");
  write_flags(dataset);
}

void NetcdfFile::add_item_status() {
  add_variable({"replica_status",
                {"point", "replica"},
                StoredType::kInt8,
                "1",
                "State of the replica",
                "Values of replicas that are not complete are 0, or NaN where they are reals.",
                ""});
  write_flags(Dataset(H5Dopen2(file_.get(), "replica_status", H5P_DEFAULT), "H5Dopen2"));
}

void NetcdfFile::add_number_axis(const std::string& name, const std::vector<std::int64_t>& numbers,
                                 const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create(name, H5T_STD_I64LE, {numbers.size()}, properties.get());
  check(H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()),
        "H5Dwrite");
  make_scale(dataset, name);
  label(dataset, "1", long_name);
}

void NetcdfFile::add_real_axis(const std::string& name, const std::vector<double>& numbers,
                               const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create(name, H5T_IEEE_F64LE, {numbers.size()}, properties.get());
  check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()),
        "H5Dwrite");
  make_scale(dataset, name);
  label(dataset, "1", long_name);
}

void NetcdfFile::add_numbers(const std::string& name, const std::string& dim,
                             const std::vector<std::int64_t>& numbers, const std::string& units,
                             const std::string& long_name) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
  const Dataset dataset = create(name, H5T_STD_I64LE, {numbers.size()}, properties.get());
  check(H5Dwrite(dataset.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()),
        "H5Dwrite");
  attach(dataset, dim, 0);
  label(dataset, units, long_name);
}

void NetcdfFile::add_failures(const std::map<std::uint64_t, std::string>& failures) {
  std::vector<std::int64_t> items;
  std::vector<std::string> messages;
  for (const auto& [item, message] : failures) {
    items.push_back(static_cast<std::int64_t>(item));
    messages.push_back(message);
  }
  add_number_axis("failed_item", items, "Replica that failed: point * replicas + replica");
  add_texts("failure_message", "failed_item", messages, "Why the replica failed");
}

namespace {

herr_t shrink_one(hid_t group, const char* name, const H5L_info_t*, void* replicas) {
  const Dataset dataset(H5Dopen2(group, name, H5P_DEFAULT), "H5Dopen2");
  const Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank < 1) return 0;
  const Properties properties(H5Dget_create_plist(dataset.get()), "H5Dget_create_plist");
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return 0;  // not along replicas
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  shape[0] = *static_cast<const hsize_t*>(replicas);
  check(H5Dset_extent(dataset.get(), shape.data()), "H5Dset_extent");
  return 0;
}

}  // namespace

void NetcdfFile::shrink_replicas(std::uint32_t replicas) {
  hsize_t size = replicas;
  check(H5Literate(file_.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, shrink_one, &size),
        "H5Literate");
}

void NetcdfFile::close() { file_.close("H5Fclose"); }

}  // namespace tollgate
