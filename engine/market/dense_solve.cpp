#include "engine/market/dense_solve.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/kernel/check.hpp"

namespace tollgate {

bool solve_dense(std::span<double> matrix, std::span<double> vector) {
  const std::size_t n = vector.size();
  TOLLGATE_CHECK(matrix.size() == n * n, "a square matrix");
  const auto at = [&](std::size_t row, std::size_t column) -> double& {
    return matrix[column * n + row];
  };
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(at(i, k)) > std::abs(at(pivot, k))) pivot = i;
    }
    if (at(pivot, k) == 0 || !std::isfinite(at(pivot, k))) return false;
    if (pivot != k) {
      for (std::size_t j = k; j < n; ++j) std::swap(at(k, j), at(pivot, j));
      std::swap(vector[k], vector[pivot]);
    }
    for (std::size_t i = k + 1; i < n; ++i) at(i, k) /= at(k, k);
    for (std::size_t j = k + 1; j < n; ++j) {
      const double factor = at(k, j);
      for (std::size_t i = k + 1; i < n; ++i) at(i, j) -= at(i, k) * factor;
    }
    for (std::size_t i = k + 1; i < n; ++i) vector[i] -= at(i, k) * vector[k];
  }
  for (std::size_t k = n; k-- > 0;) {
    vector[k] /= at(k, k);
    for (std::size_t i = 0; i < k; ++i) vector[i] -= at(i, k) * vector[k];
  }
  return true;
}

}  // namespace tollgate
