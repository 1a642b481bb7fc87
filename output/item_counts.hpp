/// How many items there are of how many.
#pragma once

#include <cstdint>

namespace tollgate {

struct ItemCounts {
  std::uint64_t complete = 0;
  std::uint64_t failed = 0;
  std::uint64_t planned = 0;
  [[nodiscard]] std::uint64_t settled() const { return complete + failed; }
};

}  // namespace tollgate
