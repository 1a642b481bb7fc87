#include "output/sweep_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output/shard_set.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

constexpr std::pair<ShardState, const char*> kWords[] = {{ShardState::kComplete, "complete"},
                                                         {ShardState::kRunning, "running"},
                                                         {ShardState::kStopped, "stopped"},
                                                         {ShardState::kMissing, "missing"},
                                                         {ShardState::kUnreadable, "unreadable"}};

const char* word_of(ShardState state) {
  return std::ranges::find(kWords, state, &std::pair<ShardState, const char*>::first)->second;
}

void read_file(ShardStatus& status, const std::string& path, std::optional<BatchShape>& shape) {
  try {
    const EnsembleFile file(path, EnsembleFile::Access::kRead);
    status.counts = file.counts();
    status.state = status.counts.settled() == status.counts.planned ? ShardState::kComplete
                                                                    : ShardState::kStopped;
    if (!shape) shape = file.shape();
  } catch (const std::runtime_error&) {
    status.state = ShardState::kUnreadable;
  }
}

void read_journal(ShardStatus& status, const std::string& path, std::optional<BatchShape>& shape) {
  try {
    const JournalSummary journal = summarise_journal(path);
    status.state = journal.is_running ? ShardState::kRunning : ShardState::kStopped;
    // Taking over what a published file has, it has less than that at first.
    if (journal.counts.settled() >= status.counts.settled()) status.counts = journal.counts;
    status.items_per_second = journal.is_running ? journal.items_per_second : 0;
    status.last = journal.last;
    if (!shape) shape = journal.shape;
  } catch (const std::runtime_error&) {
    // It has just been published, or begun.
  }
}

std::string duration_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

double percent(const ItemCounts& counts) {
  return counts.planned == 0
             ? 100.0
             : 100.0 * static_cast<double>(counts.settled()) / static_cast<double>(counts.planned);
}

double left_of(const ItemCounts& counts, double per_second) {
  return static_cast<double>(counts.planned - counts.settled()) / per_second;
}

std::string line_of(const ShardStatus& shard, bool is_size_known, std::int64_t now) {
  constexpr std::int64_t kSilence = 600;
  std::string line = fmt::format("    {:>5}  ", shard.number);
  line += is_size_known ? fmt::format("{} of {} items, {:.1f} %", shard.counts.settled(),
                                      shard.counts.planned, percent(shard.counts))
                        : "nothing saved yet";
  if (shard.items_per_second > 0) {
    line += fmt::format(", {} left", duration_text(left_of(shard.counts, shard.items_per_second)));
  }
  if (shard.last > 0 && now - shard.last > kSilence) {
    line += fmt::format(", nothing for {}", duration_text(static_cast<double>(now - shard.last)));
  }
  return line + "\n";
}

}  // namespace

std::uint32_t SweepStatus::count(ShardState state) const {
  return static_cast<std::uint32_t>(std::ranges::count(shards, state, &ShardStatus::state));
}

SweepStatus sweep_status(const std::vector<std::string>& inputs) {
  const ShardSet set = find_shards(inputs);
  SweepStatus status;
  status.folder = set.folder;
  status.of = set.of;
  std::optional<BatchShape> shape;  // of the whole
  for (std::uint32_t number = 0; number < set.of; ++number) {
    ShardStatus shard;
    shard.number = number;
    if (const auto place = set.places.find(number); place != set.places.end()) {
      if (!place->second.file.empty()) read_file(shard, place->second.file, shape);
      if (!place->second.journal.empty() && shard.state != ShardState::kComplete) {
        read_journal(shard, place->second.journal, shape);
      }
    }
    status.shards.push_back(shard);
  }
  for (ShardStatus& shard : status.shards) {
    if (shape) {
      shard.counts.planned = items_in(*shape, blocks_of({shard.number, set.of}, shape->blocks()));
    }
    status.counts.complete += shard.counts.complete;
    status.counts.failed += shard.counts.failed;
    status.counts.planned += shard.counts.planned;
    status.items_per_second += shard.items_per_second;
  }
  if (status.items_per_second > 0) {
    status.seconds_left = left_of(status.counts, status.items_per_second);
  }
  return status;
}

std::string status_text(const SweepStatus& status, std::int64_t now) {
  constexpr std::size_t kLines = 4;   // of shards in one state
  constexpr std::size_t kWidth = 62;  // of their numbers
  std::string text;
  for (const auto& [state, word] : kWords) {
    const std::uint32_t count = status.count(state);
    if (count == 0 && state != ShardState::kComplete) continue;
    text += state == ShardState::kComplete ? fmt::format("{} shards: {} {}", status.of, count, word)
                                           : fmt::format(", {} {}", count, word);
  }
  text += status.is_size_known()
              ? fmt::format("\n  items       {} of {}, {:.1f} %", status.counts.settled(),
                            status.counts.planned, percent(status.counts))
              : "\n  items       not known: no shard says how many there are";
  if (status.counts.failed > 0) text += fmt::format("; {} failed", status.counts.failed);
  text += "\n";
  if (status.seconds_left) {
    text += fmt::format("  rate        {:.3g} items/s; at this rate {} left\n",
                        status.items_per_second, duration_text(*status.seconds_left));
  }
  for (const auto& [state, word] : kWords) {
    std::vector<std::uint32_t> numbers;
    std::vector<const ShardStatus*> these;
    for (const ShardStatus& shard : status.shards) {
      if (shard.state != state) continue;
      numbers.push_back(shard.number);
      these.push_back(&shard);
    }
    if (these.empty()) continue;
    std::string ranges = ranges_text(numbers);
    if (ranges.size() > kWidth) ranges = ranges.substr(0, ranges.rfind(',', kWidth - 4)) + ",...";
    text += fmt::format("  {:<11} {}\n", word, ranges);
    if (state != ShardState::kRunning && state != ShardState::kStopped) continue;
    // Those that have furthest to go: what everybody waits for.
    std::ranges::stable_sort(these, {},
                             [](const ShardStatus* shard) { return percent(shard->counts); });
    for (std::size_t i = 0; i < std::min(kLines, these.size()); ++i) {
      text += line_of(*these[i], status.is_size_known(), now);
    }
    if (these.size() > kLines)
      text += fmt::format("      ... and {} more\n", these.size() - kLines);
  }
  return text;
}

std::string status_json(const SweepStatus& status) {
  const auto items = [&](const ItemCounts& counts) {
    nlohmann::ordered_json json{
        {"complete", counts.complete}, {"failed", counts.failed}, {"planned", nullptr}};
    if (status.is_size_known()) json["planned"] = counts.planned;
    return json;
  };
  nlohmann::ordered_json json;
  json["folder"] = status.folder;
  json["of"] = status.of;
  json["items"] = items(status.counts);
  json["items_per_second"] = status.items_per_second;
  json["seconds_left"] = nullptr;
  if (status.seconds_left) json["seconds_left"] = *status.seconds_left;
  json["shards"] = nlohmann::ordered_json::array();
  for (const ShardStatus& shard : status.shards) {
    nlohmann::ordered_json one;
    one["shard"] = shard.number;
    one["state"] = word_of(shard.state);
    one["items"] = items(shard.counts);
    one["items_per_second"] = shard.items_per_second;
    one["last_saved"] = nullptr;
    if (shard.last > 0) one["last_saved"] = shard.last;
    json["shards"].push_back(std::move(one));
  }
  return json.dump(2);
}

}  // namespace tollgate
