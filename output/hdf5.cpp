#include "output/hdf5.hpp"

#include <array>

namespace tollgate::hdf5 {
namespace {

herr_t collect(unsigned, const H5E_error2_t* error, void* text) {
  auto& words = *static_cast<std::string*>(text);
  if (error->desc != nullptr && words.size() < 1000) {
    words += words.empty() ? "" : "; ";
    words += error->desc;
  }
  return 0;
}

/// Empty where either mark is missing.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  const std::size_t to = text.find(end, from + begin.size());
  if (to == std::string::npos) return {};
  return text.substr(from + begin.size(), to - from - begin.size());
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

/// The box in the file, and memory of its size.
std::pair<Space, Space> box_spaces(const Dataset& dataset, const std::vector<hsize_t>& start,
                                   const std::vector<hsize_t>& count) {
  Space file(H5Dget_space(dataset.get()), "H5Dget_space");
  check(
      H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      "H5Sselect_hyperslab");
  Space memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
               "H5Screate_simple");
  return {std::move(file), std::move(memory)};
}

/// Texts as the library hands them out, and takes them back.
std::vector<std::string> read_texts(const Dataset& dataset, const Space& memory, hid_t file_space) {
  const auto size = static_cast<std::size_t>(H5Sget_simple_extent_npoints(memory.get()));
  std::vector<char*> raw(size, nullptr);
  const Type type = text_type();
  std::vector<std::string> texts;
  if (size == 0) return texts;
  check(H5Dread(dataset.get(), type.get(), memory.get(), file_space, H5P_DEFAULT, raw.data()),
        "H5Dread");
  for (const char* text : raw) texts.emplace_back(text == nullptr ? "" : text);
  H5Dvlen_reclaim(type.get(), memory.get(), H5P_DEFAULT, raw.data());
  return texts;
}

Space scalar() { return {H5Screate(H5S_SCALAR), "H5Screate"}; }

}  // namespace

template <class Status>
Status check(Status status, const char* call) {
  if (status >= 0) return status;
  std::string words;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &words);
  H5Eclear2(H5E_DEFAULT);
  const std::string of_system = between(words, "error message = '", "'");
  if (!of_system.empty()) throw Hdf5Error(of_system);
  throw Hdf5Error(std::string(call) + ": " + (words.empty() ? "failed" : words));
}
template hid_t check<hid_t>(hid_t, const char*);
template herr_t check<herr_t>(herr_t, const char*);

void silence() {
  // All files are closed by those who opened them. Where closing one failed, as on a full disk, the
  // library would try again when the process ends, and crash (1.10.8).
  [[maybe_unused]] static const herr_t is_left_alone = H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

File open_image(const std::vector<std::byte>& image) {
  silence();
  std::vector<std::byte> copy = image;  // the library asks for memory that it could change
  return {H5LTopen_file_image(copy.data(), copy.size(), 0), "H5LTopen_file_image"};
}

Type text_type() {
  Type type(H5Tcopy(H5T_C_S1), "H5Tcopy");
  check(H5Tset_size(type.get(), H5T_VARIABLE), "H5Tset_size");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

void write_attribute(hid_t object, const char* name, const std::string& text) {
  // Fixed length: what netCDF writes for scalar text attributes and every reader understands.
  const Type type(H5Tcopy(H5T_C_S1), "H5Tcopy");
  check(H5Tset_size(type.get(), text.size() + 1), "H5Tset_size");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "H5Tset_cset");
  // Attributes over 64 KiB do not fit an object header: longer texts are datasets (see writer.cpp).
  const Attribute attribute(
      H5Acreate2(object, name, type.get(), scalar().get(), H5P_DEFAULT, H5P_DEFAULT), "H5Acreate2");
  check(H5Awrite(attribute.get(), type.get(), text.c_str()), "H5Awrite");
}

void write_attribute(hid_t object, const char* name, std::int64_t value) {
  const Attribute attribute(
      H5Acreate2(object, name, H5T_STD_I64LE, scalar().get(), H5P_DEFAULT, H5P_DEFAULT),
      "H5Acreate2");
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &value), "H5Awrite");
}

void write_attribute(hid_t object, const char* name, const std::vector<std::int8_t>& values) {
  const hsize_t size = values.size();
  const Space space(H5Screate_simple(1, &size, nullptr), "H5Screate_simple");
  const Attribute attribute(
      H5Acreate2(object, name, H5T_STD_I8LE, space.get(), H5P_DEFAULT, H5P_DEFAULT), "H5Acreate2");
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT8, values.data()), "H5Awrite");
}

std::string read_text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return {};
  const Attribute attribute(H5Aopen(object, name, H5P_DEFAULT), "H5Aopen");
  const Type type(H5Aget_type(attribute.get()), "H5Aget_type");
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0) return {};
  std::string text(H5Tget_size(type.get()), '\0');
  check(H5Aread(attribute.get(), type.get(), text.data()), "H5Aread");
  text.resize(text.find('\0') == std::string::npos ? text.size() : text.find('\0'));
  return text;
}

std::int64_t read_integer_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return 0;
  const Attribute attribute(H5Aopen(object, name, H5P_DEFAULT), "H5Aopen");
  std::int64_t value = 0;
  check(H5Aread(attribute.get(), H5T_NATIVE_INT64, &value), "H5Aread");
  return value;
}

std::vector<hsize_t> shape_of(const Dataset& dataset) {
  const Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<hsize_t> shape(
      static_cast<std::size_t>(check(H5Sget_simple_extent_ndims(space.get()), "ndims")));
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  return shape;
}

void read_box(const Dataset& dataset, hid_t type, const std::vector<hsize_t>& start,
              const std::vector<hsize_t>& count, void* to) {
  const auto [file, memory] = box_spaces(dataset, start, count);
  check(H5Dread(dataset.get(), type, memory.get(), file.get(), H5P_DEFAULT, to), "H5Dread");
}

void write_box(const Dataset& dataset, hid_t type, const std::vector<hsize_t>& start,
               const std::vector<hsize_t>& count, const void* from) {
  const auto [file, memory] = box_spaces(dataset, start, count);
  check(H5Dwrite(dataset.get(), type, memory.get(), file.get(), H5P_DEFAULT, from), "H5Dwrite");
}

std::vector<std::string> names_in(hid_t file) {
  std::vector<std::string> names;
  check(H5Literate(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, collect_name, &names),
        "H5Literate");
  return names;
}

std::vector<std::string> read_texts(const Dataset& dataset, hsize_t start, hsize_t count) {
  const auto [file, memory] = box_spaces(dataset, {start}, {count});
  return read_texts(dataset, memory, file.get());
}

std::vector<std::string> read_texts(hid_t file, const char* name) {
  const Dataset dataset(H5Dopen2(file, name, H5P_DEFAULT), "H5Dopen2");
  return read_texts(dataset, Space(H5Dget_space(dataset.get()), "H5Dget_space"), H5S_ALL);
}

}  // namespace tollgate::hdf5
