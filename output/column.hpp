/// A variable of a file as batches hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tollgate {

/// How a number is kept: money and chips exactly, measured reals rounded (see stored_real.hpp),
/// drawn parameters exactly, the state of an item as a byte.
enum class StoredType : std::uint8_t { kInt64, kFloat32, kFloat64, kInt8 };

constexpr std::size_t width_of(StoredType type) {
  return type == StoredType::kInt8 ? 1 : type == StoredType::kFloat32 ? 4 : 8;
}

/// A variable along items, or along points where a summary stands for the replicas.
struct Column {
  std::string name;
  StoredType type = StoredType::kInt64;
  std::size_t cells = 1;  ///< per row
  bool is_along_points = false;
  std::size_t offset = 0;  ///< in the bytes of a batch

  [[nodiscard]] std::size_t row_bytes() const { return cells * width_of(type); }
};

}  // namespace tollgate
