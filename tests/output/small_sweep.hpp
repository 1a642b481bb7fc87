/// A small sweep whose every number is known.
#pragma once

#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "tests/output/small_ensemble.hpp"

namespace tollgate::tests {

/// An outcome that every replica has, and one that every third has not.
inline std::vector<double> outcomes_of_record(const Record& record) {
  const std::int64_t* revenue = record.integers(SeriesId{0});
  const double total = static_cast<double>(std::accumulate(revenue, revenue + 24, std::int64_t{0}));
  const bool is_missing = record.events % 3 == 0;
  return {total, is_missing ? std::nan("") : 3 - 1e-3 * total};
}

/// Points and replicas of a sweep, and which part of it.
struct SmallSweep {
  std::uint64_t points = 7;
  std::uint32_t replicas = 100;
  std::optional<Shard> shard = std::nullopt;
  std::string keep = "all";
  std::uint64_t seed = 7;
  std::string toml = "[sweep]\nbase = \"x\"\n";
  std::string overrides = {};  ///< of the command that makes it

  [[nodiscard]] SweepMetadata about() const {
    SweepMetadata sweep;
    sweep.points = points;
    sweep.factors = {{"rate", "policy.levy.rate", "1", "Rate of the levy", {}},
                     {"policy", "base", "", "Scenario", {"ban", "levy", "open"}}};
    sweep.fill = [](std::uint64_t point, std::span<double> coordinates) {
      coordinates[0] = 0.01 * static_cast<double>(point);
      coordinates[1] = static_cast<double>(point % 3);
    };
    sweep.sweep_file = "/sweeps/rates.toml";
    sweep.sweep_command = "tollgate sweep /sweeps/rates.toml" + overrides;
    sweep.sweep_toml = toml;
    sweep.keep = keep;
    sweep.outcomes = {{"total", "sometimes"}, {"cents", "1"}, outcomes_of_record};
    sweep.shard = shard;
    return sweep;
  }
  [[nodiscard]] EnsembleMetadata ensemble() const {
    EnsembleMetadata about = metadata();
    about.seed = seed;
    return about;
  }
};

inline Record record_of_item(const RecordLayout& layout, std::uint64_t item) {
  return record_of(layout, static_cast<std::uint32_t>(item));
}

constexpr std::uint64_t kFailingItem = 123;

/// Adds what is missing, in steps of 300 items, but for the items from `end` on.
inline void add_missing(EnsembleWriter& writer, const RecordLayout& layout,
                        std::uint64_t end = std::numeric_limits<std::uint64_t>::max()) {
  std::vector<std::uint64_t> items;
  for (std::uint64_t block = writer.blocks().begin; block != writer.blocks().end;) {
    block = writer.missing_from(block, 300, items);
    for (const std::uint64_t item : items) {
      if (item >= end) continue;
      if (item == kFailingItem) {
        writer.fail(item, "broke");
      } else {
        writer.add(item, record_of_item(layout, item));
      }
    }
  }
}

inline void write_sweep(const std::string& path, const SmallSweep& sweep,
                        bool is_resuming = false) {
  const RecordLayout layout = small_layout();
  EnsembleWriter writer(path, layout, sweep.replicas, sweep.ensemble(), kParameters, sweep.about(),
                        false, {.is_resuming = is_resuming});
  add_missing(writer, layout);
  writer.finish();
}

/// Writes shards 0 .. of-1 to `folder`.
inline void write_shards(const std::string& folder, SmallSweep sweep, std::uint32_t of,
                         const std::set<std::uint32_t>& but = {}) {
  for (std::uint32_t i = 0; i < of; ++i) {
    if (but.contains(i)) continue;
    sweep.shard = Shard{i, of};
    write_sweep(shard_path(folder, *sweep.shard), sweep);
  }
}

}  // namespace tollgate::tests
