/// How far the shards of a sweep are: from published files and from the journals of those that are
/// being written, without disturbing them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output/item_counts.hpp"

namespace tollgate {

enum class ShardState : std::uint8_t {
  kComplete,    ///< published, with all of its items
  kRunning,     ///< a process holds its journal
  kStopped,     ///< cut short, or published without all of its items: --resume goes on
  kMissing,     ///< nothing of it is there
  kUnreadable,  ///< its file cannot be read
};

struct ShardStatus {
  std::uint32_t number = 0;
  ShardState state = ShardState::kMissing;
  ItemCounts counts;
  double items_per_second = 0;  ///< of one that runs; 0: not known yet
  std::int64_t last = 0;        ///< when its journal got items last, seconds since 1970
};

struct SweepStatus {
  std::string folder;
  std::uint32_t of = 0;
  std::vector<ShardStatus> shards;  ///< all, by number
  ItemCounts counts;                ///< of all; nothing planned while no shard says how many
  double items_per_second = 0;
  std::optional<double> seconds_left;  ///< when as many go on running

  [[nodiscard]] std::uint32_t count(ShardState state) const;
  [[nodiscard]] bool is_size_known() const { return counts.planned > 0; }
};

/// Of the shards in a folder, or of the files. Throws OutputError as `find_shards` does.
SweepStatus sweep_status(const std::vector<std::string>& inputs);

/// 20 lines of 80 columns at most. `now` in seconds since 1970.
std::string status_text(const SweepStatus& status, std::int64_t now);
/// An object with the totals and an array of the shards.
std::string status_json(const SweepStatus& status);

}  // namespace tollgate
