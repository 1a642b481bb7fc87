/// The shards of a sweep in a folder: which there are, as files and as journals.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "output/ensemble_file.hpp"
#include "output/sweep_metadata.hpp"

namespace tollgate {

/// How a sweep is made again: what its files say of that.
struct SweepOrigin {
  std::string file;     ///< empty: not known
  std::string command;  ///< for a shell, without --shard and -o
};

/// Throws Hdf5Error.
SweepOrigin origin_of(const EnsembleFile& file);

struct ShardPlace {
  std::string file;     ///< published; empty: none
  std::string journal;  ///< of a run under way or cut short; empty: none
};

struct ShardSet {
  std::string folder;
  std::uint32_t of = 0;
  std::map<std::uint32_t, ShardPlace>
      places;  ///< by number; only those of which there is something
};

/// Finds them by name in a folder, or takes the files that are listed. Throws OutputError when
/// there are none, of different N, or two of one number.
ShardSet find_shards(const std::vector<std::string>& inputs);

/// What a journal has, from the first bytes of its frames.
struct JournalSummary {
  bool is_running = false;          ///< a process holds its lock
  std::optional<BatchShape> shape;  ///< of the whole; none: it was cut short before it said
  SweepOrigin origin;
  ItemCounts counts;
  std::int64_t first = 0;  ///< when it was begun and last written to, seconds since 1970
  std::int64_t last = 0;
  double items_per_second = 0;  ///< since it was begun or gone on with; 0: not known yet
};

/// Throws OutputError or Hdf5Error.
JournalSummary summarise_journal(const std::string& path);

/// "3,17,40-44", as Slurm takes it.
std::string ranges_text(const std::vector<std::uint32_t>& numbers);

}  // namespace tollgate
