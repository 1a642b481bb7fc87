#include "output/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace tollgate {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
/// A run shorter than this prints no plain lines: it is over before they are read.
constexpr std::chrono::seconds kQuietFor{2};

}  // namespace

Progress::Progress(std::uint64_t replicas, bool is_quiet)
    : replicas_(replicas),
      is_quiet_(is_quiet),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      drawn_(start_),
      next_line_(std::max(std::uint64_t{1}, replicas / 10)) {}

void Progress::expect(std::uint64_t more) { replicas_ += more; }

void Progress::advance(std::uint64_t more) {
  const std::lock_guard lock(guard_);
  done_ += more;
  if (is_quiet_ || more == 0) return;
  const Clock::time_point now = Clock::now();
  if (is_terminal_) {
    if (now - drawn_ < kRedraw) return;
    drawn_ = now;
    draw(now);
  } else if (done_ >= next_line_) {
    while (next_line_ <= done_) next_line_ += std::max(std::uint64_t{1}, replicas_ / 10);
    if (now - start_ >= kQuietFor) draw(now);
  }
}

void Progress::draw(Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done_) / std::max(seconds, 1e-9);
  const double left = static_cast<double>(replicas_ - done_) / std::max(rate, 1e-9);
  fmt::print(stderr, "{}{} of {} replicas, {:.0f} per second, {:.0f} s left{}",
             is_terminal_ ? "\r" : "", done_, replicas_, rate, left,
             is_terminal_ ? "\033[K" : "\n");
  std::fflush(stderr);
}

void Progress::finish() {
  if (is_quiet_ || !is_terminal_) return;
  const std::lock_guard lock(guard_);
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace tollgate
