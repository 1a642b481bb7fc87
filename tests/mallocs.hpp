/// Counts calls of malloc, and of what it stands for, in a test program that links
/// tests/mallocs.cpp: whoever makes them, this project or a library.
#pragma once

#include <cstddef>

namespace tollgate::tests {

/// Calls by all threads since the program began.
std::size_t mallocs();

}  // namespace tollgate::tests
