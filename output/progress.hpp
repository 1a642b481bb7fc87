/// Progress of a run on standard error: a line that is redrawn on a terminal, plain lines
/// elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace tollgate {

/// `advance` and `finish` may be called from several threads.
class Progress {
 public:
  /// `is_quiet`: says nothing.
  Progress(std::uint64_t replicas, bool is_quiet);

  /// Raises the number of replicas to come.
  void expect(std::uint64_t more);

  /// One more replica is done, or several.
  void advance(std::uint64_t more = 1);

  /// Leaves the terminal clean.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::mutex guard_;
  void draw(Clock::time_point now) const;

  std::uint64_t replicas_;
  std::uint64_t done_ = 0;
  bool is_quiet_;
  bool is_terminal_;
  Clock::time_point start_;
  Clock::time_point drawn_;
  std::uint64_t next_line_ = 0;  ///< replicas at which the next plain line is due
};

}  // namespace tollgate
