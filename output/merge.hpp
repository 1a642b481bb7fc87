/// Makes one file of the shards of a sweep: a small one that maps them, or a copy.
///
/// Looks at every shard first: that it is there, whole, of the same run, and has all of its items.
/// The copy is, chunk by chunk, the file that a single process would have written; nothing is
/// decompressed. docs/file-format.md describes both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "output/item_counts.hpp"

namespace tollgate {

struct MergeRequest {
  std::vector<std::string> inputs;  ///< a folder with the shards, or their files
  std::string target;
  bool is_copying = false;  ///< else the target maps the shards, which have to stay where they are
  bool overwrite = false;
  bool is_partial_allowed = false;  ///< takes what is there
  bool is_verifying = false;        ///< reads every chunk before mapping it; copying always does
};

enum class ShardFault : std::uint8_t {
  kMissing,   ///< no file and no journal
  kPartial,   ///< cut short, or under way
  kDamaged,   ///< cannot be read, or not all of it
  kDifferent  ///< of another run than most
};

struct FaultyShard {
  std::uint32_t number = 0;
  ShardFault fault = ShardFault::kMissing;
  std::string file;
  std::string why;
  bool is_running = false;
};

struct MergeReport {
  std::uint32_t of = 0;      ///< shards of the whole
  std::uint32_t merged = 0;  ///< that are in the target, whole or in part
  ItemCounts counts;
  std::vector<FaultyShard> faulty;  ///< ascending
  std::string rerun;  ///< the commands that run what is missing, a line each; empty: nothing is

  [[nodiscard]] std::uint32_t faulty_shards() const;
  /// Some lines of 80 columns.
  [[nodiscard]] std::string text() const;
};

/// Throws OutputError when the target cannot be written, or when a shard is faulty and that is not
/// allowed; the message has the report.
MergeReport merge_shards(const MergeRequest& request);

}  // namespace tollgate
