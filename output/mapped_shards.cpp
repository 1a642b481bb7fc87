#include "output/mapped_shards.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "output/target_file.hpp"

namespace tollgate {

namespace fs = std::filesystem;

void check_mapped_shards(const hdf5::File& file, const std::string& path) {
  if (H5Lexists(file.get(), "shard_file", H5P_DEFAULT) <= 0) return;
  const std::vector<std::string> names = hdf5::read_texts(file.get(), "shard_file");
  const hdf5::Dataset dataset(H5Dopen2(file.get(), "shard_bytes", H5P_DEFAULT), "H5Dopen2");
  std::vector<std::int64_t> sizes(names.size());
  hdf5::read_box(dataset, H5T_NATIVE_INT64, {0}, {sizes.size()}, sizes.data());
  const fs::path folder = fs::canonical(path).parent_path();  // as HDF5 finds them
  std::string wrong;
  std::size_t count = 0;
  constexpr std::size_t kMost = 5;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::error_code error;
    const auto size = fs::file_size(folder / names[i], error);
    if (!error && size == static_cast<std::uintmax_t>(sizes[i])) continue;
    if (++count > kMost) continue;
    wrong +=
        fmt::format("\n  {}: {}", names[i],
                    error ? "is not there" : fmt::format("has {} bytes, had {}", size, sizes[i]));
  }
  if (count == 0) return;
  if (count > kMost) wrong += fmt::format("\n  ... and {} more", count - kMost);
  throw OutputError(fmt::format(
      "'{}' maps shards that are not as they were; other programs would read them as missing "
      "values without a word:{}\nPut them back, or merge again",
      path, wrong));
}

}  // namespace tollgate
