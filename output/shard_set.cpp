#include "output/shard_set.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "output/journal.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;

/// Of "shard-00003-of-00100.h5", or nothing.
std::optional<Shard> shard_of_name(const std::string& name) {
  constexpr std::string_view kBegin = "shard-";
  constexpr std::string_view kMiddle = "-of-";
  constexpr std::string_view kEnd = ".h5";
  const std::size_t middle = name.find(kMiddle);
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd) || middle == std::string::npos) {
    return std::nullopt;
  }
  const auto number = [](std::string_view digits) -> std::optional<std::uint32_t> {
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::string_view view = name;
  const std::size_t after = middle + kMiddle.size();
  const auto i = number(view.substr(kBegin.size(), middle - kBegin.size()));
  const auto of = number(view.substr(after, view.size() - kEnd.size() - after));
  if (!i || !of || *i >= *of || *of > kMostShards) return std::nullopt;
  return Shard{*i, *of};
}

/// What a file says that it is; nothing when it cannot be read.
std::optional<Shard> shard_of_content(const std::string& path) {
  try {
    return EnsembleFile(path, EnsembleFile::Access::kRead).shard();
  } catch (const Hdf5Error&) {
    return std::nullopt;
  } catch (const OutputError&) {
    return std::nullopt;
  }
}

void add(ShardSet& set, Shard shard, const std::string& path, bool is_journal) {
  if (set.of == 0) set.of = shard.of;
  if (shard.of != set.of) {
    throw OutputError(fmt::format(
        "there are shards of {} and of {}: '{}'; put the runs into folders of their own", set.of,
        shard.of, path));
  }
  ShardPlace& place = set.places[shard.number];
  std::string& name = is_journal ? place.journal : place.file;
  if (!name.empty()) {
    throw OutputError(
        fmt::format("'{}' and '{}' are both shard {}", name, path, shard_text(shard)));
  }
  name = path;
}

void add_folder(ShardSet& set, const std::string& folder) {
  set.folder = folder;
  std::error_code error;
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename().string());
  }
  if (error) {
    throw OutputError(fmt::format("the folder '{}' cannot be read: {}", folder, error.message()));
  }
  std::ranges::sort(names);
  const std::string journal_end = journal_path("");
  for (const std::string& name : names) {
    const bool is_journal = name.ends_with(journal_end);
    const auto shard =
        shard_of_name(is_journal ? name.substr(0, name.size() - journal_end.size()) : name);
    if (shard) add(set, *shard, (fs::path(folder) / name).string(), is_journal);
  }
}

void add_file(ShardSet& set, const std::string& path) {
  if (!fs::exists(path)) throw OutputError(fmt::format("there is no file '{}'", path));
  auto shard = shard_of_content(path);
  if (!shard) shard = shard_of_name(fs::path(path).filename().string());  // a damaged one
  if (!shard) {
    throw OutputError(fmt::format("'{}' is no shard of a sweep", path));
  }
  if (set.folder.empty()) set.folder = fs::path(path).parent_path().string();
  add(set, *shard, path, false);
}

}  // namespace

SweepOrigin origin_of(const EnsembleFile& file) {
  return {file.text("sweep_file"), file.text("sweep_command")};
}

ShardSet find_shards(const std::vector<std::string>& inputs) {
  hdf5::silence();
  ShardSet set;
  for (const std::string& input : inputs) {
    if (fs::is_directory(input)) {
      add_folder(set, input);
    } else {
      add_file(set, input);
    }
  }
  if (set.places.empty()) {
    throw OutputError(fmt::format("there are no shards in '{}': files as shard-00003-of-00100.h5",
                                  inputs.empty() ? "" : inputs.front()));
  }
  return set;
}

JournalSummary summarise_journal(const std::string& path) {
  hdf5::silence();
  const Journal journal = Journal::glance_at(path);
  JournalSummary summary;
  summary.is_running = journal.is_locked();
  if (journal.is_empty()) return summary;
  const EnsembleFile file(hdf5::open_image(journal.read(0)));
  summary.shape = file.shape();
  summary.origin = origin_of(file);
  summary.counts.planned = items_in(file.shape(), file.range());
  // Without a frame for so long it was not run: the rate is that since it was gone on with.
  constexpr std::int64_t kPause = 3600;
  std::int64_t since = 0;
  std::uint64_t items_since = 0;
  bool is_image = true;
  const std::size_t head = sizeof(std::uint64_t) + file.shape().rows();
  journal.for_each_start(head, [&](std::int64_t when, const Bytes& start) {
    if (std::exchange(is_image, false)) {
      summary.first = summary.last = since = when;
      return;
    }
    const auto count = [&](ReplicaStatus status) {
      return static_cast<std::uint64_t>(std::count(start.begin() + sizeof(std::uint64_t),
                                                   start.end(), static_cast<std::byte>(status)));
    };
    const std::uint64_t complete = count(ReplicaStatus::kComplete);
    const std::uint64_t failed = count(ReplicaStatus::kFailed);
    summary.counts.complete += complete;
    summary.counts.failed += failed;
    if (when - summary.last > kPause) {
      since = when;
      items_since = 0;
    } else {
      items_since += complete + failed;
    }
    summary.last = when;
  });
  if (summary.last > since) {
    summary.items_per_second =
        static_cast<double>(items_since) / static_cast<double>(summary.last - since);
  }
  return summary;
}

std::string ranges_text(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += text.empty() ? "" : ",";
    text +=
        last == i ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace tollgate
