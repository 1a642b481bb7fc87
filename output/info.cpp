#include "output/info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/uuid/detail/sha1.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <vector>

#include "output/ensemble_file.hpp"
#include "output/hdf5.hpp"
#include "output/journal.hpp"
#include "output/partial.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

using hdf5::check;

struct Variable {
  std::string name;
  std::vector<hsize_t> shape;
  std::vector<std::string> dims;
  std::string units;
  std::string long_name;
  bool is_scale = false;
};

hdf5::File open_ours(const std::string& path) {
  hdf5::silence();
  if (!std::filesystem::exists(path)) throw OutputError(fmt::format("there is no file '{}'", path));
  if (!std::filesystem::is_regular_file(path))
    throw OutputError(fmt::format("'{}' is no file", path));
  if (H5Fis_hdf5(path.c_str()) <= 0) {
    throw OutputError(
        fmt::format("'{}' is no HDF5 file, or was cut short; tollgate writes complete "
                    "files only under their final name",
                    path));
  }
  try {
    hdf5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "H5Fopen");
    if (hdf5::read_text_attribute(file.get(), "tollgate_file_type").empty()) {
      throw OutputError(fmt::format("'{}' is HDF5 but was not written by tollgate", path));
    }
    const std::int64_t format = hdf5::read_integer_attribute(file.get(), "tollgate_format_version");
    if (format > kFileFormat) {
      throw OutputError(
          fmt::format("'{}' has file format {}, this program reads up to {}; use a "
                      "newer tollgate",
                      path, format, kFileFormat));
    }
    if (path.ends_with(".tmp")) {
      throw OutputError(fmt::format("'{}' is the unfinished file of a run", path));
    }
    return file;
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("'{}' cannot be opened: {}", path, error.what()));
  }
}

herr_t collect_scale(hid_t, unsigned, hid_t scale, void* names) {
  std::string name(static_cast<std::size_t>(H5Iget_name(scale, nullptr, 0)), '\0');
  H5Iget_name(scale, name.data(), name.size() + 1);
  static_cast<std::vector<std::string>*>(names)->push_back(name.substr(name.rfind('/') + 1));
  return 0;
}

Variable read_variable(hid_t file, const std::string& name) {
  const hdf5::Dataset dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), "H5Dopen2");
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  Variable variable;
  variable.name = name;
  variable.shape.resize(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
  H5Sget_simple_extent_dims(space.get(), variable.shape.data(), nullptr);
  variable.is_scale = H5DSis_scale(dataset.get()) > 0;
  for (unsigned i = 0; i < variable.shape.size() && !variable.is_scale; ++i) {
    H5DSiterate_scales(dataset.get(), i, nullptr, collect_scale, &variable.dims);
  }
  variable.units = hdf5::read_text_attribute(dataset.get(), "units");
  variable.long_name = hdf5::read_text_attribute(dataset.get(), "long_name");
  return variable;
}

/// The first labels of an axis, as many as fit.
std::string labels_of(hid_t file, const Variable& axis, std::size_t width) {
  if (axis.name == "replica" || axis.name == "time") {
    if (axis.name == "time" && H5Lexists(file, "quarter", H5P_DEFAULT) > 0) {
      const std::vector<std::string> quarters = hdf5::read_texts(file, "quarter");
      return quarters.empty() ? "" : quarters.front() + " to " + quarters.back();
    }
    return axis.shape[0] == 0 ? "" : fmt::format("0 to {}", axis.shape[0] - 1);
  }
  const std::vector<std::string> labels = hdf5::read_texts(file, axis.name.c_str());
  std::string text;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string more = (i == 0 ? "" : ", ") + labels[i];
    if (text.size() + more.size() + 5 > width) return text + ", ...";
    text += more;
  }
  return text;
}

std::string status_of(hid_t file) {
  const hdf5::Dataset dataset(H5Dopen2(file, "replica_status", H5P_DEFAULT), "H5Dopen2");
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<std::int8_t> status(
      static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
  if (!status.empty()) {
    check(H5Dread(dataset.get(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, status.data()),
          "H5Dread");
  }
  const auto count = [&](ReplicaStatus s) {
    return std::ranges::count(status, static_cast<std::int8_t>(s));
  };
  std::string text = fmt::format("{} complete", count(ReplicaStatus::kComplete));
  if (const auto failed = count(ReplicaStatus::kFailed)) text += fmt::format(", {} failed", failed);
  const auto planned = hdf5::read_integer_attribute(file, "replicas_planned");
  const auto settled = count(ReplicaStatus::kComplete) + count(ReplicaStatus::kFailed);
  if (settled < planned) {
    text += fmt::format("; {} of {} not run, --resume runs them", planned - settled, planned);
  }
  return text;
}

/// SHA-1 over everything that is a result.
class Hash {
 public:
  void add(const void* bytes, std::size_t size) { sha1_.process_bytes(bytes, size); }
  void add(const std::string& text) {
    add(text.data(), text.size());
    add("\0", 1);
  }
  std::string hex() {
    boost::uuids::detail::sha1::digest_type digest;
    sha1_.get_digest(digest);
    std::string text;
    for (const unsigned word : digest) text += fmt::format("{:08x}", word);
    return text;
  }

 private:
  boost::uuids::detail::sha1 sha1_;
};

/// How much work the run was, not what came of it: a rule without effect costs events too.
bool is_diagnostic(const std::string& name) { return name == "events" || name == "longest_queue"; }

void add_variable(Hash& hash, hid_t file, const Variable& variable) {
  hash.add(variable.name);
  for (const hsize_t n : variable.shape) hash.add(fmt::format("{}", n));
  const hdf5::Dataset dataset(H5Dopen2(file, variable.name.c_str(), H5P_DEFAULT), "H5Dopen2");
  const hdf5::Type type(H5Dget_type(dataset.get()), "H5Dget_type");
  if (H5Tget_class(type.get()) == H5T_STRING) {
    if (variable.shape.size() == 1) {
      for (const std::string& text : hdf5::read_texts(file, variable.name.c_str())) hash.add(text);
    }
    return;
  }
  // Replica by replica, so that memory does not grow with their number.
  const hdf5::Space space(H5Dget_space(dataset.get()), "H5Dget_space");
  std::vector<hsize_t> count = variable.shape;
  if (count.empty() || std::ranges::find(count, hsize_t{0}) != count.end()) return;
  count[0] = 1;
  std::size_t cells = 1;
  for (const hsize_t n : count) cells *= n;
  const std::size_t bytes = H5Tget_size(type.get());
  std::vector<char> values(cells * bytes);
  const hdf5::Space memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                           "H5Screate_simple");
  std::vector<hsize_t> start(count.size(), 0);
  for (start[0] = 0; start[0] < variable.shape[0]; ++start[0]) {
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                              nullptr),
          "H5Sselect_hyperslab");
    check(H5Dread(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, values.data()),
          "H5Dread");
    hash.add(values.data(), values.size());
  }
}

}  // namespace

std::string content_hash(const std::string& path) {
  const hdf5::File file = open_ours(path);
  try {
    Hash hash;
    for (const std::string& name : hdf5::names_in(file.get())) {
      if (is_diagnostic(name)) continue;
      add_variable(hash, file.get(), read_variable(file.get(), name));
    }
    return hash.hex();
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("'{}' cannot be read: {}", path, error.what()));
  }
}

std::string describe_file(const std::string& path) {
  if (is_journal(path)) return describe_journal(path);
  if (!std::filesystem::exists(path) && is_journal(journal_path(path))) {
    return describe_journal(journal_path(path));
  }
  const hdf5::File file = open_ours(path);
  try {
    const auto text = [&](const char* name) { return hdf5::read_text_attribute(file.get(), name); };
    std::string result = path + "\n";
    const auto line = [&](const char* name, const std::string& value) {
      result += fmt::format("  {:<13} {}\n", name, value);
    };
    line("what", fmt::format("{} of tollgate {}, file format {}", text("tollgate_file_type"),
                             text("tollgate_version"),
                             hdf5::read_integer_attribute(file.get(), "tollgate_format_version")));
    line("scenario", text("scenario_name") + ": " + text("title"));
    line("replicas", status_of(file.get()));
    line("seed", fmt::format("{}", hdf5::read_integer_attribute(file.get(), "seed")));
    line("sampling", text("sampling"));
    line("frozen", text("frozen"));
    line("command", text("command_line"));
    line("created",
         fmt::format("{} on {}, commit {}", text("created"), text("host"), text("git_commit")));
    line("content hash", content_hash(path));

    std::vector<Variable> variables;
    for (const std::string& name : hdf5::names_in(file.get())) {
      variables.push_back(read_variable(file.get(), name));
    }
    result += "\nDimensions\n";
    for (const Variable& axis : variables) {
      if (!axis.is_scale) continue;
      result += fmt::format("  {:<10} {:>6}  {}\n", axis.name, axis.shape[0],
                            labels_of(file.get(), axis, 58));
    }
    result += "\nVariables\n";
    for (const Variable& variable : variables) {
      if (variable.is_scale) continue;
      std::string dims;
      for (const std::string& dim : variable.dims) dims += (dims.empty() ? "" : ", ") + dim;
      const std::string units =
          variable.units.empty() || variable.units == "1" ? "" : " [" + variable.units + "]";
      result +=
          fmt::format("  {}({})\n      {}{}\n", variable.name, dims, variable.long_name, units);
    }
    result += "\nThe resolved scenario is the variable scenario_toml.\n";
    return result;
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("'{}' cannot be read: {}", path, error.what()));
  }
}

}  // namespace tollgate
