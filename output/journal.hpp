/// The journal of a run: every finished replica, on disk before it is reported as finished.
///
/// One file that only grows: frames of (magic, length, CRC-32, payload). The first one is the
/// ensemble file as it was before any replica, a whole HDF5 file; the others are encoded batches.
/// An append returns after `fdatasync`. A kill or a full disk can only tear the last frame, and a
/// torn frame is cut off when the journal is opened to go on. HDF5 by itself gives no such promise:
/// a file that is killed while it is written is lost (docs/decisions/0006-journal.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "output/chunk_codec.hpp"
#include "output/target_file.hpp"

namespace tollgate {

/// Name of the journal of a run that writes `path`.
std::string journal_path(const std::string& path);

class Journal {
 public:
  /// Opens or creates the journal and locks it for as long as this object lives; the lock ends with
  /// the process, however that ends. Throws OutputError when it cannot, when another process holds
  /// it, or where there are no locks and TOLLGATE_WITHOUT_LOCKS is not set.
  static Journal open(const std::string& path);
  /// To look at, without a lock: frames that are complete now.
  static Journal look_at(const std::string& path);
  /// The same by lengths alone, without reading all of it to check it.
  static Journal glance_at(const std::string& path);

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Whether there is no complete frame in it.
  [[nodiscard]] bool is_empty() const { return frames_ == 0; }
  [[nodiscard]] std::size_t frames() const { return frames_; }

  /// Empties it.
  void clear();
  /// Appends a frame and returns, when it is on disk, where it begins. Throws OutputError; the
  /// frames before stay as they are.
  std::uint64_t append(std::span<const std::byte> payload);
  /// Payload of the frame that begins at `place`. Throws OutputError when it is damaged.
  [[nodiscard]] Bytes read(std::uint64_t place) const;
  /// Visits the frames in order.
  void for_each(const std::function<void(std::uint64_t place, const Bytes&)>& visit) const;
  /// Visits the first bytes of the frames, as many as there are but `size` at most, and when they
  /// were appended, in seconds since 1970.
  void for_each_start(std::size_t size,
                      const std::function<void(std::int64_t when, const Bytes&)>& visit) const;
  /// Whether it is this process's alone: opened, not looked at, on a file system with locks.
  [[nodiscard]] bool is_exclusive() const { return is_exclusive_; }
  /// Whether a process holds the lock now.
  [[nodiscard]] bool is_locked() const;
  /// Removes the file: what it kept is elsewhere.
  void remove();

 private:
  Journal(std::string path, int fd);
  /// Counts the complete frames.
  void find_end();
  /// The same by lengths.
  void find_end_by_lengths();
  bool read_frame(std::uint64_t place, Bytes& payload) const;

  std::string path_;
  int fd_;
  std::uint64_t end_ = 0;  ///< of the last complete frame
  std::size_t frames_ = 0;
  bool is_exclusive_ = false;
};

}  // namespace tollgate
