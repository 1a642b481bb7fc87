#include "output/partial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "output/journal.hpp"
#include "output/saved_run.hpp"

namespace tollgate {

bool is_journal(const std::string& path) {
  return path.ends_with(journal_path("")) && std::filesystem::is_regular_file(path);
}

std::uint64_t recover(const std::string& journal_file, const std::string& path, bool overwrite) {
  if (!is_journal(journal_file)) {
    throw OutputError(
        fmt::format("'{}' is not what an unfinished run leaves behind; that is named <output>{}",
                    journal_file, journal_path("")));
  }
  TargetFile target(path, overwrite);
  Journal journal = Journal::look_at(journal_file);
  if (journal.is_empty()) {
    throw OutputError(fmt::format("'{}' has no finished replica", journal_file));
  }
  try {
    SavedRun run(journal, target);
    run.replay();
    const std::uint64_t there = run.settled();
    run.finish();
    target.publish();
    return there;
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", path, error.what()));
  }
}

std::string describe_journal(const std::string& path) {
  const Journal journal = Journal::look_at(path);
  if (journal.is_empty()) {
    return fmt::format("{}\n  a run that was cut short before it saved a replica\n", path);
  }
  const EnsembleFile file(hdf5::open_image(journal.read(0)));
  const RunIdentity identity = file.identity();
  ItemCounts counts;
  counts.planned = items_in(file.shape(), file.range());
  journal.for_each([&](std::uint64_t place, const Bytes& payload) {
    if (place == 0) return;
    const EncodedBatch encoded = parse(payload, file.shape());
    counts.complete +=
        static_cast<std::uint64_t>(std::ranges::count(encoded.status, ReplicaStatus::kComplete));
    counts.failed +=
        static_cast<std::uint64_t>(std::ranges::count(encoded.status, ReplicaStatus::kFailed));
  });
  std::string text = path + "\n";
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<13} {}\n", name, value);
  };
  line("what", fmt::format("unfinished {} of tollgate {}, file format {}",
                           file.is_sweep() ? "sweep" : "ensemble", identity.program_version,
                           identity.format));
  line("scenario", file.text("scenario_name") + ": " + file.text("title"));
  line("replicas", fmt::format("{} complete, {} failed, {} of {} still to be run", counts.complete,
                               counts.failed, counts.planned - counts.settled(), counts.planned));
  if (file.is_sweep()) {
    line("points", fmt::format("{} of {} replicas{}", identity.points, identity.replicas,
                               identity.shard.empty() ? "" : ", of which shard " + identity.shard));
  }
  line("seed", identity.seed);
  line("command", file.text("command_line"));
  line("created", fmt::format("{} on {}, commit {}", file.text("created"), file.text("host"),
                              identity.git_commit));
  text += fmt::format(
      "\nGo on with it by the same command and --resume. To read what is there now:\n"
      "  tollgate recover {} -o FILE\n",
      path);
  return text;
}

}  // namespace tollgate
