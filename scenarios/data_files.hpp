/// Files of numbers that a scenario or a sweep takes distributions from.
#pragma once

#include <filesystem>
#include <string>

#include "scenarios/tree.hpp"

namespace tollgate {

/// Where the file is that `file`, a text, names: its path is relative to the file that it stands
/// in, on the command line to the working folder.
std::filesystem::path data_file_path(const Node& file);

/// A comment for each file that distributions in the tree are read from, with its path as written
/// and a hash of its bytes, after an empty line; empty if there are none. As part of a resolved
/// text it makes a run of other numbers another run. A file that is not there has no comment.
std::string data_file_comments(const Node& root);

}  // namespace tollgate
