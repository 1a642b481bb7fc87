/// How the replicas of a run cover the space of its uncertain parameters.
#pragma once

#include <array>
#include <string_view>

namespace tollgate {

enum class SamplingDesign : unsigned char { kPlain, kLatinHypercube, kSobol };
inline constexpr std::array<std::string_view, 3> kSamplingDesignNames = {"plain", "lhs", "sobol"};

}  // namespace tollgate
