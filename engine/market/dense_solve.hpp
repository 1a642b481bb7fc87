/// A dense linear system in the caller's memory.
#pragma once

#include <span>

namespace tollgate {

/// Solves A x = b by Gaussian elimination with partial pivoting. `matrix` holds the columns of A
/// one after another and is overwritten, `vector` holds b and then x. Allocates nothing. False when
/// a pivot is zero or not finite. For systems of some dozen unknowns.
bool solve_dense(std::span<double> matrix, std::span<double> vector);

}  // namespace tollgate
