/// What a run that was cut short leaves behind, for those who want to look at it.
#pragma once

#include <cstdint>
#include <string>

namespace tollgate {

/// Whether `path` is there and has the name of a journal.
bool is_journal(const std::string& path);

/// What a journal holds and how to go on with it, in 80 columns. Throws OutputError.
std::string describe_journal(const std::string& path);

/// Makes a complete file of the replicas in a journal and publishes it as `path`; the journal stays
/// as it is. Returns how many replicas there are. Throws OutputError.
std::uint64_t recover(const std::string& journal, const std::string& path, bool overwrite);

}  // namespace tollgate
