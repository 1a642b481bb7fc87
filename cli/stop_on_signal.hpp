/// Ctrl-C and SIGTERM ask for a stop between replicas instead of ending the program.
#pragma once

#include <atomic>
#include <csignal>

namespace tollgate {

/// While one lives, the first such signal sets `requested()`: replicas in flight finish. A second
/// one ends the program at once.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] const std::atomic<bool>& requested() const;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace tollgate
