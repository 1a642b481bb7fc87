/// Invariants of the program itself: checks that stay on in release builds.
///
/// A failed check is our fault, never the user's (bad input is a ScenarioError). It ends one
/// replica, loudly: the runner reports the replica and its seed and goes on with the others.
#pragma once

#include <stdexcept>
#include <string>

namespace tollgate {

/// An invariant of the program does not hold.
class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_check(const char* expression, const char* file, int line,
                             const std::string& message);

}  // namespace tollgate

/// Throws InvariantError with the expression and its place when `condition` is false.
#define TOLLGATE_CHECK(condition, message)                             \
  do {                                                                 \
    if (!(condition)) [[unlikely]]                                     \
      ::tollgate::fail_check(#condition, __FILE__, __LINE__, message); \
  } while (false)
