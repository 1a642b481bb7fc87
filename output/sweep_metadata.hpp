/// What a sweep's file says beyond an ensemble's: its points and their coordinates, and which part
/// of the whole a shard has.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate {

class Record;

/// Numbers of a whole replica that people compare, for summaries.
struct Outcomes {
  std::vector<std::string> names;
  std::vector<std::string> units;  ///< by outcome
  /// Those of a replica, one for each name, NaN where it has none. From any thread.
  std::function<std::vector<double>(const Record&)> values;
};

/// A coordinate of points: a number, or one of some labels.
struct Factor {
  std::string id;  ///< name of the variable
  std::string key;
  std::string unit;
  std::string long_name;
  std::vector<std::string> labels;  ///< empty: a number; else the coordinate is the label's index
};

/// Part `number` of `of`, from 0.
struct Shard {
  std::uint32_t number = 0;
  std::uint32_t of = 1;
  bool operator==(const Shard&) const = default;
};

/// Blocks begin .. end - 1.
struct BlockRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  [[nodiscard]] bool has(std::uint64_t block) const { return block >= begin && block < end; }
};

/// The shard's blocks: contiguous, as many as the others have or one more. It may have none.
constexpr BlockRange blocks_of(Shard shard, std::uint64_t blocks) {
  // floor(i B / N) without the product, which may not fit.
  const auto begin = [&](std::uint64_t i) {
    return blocks / shard.of * i + blocks % shard.of * i / shard.of;
  };
  return {begin(shard.number), begin(std::uint64_t{shard.number} + 1)};
}

struct SweepMetadata {
  std::uint64_t points = 1;
  std::vector<Factor> factors;
  /// Fills in the coordinates of a point, one for each factor. Called while the file is made.
  std::function<void(std::uint64_t point, std::span<double> coordinates)> fill;
  // To say how to run a shard again, from any folder.
  std::string sweep_file;     ///< absolute path, or the name of a shipped one
  std::string sweep_command;  ///< that makes it, for a shell, without --shard and -o
  std::string sweep_toml;     ///< resolved, whole: what makes two sweeps the same
  std::string design = "grid";
  bool common_noise = true;
  std::string keep = "all";    ///< or "quarterly", "summary": see kept_values.hpp
  Outcomes outcomes;           ///< that are summarised
  std::optional<Shard> shard;  ///< none: the whole sweep is written
};

inline bool keeps_summary(const SweepMetadata& sweep) { return sweep.keep == "summary"; }

/// Far more than any scheduler has tasks; each is a file.
inline constexpr std::uint32_t kMostShards = 1'000'000;

/// "folder/shard-00003-of-00100.h5"
std::string shard_path(const std::string& folder, Shard shard);
/// "3/100", and back; nothing when it is no such text, or of more than kMostShards.
std::string shard_text(Shard shard);
std::optional<Shard> parse_shard(const std::string& text);

}  // namespace tollgate
