#include "cli/stop_on_signal.hpp"

namespace tollgate {
namespace {

/// Set by the signal handler, read by the runner between replicas.
std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch such");

void request_stop(int) { stop_requested = true; }

}  // namespace

StopOnSignal::StopOnSignal() {
  stop_requested = false;
  struct sigaction action {};
  action.sa_handler = request_stop;
  // Schedulers send SIGTERM to a script and to what it has started, and scripts pass it on: it may
  // come twice. A second Ctrl-C ends the program at once.
  sigaction(SIGTERM, &action, &old_terminate_);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &old_interrupt_);
}

StopOnSignal::~StopOnSignal() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

const std::atomic<bool>& StopOnSignal::requested() const { return stop_requested; }

}  // namespace tollgate
