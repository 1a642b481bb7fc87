#include "engine/kernel/check.hpp"

#include <cstring>

namespace tollgate {

void fail_check(const char* expression, const char* file, int line, const std::string& message) {
  const char* name = std::strrchr(file, '/');
  throw InvariantError(message + " [" + expression + ", " + (name != nullptr ? name + 1 : file) +
                       ":" + std::to_string(line) + "]");
}

}  // namespace tollgate
