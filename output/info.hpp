/// Says what is inside an output file.
#pragma once

#include <string>

namespace tollgate {

/// Where the file comes from, its dimensions and its variables, in 80 columns. Of a run that was
/// cut short, what it saved and how to go on. Throws OutputError when the file is missing, is no
/// HDF5, is not ours, or is of a newer format.
std::string describe_file(const std::string& path);

/// Hash (SHA-1, hexadecimal) of the results: names, shapes, values and labels of everything in the
/// file but when, where and by whom it was made, and how many events it took. Equal hashes mean
/// equal results. Throws OutputError.
std::string content_hash(const std::string& path);

}  // namespace tollgate
