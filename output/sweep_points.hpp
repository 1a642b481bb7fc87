/// Coordinates of a sweep's points in its file, one variable per factor.
#pragma once

#include <cstdint>
#include <string>

#include "output/hdf5.hpp"
#include "output/sweep_metadata.hpp"

namespace tollgate {

/// Writes numbers and coordinates of the points first .. end - 1 to a file made for the sweep, some
/// thousand at a time. Throws Hdf5Error.
void write_points(const std::string& path, const SweepMetadata& sweep, std::uint64_t first,
                  std::uint64_t end);

/// Writes the numbers of all points: in a file of several shards, whether they are all there or
/// not.
void write_point_numbers(const hdf5::File& file);

/// Copies them from one file of the sweep to another.
void copy_points(const hdf5::File& from, const hdf5::File& to, std::uint64_t first,
                 std::uint64_t end);

}  // namespace tollgate
