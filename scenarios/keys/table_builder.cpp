#include "scenarios/keys/table_builder.hpp"

#include <fmt/format.h>

#include <cmath>

#include "scenarios/reader.hpp"

namespace tollgate {

std::string default_number(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

void check_bounds(Reader& reader, const Bounds& bounds, const Node& node, const std::string& path) {
  if (reader.are_sound(node, {"low", "high"}) && bounds.low > bounds.high) {
    reader.complain(node, "low", fmt::format("key '{}.low' is above '{}.high'", path, path));
  }
}

}  // namespace tollgate
