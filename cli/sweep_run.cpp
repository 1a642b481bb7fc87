#include "cli/sweep_run.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/run_limits.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "engine/kernel/shell_word.hpp"
#include "output/headline.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "scenarios/library.hpp"
#include "scenarios/sweep_worker.hpp"
#include "tollgate/version.hpp"

namespace tollgate {
namespace {

/// Items that are planned at a time: the memory of a plan does not grow with the sweep, and threads
/// wait for each other only at its end.
constexpr std::size_t kSegment = 1U << 16U;

/// Runs items by their place in a segment. A segment makes its own: what a worker keeps belongs to
/// the thread that made it, and each segment has new threads.
class SegmentWorker : public ReplicaWorker {
 public:
  SegmentWorker(const Sweep& sweep, const std::vector<std::uint64_t>& items)
      : items_(items), worker_(sweep) {}

  const Record& run(std::uint32_t place) override { return worker_.run(items_[place]); }

 private:
  const std::vector<std::uint64_t>& items_;
  SweepWorker worker_;
};

std::string item_text(const Sweep& sweep, std::uint64_t item) {
  return fmt::format("point {}, replica {}", item / sweep.replicas, item % sweep.replicas);
}

}  // namespace

std::string output_of(const Sweep& sweep, const SweepRunOptions& options) {
  if (!options.shard) return options.output.empty() ? sweep.name + ".h5" : options.output;
  return shard_path(options.output.empty() ? sweep.name : options.output, *options.shard);
}

EnsembleMetadata metadata_of(const Sweep& sweep, const SweepRunOptions& options) {
  const WorldSpec& world = sweep.variants.front().scenario.world;
  EnsembleMetadata metadata;
  metadata.program_version = kVersion;
  metadata.git_commit = kCommit;
  metadata.command_line = options.command_line;
  metadata.scenario_name = sweep.name;
  metadata.scenario_title = sweep.title;
  metadata.scenario_toml = sweep.variants.front().scenario.resolved_toml;
  metadata.focus_region = world.regions[world.focus_region.index()].id;
  metadata.reference_region = world.regions[world.reference_region.index()].id;
  metadata.seed = sweep.seed;
  metadata.sampling = kSamplingDesignNames[static_cast<std::size_t>(world.sampling)];
  return metadata;
}

SweepMetadata sweep_metadata_of(const Sweep& sweep, const SweepRunOptions& options) {
  SweepMetadata metadata;
  metadata.points = sweep.points();
  for (const SweepFactor& factor : sweep.factors) {
    metadata.factors.push_back(
        {factor.id, factor.key, factor.unit, factor.sentence, factor.labels});
  }
  metadata.fill = [&sweep](std::uint64_t point, std::span<double> coordinates) {
    sweep.fill(point, coordinates);
  };
  metadata.sweep_file = lasting_name_of_sweep(options.file);
  metadata.sweep_command = options.command;
  metadata.sweep_toml = sweep.resolved;
  metadata.design = kDesignNames[static_cast<std::size_t>(sweep.design.kind)];
  metadata.common_noise = sweep.common_noise;
  metadata.keep = kKeepNames[static_cast<std::size_t>(sweep.keep)];
  metadata.shard = options.shard;
  if (keeps_summary(metadata)) metadata.outcomes = outcomes_of(sweep);
  return metadata;
}

Outcomes outcomes_of(const Sweep& sweep) {
  const WorldSpec& first = sweep.variants.front().scenario.world;
  HeadlineSubject subject;
  subject.focus_region = first.regions[first.focus_region.index()].id;
  subject.reference_region = first.regions[first.reference_region.index()].id;
  const RecordLayout& layout = sweep.layout();
  for (const std::string& label : layout.axes()[layout.axis("chip")].labels) {
    const auto is_domestic = [&](const SweepVariant& variant) {
      const WorldSpec& world = variant.scenario.world;
      const auto chip = std::ranges::find(world.chips, label, &ChipSpec::id);
      return chip != world.chips.end() &&
             world.vendors[chip->vendor.index()].headquarters == world.focus_region;
    };
    subject.is_domestic_chip.push_back(std::ranges::any_of(sweep.variants, is_domestic));
  }
  const auto headline = std::make_shared<const Headline>(layout, std::move(subject));
  return {headline->names(), headline->units(),
          [headline](const Record& record) { return headline->scalars(record); }};
}

std::vector<ParameterLabel> parameters_of(const Sweep& sweep) {
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : sweep.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }
  return parameters;
}

std::string rerun_command(const Sweep& sweep, std::uint64_t item) {
  const std::uint64_t point = item / sweep.replicas;
  std::vector<double> coordinates(sweep.factors.size());
  sweep.fill(point, coordinates);
  std::string command = sweep.variants[sweep.variant_of(coordinates)].command;
  for (std::size_t f = 0; f < sweep.factors.size(); ++f) {
    const SweepFactor& factor = sweep.factors[f];
    if (factor.key.empty()) continue;  // the scenario itself
    command += " --set " + shell_word(factor.key + "=" + factor.shown(coordinates[f]));
  }
  return command + fmt::format(" --seed {} --replicas {} --replica {}",
                               SweepWorker::seed_of(sweep, point), sweep.replicas,
                               item % sweep.replicas);
}

int report(const Sweep& sweep, const SweepRunOptions& options, const SweepOutcome& outcome) {
  const std::string path = output_of(sweep, options);
  const std::uint64_t there = outcome.resumed + outcome.done;
  const std::uint64_t failed = outcome.failed_before + outcome.failed;
  if (options.is_json) {
    nlohmann::ordered_json json;
    json["sweep"] = sweep.name;
    json["title"] = sweep.title;
    json["seed"] = sweep.seed;
    json["points"] = sweep.points();
    json["replicas"] = sweep.replicas;
    json["items"] = there;
    json["failed"] = failed;
    json["resumed"] = outcome.resumed;
    json["interrupted"] = outcome.was_interrupted;
    json["output"] = path;
    json["events"] = outcome.events;
    json["seconds"] = outcome.seconds;
    fmt::print("{}\n", json.dump(2));
  } else if (!options.is_quiet) {
    fmt::print(
        "{}\n{} points x {} replicas{}, seed {}\n{} replicas run, {} of them failed, {} "
        "there before{}\n{} events in {:.2f} s. Written to {}\n",
        sweep.title.empty() ? sweep.name : sweep.title, sweep.points(), sweep.replicas,
        options.shard ? ", shard " + shard_text(*options.shard) : "", sweep.seed, outcome.done,
        outcome.failed, outcome.resumed,
        outcome.failed_before > 0 ? fmt::format(", {} of them failed", outcome.failed_before) : "",
        outcome.events, outcome.seconds, path);
  }
  if (outcome.was_interrupted) {
    spdlog::warn("{}: {} replicas are in {}; --resume goes on",
                 outcome.is_out_of_time ? "time limit" : "interrupted", there, path);
    return kInterrupted;
  }
  return failed == 0 ? kSuccess : kReplicasFailed;
}

int run_sweep(const Sweep& sweep, const SweepRunOptions& options) {
  RunPlan plan;
  plan.seed = sweep.seed;
  plan.threads = options.threads;
  if (options.time_limit) plan.deadline = options.begin + parse_time_limit(*options.time_limit);
  const StopOnSignal stopper;  // before there is a file that tells that the run has begun
  EnsembleWriter writer(output_of(sweep, options), sweep.layout(), sweep.replicas,
                        metadata_of(sweep, options), parameters_of(sweep),
                        sweep_metadata_of(sweep, options), options.is_overwriting,
                        {.is_resuming = options.is_resuming});
  SweepOutcome outcome;
  outcome.resumed = writer.saved();
  outcome.failed_before = writer.failed_at_start();
  Progress progress(writer.missing_items(), options.is_quiet);
  std::vector<std::uint64_t> items;
  std::atomic<std::uint64_t> events{0};
  // Reported is what no kill can take away any more.
  std::mutex reporting;
  std::uint64_t reported = writer.saved();
  const auto report_saved = [&] {
    const std::lock_guard lock(reporting);
    const std::uint64_t saved = writer.saved();
    progress.advance(saved - reported);
    reported = saved;
  };
  for (std::uint64_t block = writer.blocks().begin;
       block < writer.blocks().end && !outcome.was_interrupted;) {
    block = writer.missing_from(block, kSegment, items);
    plan.replicas = first_replicas(static_cast<std::uint32_t>(items.size()));
    const RunOutcome segment = run_replicas(
        plan, [&] { return std::make_unique<SegmentWorker>(sweep, items); },
        [&](std::uint32_t place, const Record& record) {
          writer.add(items[place], record);
          events += record.events;
          report_saved();
        },
        [&](const ReplicaFailure& failure) {
          const std::uint64_t item = items[failure.replica];
          writer.fail(item, failure.message);
          progress.finish();
          spdlog::error("{} failed: {}; to see it again: {}", item_text(sweep, item),
                        failure.message, rerun_command(sweep, item));
          report_saved();
        },
        stopper.requested());
    outcome.done += segment.started;
    outcome.failed += segment.failures.size();
    outcome.was_interrupted = segment.was_interrupted();
    outcome.is_out_of_time = segment.end == RunEnd::kTimeLimit;
  }
  progress.finish();
  writer.finish();
  outcome.events = events;
  outcome.seconds = std::chrono::duration<double>(RunClock::now() - options.begin).count();
  return report(sweep, options, outcome);
}

}  // namespace tollgate
