/// Counts calls of operator new in a test program that links tests/allocations.cpp.
#pragma once

#include <cstddef>

namespace tollgate::tests {

/// Allocations of all threads since the program began.
std::size_t allocations();

}  // namespace tollgate::tests
