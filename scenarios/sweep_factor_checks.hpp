/// What is checked of a sweep's factors together, when each has been read.
#pragma once

#include "scenarios/sweep_file.hpp"

namespace tollgate {

/// A key is varied by one factor and not set besides; one factor may have scenarios, else there is
/// a base; of a table of points, columns and factors are the same. Takes those out of the file that
/// do not fit, and gives those that are columns their levels. `factors` is the table in the file.
void check_factors(const Table& factors, SweepFile& file, ErrorList& errors);

}  // namespace tollgate
