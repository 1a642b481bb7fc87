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
#include "output/mapped_shards.hpp"
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
    check_mapped_shards(file, path);
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
  const hdf5::Dataset dataset(H5Dopen2(file, axis.name.c_str(), H5P_DEFAULT), "H5Dopen2");
  const hdf5::Type type(H5Dget_type(dataset.get()), "H5Dget_type");
  if (H5Tget_class(type.get()) != H5T_STRING) {
    if (axis.name == "time" && H5Lexists(file, "quarter", H5P_DEFAULT) > 0) {
      const std::vector<std::string> quarters = hdf5::read_texts(file, "quarter");
      return quarters.empty() ? "" : quarters.front() + " to " + quarters.back();
    }
    if (axis.shape[0] == 0) return "";
    if (axis.name == "replica" || axis.name == "point") {
      return fmt::format("0 to {}", axis.shape[0] - 1);
    }
    double ends[2] = {};
    hdf5::read_box(dataset, H5T_NATIVE_DOUBLE, {0}, {1}, &ends[0]);
    hdf5::read_box(dataset, H5T_NATIVE_DOUBLE, {axis.shape[0] - 1}, {1}, &ends[1]);
    return fmt::format("{} to {}", ends[0], ends[1]);
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

ItemCounts counts_of_ensemble(hid_t file) {
  const hdf5::Dataset dataset(H5Dopen2(file, "replica_status", H5P_DEFAULT), "H5Dopen2");
  std::vector<std::int8_t> status(hdf5::shape_of(dataset).at(0));
  if (!status.empty()) {
    check(H5Dread(dataset.get(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, status.data()),
          "H5Dread");
  }
  const auto count = [&](ReplicaStatus s) {
    return static_cast<std::uint64_t>(std::ranges::count(status, static_cast<std::int8_t>(s)));
  };
  return {count(ReplicaStatus::kComplete), count(ReplicaStatus::kFailed),
          static_cast<std::uint64_t>(hdf5::read_integer_attribute(file, "replicas_planned"))};
}

/// A sweep says it itself: its items may be too many to be looked at.
ItemCounts counts_of_sweep(hid_t file, const std::string& path) {
  if (!hdf5::read_text_attribute(file, "shard").empty()) {
    return EnsembleFile(path, EnsembleFile::Access::kRead).counts();
  }
  const auto integer = [file](const char* name) {
    return static_cast<std::uint64_t>(hdf5::read_integer_attribute(file, name));
  };
  return {integer("items_complete"), integer("items_failed"),
          integer("points") * integer("replicas_planned")};
}

std::string words_of(const ItemCounts& counts) {
  std::string text = fmt::format("{} complete", counts.complete);
  if (counts.failed > 0) text += fmt::format(", {} failed", counts.failed);
  if (counts.settled() < counts.planned) {
    text += fmt::format("; {} of {} not run, --resume runs them", counts.planned - counts.settled(),
                        counts.planned);
  }
  return text;
}

/// What a sweep is beyond an ensemble.
std::string points_of(hid_t file) {
  std::string text = fmt::format("{} of {} replicas", hdf5::read_integer_attribute(file, "points"),
                                 hdf5::read_integer_attribute(file, "replicas_planned"));
  text += ", design " + hdf5::read_text_attribute(file, "design");
  if (const std::string shard = hdf5::read_text_attribute(file, "shard"); !shard.empty()) {
    text += ", of which shard " + shard;
  }
  if (const auto shards = hdf5::read_integer_attribute(file, "shards"); shards > 0) {
    text += fmt::format(", mapped from {} shards", shards);
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

/// How much work the run was, not what came of it: a rule without effect costs events too. And in
/// how many files it came.
bool is_diagnostic(const std::string& name) {
  return name == "events" || name == "longest_queue" || name == "shard" ||
         name.starts_with("shard_");
}

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
  if (std::ranges::find(variable.shape, hsize_t{0}) != variable.shape.end()) return;
  // In pieces of the first dimensions, so that memory does not grow with them.
  constexpr std::size_t kPieceBytes = std::size_t{4} << 20U;
  const std::size_t bytes = H5Tget_size(type.get());
  std::vector<char> values;
  const auto add_box = [&](const std::vector<hsize_t>& start, const std::vector<hsize_t>& count) {
    std::size_t cells = 1;
    for (const hsize_t n : count) cells *= n;
    values.resize(cells * bytes);
    hdf5::read_box(dataset, type.get(), start, count, values.data());
    hash.add(values.data(), values.size());
  };
  const std::vector<hsize_t>& shape = variable.shape;
  if (shape.empty()) return;
  std::size_t of_first = bytes;  // of one along the first dimension
  for (std::size_t d = 1; d < shape.size(); ++d) of_first *= shape[d];
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> count = shape;
  const auto add_along = [&](std::size_t dim, std::size_t of_one) {
    const hsize_t most = std::max<hsize_t>(1, kPieceBytes / of_one);
    for (start[dim] = 0; start[dim] < shape[dim]; start[dim] += count[dim]) {
      count[dim] = std::min(most, shape[dim] - start[dim]);
      add_box(start, count);
    }
  };
  if (of_first <= kPieceBytes || shape.size() == 1) {
    add_along(0, of_first);
    return;
  }
  // A point has more than a piece.
  count[0] = 1;
  for (hsize_t first = 0; first < shape[0]; ++first) {
    start[0] = first;
    add_along(1, of_first / shape[1]);
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
    const bool is_sweep = text("tollgate_file_type") == "sweep";
    if (is_sweep) line("points", points_of(file.get()));
    line("replicas",
         words_of(is_sweep ? counts_of_sweep(file.get(), path) : counts_of_ensemble(file.get())));
    line("seed", fmt::format("{}", hdf5::read_integer_attribute(file.get(), "seed")));
    line("sampling", text("sampling"));
    line("frozen", text("frozen"));
    if (is_sweep) line("keeps", text("keep"));
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
