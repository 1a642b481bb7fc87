#include "engine/kernel/vector_width.hpp"

namespace tollgate {

VectorWidth widest_vector_width() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return VectorWidth::k8;
  }
  if (__builtin_cpu_supports("avx2")) return VectorWidth::k4;
#endif
  return VectorWidth::k2;
}

}  // namespace tollgate
