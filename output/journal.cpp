#include "output/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>
#include <utility>

namespace tollgate {
namespace {

constexpr std::array<char, 8> kMagic = {'t', 'o', 'l', 'l', 'g', 'a', 't', '1'};

struct FrameHead {
  std::array<char, 8> magic = kMagic;
  std::uint64_t length = 0;
  std::uint32_t crc = 0;   ///< of length and payload: a frame of zeros is none
  std::uint32_t when = 0;  ///< seconds since 1970, for `tollgate status`; no part of the CRC
};
static_assert(sizeof(FrameHead) == 24, "written as it lies in memory");

std::uint32_t checksum(std::uint64_t length, std::span<const std::byte> payload) {
  return crc32(payload, crc32(std::as_bytes(std::span(&length, 1))));
}

OutputError failure(const char* what, const std::string& path) {
  return OutputError(fmt::format("cannot {} '{}': {}", what, path, std::strerror(errno)));
}

bool read_all(int fd, void* to, std::size_t size, std::uint64_t place) {
  auto* bytes = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t n = ::pread(fd, bytes, size, static_cast<off_t>(place));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    size -= static_cast<std::size_t>(n);
    place += static_cast<std::uint64_t>(n);
  }
  return true;
}

bool write_all(int fd, const void* from, std::size_t size, std::uint64_t place) {
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = ::pwrite(fd, bytes, size, static_cast<off_t>(place));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes += n;
    size -= static_cast<std::size_t>(n);
    place += static_cast<std::uint64_t>(n);
  }
  return true;
}

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// Whether the file behind `fd` still has the name: its former owner may have removed it between
/// our opening and our locking.
bool has_name(int fd, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

std::string journal_path(const std::string& path) { return path + ".partial"; }

Journal Journal::open(const std::string& path) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) throw failure("create", path);
    Journal journal(path, fd);
    int locked = ::flock(fd, LOCK_EX | LOCK_NB);
    for (int i = 0; i < 3 && locked != 0 && errno == EWOULDBLOCK; ++i) {
      // `is_locked` may have it for a moment.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      locked = ::flock(fd, LOCK_EX | LOCK_NB);
    }
    if (locked != 0) {
      if (errno == EWOULDBLOCK) {
        throw OutputError(fmt::format(
            "another process is writing this output: it holds '{}'; wait for it, or name another "
            "file with -o",
            path));
      }
      if (errno != ENOLCK && errno != ENOTSUP && errno != ENOSYS) throw failure("lock", path);
      if (std::getenv("TOLLGATE_WITHOUT_LOCKS") == nullptr) {
        throw OutputError(fmt::format(
            "the file system of '{}' has no file locks, without which two processes at one output "
            "destroy each other's work; write to another, or set TOLLGATE_WITHOUT_LOCKS=1 and see "
            "to it yourself that there is one",
            path));
      }
    }
    journal.is_exclusive_ = locked == 0;
    if (!has_name(fd, path)) continue;
    journal.find_end();
    sync_folder_of(path);
    return journal;
  }
}

Journal Journal::look_at(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw failure("read", path);
  Journal journal(path, fd);
  journal.find_end();
  return journal;
}

Journal Journal::glance_at(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw failure("read", path);
  Journal journal(path, fd);
  journal.find_end_by_lengths();
  return journal;
}

Journal::Journal(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      end_(other.end_),
      frames_(other.frames_),
      is_exclusive_(other.is_exclusive_) {}
Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

bool Journal::read_frame(std::uint64_t place, Bytes& payload) const {
  FrameHead head;
  if (!read_all(fd_, &head, sizeof head, place) || head.magic != kMagic) return false;
  if (head.length > size_of(fd_) - place - sizeof head) return false;
  payload.resize(head.length);
  return read_all(fd_, payload.data(), payload.size(), place + sizeof head) &&
         checksum(head.length, payload) == head.crc;
}

void Journal::find_end() {
  Bytes payload;
  for (; read_frame(end_, payload); ++frames_) end_ += sizeof(FrameHead) + payload.size();
}

void Journal::find_end_by_lengths() {
  const std::uint64_t size = size_of(fd_);
  FrameHead head;
  while (read_all(fd_, &head, sizeof head, end_) && head.magic == kMagic &&
         head.length <= size - end_ - sizeof head) {
    end_ += sizeof head + head.length;
    ++frames_;
  }
}

void Journal::for_each_start(std::size_t size,
                             const std::function<void(std::int64_t, const Bytes&)>& visit) const {
  Bytes start;
  FrameHead head;
  for (std::uint64_t place = 0; place < end_; place += sizeof head + head.length) {
    if (!read_all(fd_, &head, sizeof head, place)) return;
    start.resize(std::min<std::uint64_t>(size, head.length));
    if (!read_all(fd_, start.data(), start.size(), place + sizeof head)) return;
    visit(head.when, start);
  }
}

bool Journal::is_locked() const {
  // Taken for a moment where nobody has it; `open` tries more than once.
  if (::flock(fd_, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  ::flock(fd_, LOCK_UN);
  return false;
}

void Journal::clear() {
  if (::ftruncate(fd_, 0) != 0) throw failure("empty", path_);
  end_ = 0;
  frames_ = 0;
}

std::uint64_t Journal::append(std::span<const std::byte> payload) {
  FrameHead head;
  head.length = payload.size();
  head.crc = checksum(head.length, payload);
  head.when = static_cast<std::uint32_t>(std::time(nullptr));
  const std::uint64_t place = end_;
  if (!write_all(fd_, &head, sizeof head, place) ||
      !write_all(fd_, payload.data(), payload.size(), place + sizeof head) ||
      ::ftruncate(fd_, static_cast<off_t>(place + sizeof head + payload.size())) != 0 ||
      ::fdatasync(fd_) != 0) {
    const OutputError error = failure("write", path_);
    // What was torn would be taken for damage by nobody, but why leave it.
    if (::ftruncate(fd_, static_cast<off_t>(place)) != 0) throw error;
    throw error;
  }
  end_ = place + sizeof head + payload.size();
  ++frames_;
  return place;
}

Bytes Journal::read(std::uint64_t place) const {
  Bytes payload;
  if (!read_frame(place, payload)) {
    throw OutputError(fmt::format("'{}' is damaged at byte {}", path_, place));
  }
  return payload;
}

void Journal::for_each(const std::function<void(std::uint64_t, const Bytes&)>& visit) const {
  for (std::uint64_t place = 0; place < end_;) {
    const Bytes payload = read(place);
    visit(place, payload);
    place += sizeof(FrameHead) + payload.size();
  }
}

void Journal::remove() { ::unlink(path_.c_str()); }

}  // namespace tollgate
