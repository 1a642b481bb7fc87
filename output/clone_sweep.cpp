// Dimensions, variables and attributes of a sweep file, made again in another. H5Ocopy would not
// do: the references between variables and dimensions do not outlive it.
#include <algorithm>
#include <array>
#include <string_view>

#include "output/netcdf.hpp"

namespace tollgate {
namespace {

using hdf5::check;
using hdf5::Dataset;
using hdf5::Properties;

/// What the library writes where scales are made and attached, and what is of one shard only.
constexpr std::array<std::string_view, 8> kNotCopied = {
    "CLASS", "NAME",           "DIMENSION_LIST", "REFERENCE_LIST",
    "shard", "items_complete", "items_failed",   "stored_digest"};

herr_t copy_attribute(hid_t from, const char* name, const H5A_info_t*, void* to) {
  if (std::ranges::find(kNotCopied, std::string_view(name)) != kNotCopied.end()) return 0;
  const hdf5::Attribute source(H5Aopen(from, name, H5P_DEFAULT), "H5Aopen");
  const hdf5::Type type(H5Aget_type(source.get()), "H5Aget_type");
  const hdf5::Space space(H5Aget_space(source.get()), "H5Aget_space");
  const auto values = static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get()));
  std::vector<std::byte> bytes(values * H5Tget_size(type.get()));
  check(H5Aread(source.get(), type.get(), bytes.data()), "H5Aread");
  const hdf5::Attribute copy(H5Acreate2(*static_cast<const hid_t*>(to), name, type.get(),
                                        space.get(), H5P_DEFAULT, H5P_DEFAULT),
                             "H5Acreate2");
  check(H5Awrite(copy.get(), type.get(), bytes.data()), "H5Awrite");
  return 0;
}

void copy_attributes(hid_t from, hid_t to) {
  check(H5Aiterate2(from, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, copy_attribute, &to),
        "H5Aiterate2");
}

void copy_values(const hdf5::File& from, const std::string& name, const Dataset& source,
                 const Dataset& copy) {
  const hdf5::Type type(H5Dget_type(source.get()), "H5Dget_type");
  if (H5Tget_class(type.get()) == H5T_STRING) {
    const std::vector<std::string> texts = hdf5::read_texts(from.get(), name.c_str());
    std::vector<const char*> raw;
    for (const std::string& text : texts) raw.push_back(text.c_str());
    if (raw.empty()) return;
    check(H5Dwrite(copy.get(), hdf5::text_type().get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()),
          "H5Dwrite");
    return;
  }
  std::size_t bytes = H5Tget_size(type.get());
  for (const hsize_t n : hdf5::shape_of(source)) bytes *= n;
  std::vector<std::byte> values(bytes);
  check(H5Dread(source.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "H5Dread");
  check(H5Dwrite(copy.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "H5Dwrite");
}

herr_t collect_scale(hid_t, unsigned, hid_t scale, void* names) {
  std::string name(static_cast<std::size_t>(H5Iget_name(scale, nullptr, 0)), '\0');
  H5Iget_name(scale, name.data(), name.size() + 1);
  static_cast<std::vector<std::string>*>(names)->push_back(name.substr(name.rfind('/') + 1));
  return 0;
}

}  // namespace

void NetcdfFile::clone_sweep(const hdf5::File& from, const LayoutOf& layout_of) {
  copy_attributes(from.get(), file_.get());
  for (const std::string& name : hdf5::names_in(from.get())) {
    if (name == "failed_item" || name == "failure_message") continue;
    const Dataset source(H5Dopen2(from.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
    const std::vector<hsize_t> shape = hdf5::shape_of(source);
    Properties properties(H5Dget_create_plist(source.get()), "H5Dget_create_plist");
    // Along points and items; `replica` is in chunks too but has its numbers from the start.
    const bool is_filled_later =
        H5Pget_layout(properties.get()) == H5D_CHUNKED && name != "replica";
    if (is_filled_later && shape.size() > 1) {
      if (std::optional<Properties> other = layout_of(name)) properties = std::move(*other);
    }
    const hdf5::Type type(H5Dget_type(source.get()), "H5Dget_type");
    const Dataset copy = create(name, type.get(), shape, properties.get());
    if (!is_filled_later) copy_values(from, name, source, copy);
    if (H5DSis_scale(source.get()) > 0) {
      make_scale(copy, name);
    } else {
      std::vector<std::string> dims;
      for (unsigned i = 0; i < shape.size(); ++i) {
        H5DSiterate_scales(source.get(), i, nullptr, collect_scale, &dims);
      }
      for (unsigned i = 0; i < dims.size(); ++i) attach(copy, dims[i], i);
    }
    copy_attributes(source.get(), copy.get());
  }
}

}  // namespace tollgate
