/// How many numbers this machine works on at once.
///
/// A loop that gains from wide vectors is a template over their width, on the vector types of GCC
/// and Clang. It is compiled three times, the two wider ones inside a function that carries a macro
/// of below, and one is chosen when running. Its results must not depend on which.
#pragma once

#include <cstdint>

// Functions that carry these are compiled for machines with wide vectors and chosen when running.
#if defined(__x86_64__)
#define TOLLGATE_FOR_AVX2 [[gnu::target("avx2")]]
#define TOLLGATE_FOR_AVX512 [[gnu::target("avx512f,avx512dq")]]
#else
#define TOLLGATE_FOR_AVX2
#define TOLLGATE_FOR_AVX512
#endif

namespace tollgate {

/// Numbers of 64 bits in a vector.
enum class VectorWidth : std::uint8_t { k2 = 2, k4 = 4, k8 = 8 };
VectorWidth widest_vector_width();  ///< that this machine has

}  // namespace tollgate
