/// The shards that a merged file maps: whether they are still what they were.
#pragma once

#include <string>

#include "output/hdf5.hpp"

namespace tollgate {

/// Throws OutputError unless all shards that `file`, opened as `path`, maps are where they were,
/// with the same sizes. Does nothing when it maps none.
void check_mapped_shards(const hdf5::File& file, const std::string& path);

}  // namespace tollgate
