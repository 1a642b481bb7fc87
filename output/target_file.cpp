#include "output/target_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

namespace tollgate {
namespace {

namespace fs = std::filesystem;

void sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags);
  if (fd < 0)
    throw OutputError(fmt::format("cannot open '{}' to sync it: {}", path, std::strerror(errno)));
  const int failed = ::fsync(fd);
  const int code = errno;
  ::close(fd);
  if (failed != 0)
    throw OutputError(fmt::format("cannot sync '{}': {}", path, std::strerror(code)));
}

fs::path folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

/// A name beside the target that no other attempt uses.
std::string temporary_name(const std::string& path) {
  std::random_device random;
  return fmt::format("{}.{}-{:08x}.tmp", path, ::getpid(), random());
}

void check_target(const std::string& path, bool overwrite) {
  // Without an error code they would throw where a folder may not be searched; the check of access
  // below says that.
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw OutputError(fmt::format("'{}' is a folder; name a file with -o FILE", path));
  if (fs::exists(path, ignored) && !overwrite) {
    throw OutputError(
        fmt::format("'{}' exists and is not written over; name another file with -o, "
                    "or say --overwrite",
                    path));
  }
  const fs::path folder = folder_of(path);
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    throw OutputError(fmt::format("'{}' is a file, not a folder, and '{}' cannot be written in it",
                                  folder.string(), path));
  }
  if (!fs::is_directory(folder, ignored)) {
    throw OutputError(
        fmt::format("there is no folder '{}' to write '{}' in", folder.string(), path));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    throw OutputError(fmt::format("the folder '{}' cannot be written to: {}", folder.string(),
                                  std::strerror(errno)));
  }
}

}  // namespace

TargetFile::TargetFile(std::string path, bool overwrite) : path_(std::move(path)) {
  check_target(path_, overwrite);
  temporary_ = temporary_name(path_);
}

TargetFile::~TargetFile() {
  if (!is_published_) ::unlink(temporary_.c_str());
}

void TargetFile::publish() {
  sync_path(temporary_, O_RDONLY);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw OutputError(
        fmt::format("cannot rename '{}' to '{}': {}", temporary_, path_, std::strerror(errno)));
  }
  is_published_ = true;
  sync_folder_of(path_);
}

void sync_folder_of(const std::string& path) {
  sync_path(folder_of(path).string(), O_RDONLY | O_DIRECTORY);
}

void remove_stale_temporaries(const std::string& path) {
  const std::string stem = fs::path(path).filename().string() + ".";
  // <name>.<process>-<eight hexadecimal digits>.tmp, see temporary_name
  const auto is_ours = [&stem](const std::string& name) {
    if (!name.starts_with(stem) || !name.ends_with(".tmp")) return false;
    const std::string middle = name.substr(stem.size(), name.size() - stem.size() - 4);
    const std::size_t dash = middle.find('-');
    return dash != std::string::npos && dash > 0 && middle.size() == dash + 9 &&
           middle.find_first_not_of("0123456789") == dash &&
           middle.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
  };
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(path), ignored)) {
    if (is_ours(entry.path().filename().string())) fs::remove(entry.path(), ignored);
  }
}

void write_text(TargetFile& target, const std::string& text) {
  std::ofstream file(target.temporary());
  file << text;
  file.close();
  if (!file) {
    throw OutputError(fmt::format("cannot write '{}': {}", target.path(), std::strerror(errno)));
  }
  target.publish();
}

}  // namespace tollgate
