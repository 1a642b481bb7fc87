/// A file that is complete under its name or not there: written beside it, then renamed.
#pragma once

#include <stdexcept>
#include <string>

namespace tollgate {

/// The output cannot be written, or a file cannot be read as ours; the message says what to do.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TargetFile {
 public:
  /// Checks that `path` can be written, before any work is done. Throws OutputError when it cannot,
  /// or when `path` exists and `overwrite` is false.
  TargetFile(std::string path, bool overwrite);
  /// Without `publish`, removes the temporary file.
  ~TargetFile();
  TargetFile(const TargetFile&) = delete;
  TargetFile& operator=(const TargetFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Where to write: a name beside the target that no other attempt uses.
  [[nodiscard]] const std::string& temporary() const { return temporary_; }

  /// Syncs the temporary file, renames it, and syncs the folder. The file must be closed. Throws
  /// OutputError.
  void publish();

 private:
  std::string path_;
  std::string temporary_;
  bool is_published_ = false;
};

/// Makes a name that was created, renamed or removed in the folder of `path` last. Throws
/// OutputError.
void sync_folder_of(const std::string& path);

/// Removes temporary files for `path` that attempts which are known to be dead left behind.
void remove_stale_temporaries(const std::string& path);

/// Writes `text` to a file of its own in that way. Throws OutputError.
void write_text(TargetFile& target, const std::string& text);

}  // namespace tollgate
