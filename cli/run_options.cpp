#include "cli/run_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/kernel/shell_word.hpp"
#include "tollgate/version.hpp"

namespace tollgate {

std::vector<std::string> overrides_of(const RunOptions& options) {
  std::vector<std::string> sets = options.sets;
  if (options.until) sets.push_back("run.until=" + *options.until);
  if (options.replicas) sets.push_back(fmt::format("run.replicas={}", *options.replicas));
  if (options.seed) sets.push_back(fmt::format("run.seed={}", *options.seed));
  return sets;
}

HeadlineSubject subject_of(const WorldSpec& world) {
  HeadlineSubject subject;
  subject.focus_region = world.regions[world.focus_region.index()].id;
  subject.reference_region = world.regions[world.reference_region.index()].id;
  for (const ChipSpec& chip : world.chips) {
    subject.is_domestic_chip.push_back(world.vendors[chip.vendor.index()].headquarters ==
                                       world.focus_region);
  }
  return subject;
}

EnsembleMetadata metadata_of(const Scenario& scenario, const RunOptions& options) {
  const HeadlineSubject subject = subject_of(scenario.world);
  EnsembleMetadata metadata{std::string{kVersion}, std::string{kCommit},     options.command_line,
                            scenario.name,         scenario.title,           scenario.resolved_toml,
                            subject.focus_region,  subject.reference_region, scenario.world.seed};
  metadata.sampling = kSamplingDesignNames[static_cast<std::size_t>(scenario.world.sampling)];
  metadata.frozen = options.frozen;
  return metadata;
}

std::vector<ParameterLabel> parameters_of(const Scenario& scenario) {
  std::vector<ParameterLabel> parameters;
  for (const UncertainParameter& parameter : scenario.uncertain) {
    parameters.push_back({parameter.key, parameter.unit, parameter.source});
  }
  return parameters;
}

Frozen frozen_of(const RunOptions& options) {
  const auto found = std::ranges::find(kFrozenNames, options.frozen);
  return static_cast<Frozen>(found - kFrozenNames.begin());
}

std::string rerun_command(const RunOptions& options, const ReplicaFailure& failure) {
  std::string command = "tollgate run " + shell_word(options.scenario);
  for (const std::string& set : options.sets) command += " --set " + shell_word(set);
  if (options.until) command += " --until " + shell_word(*options.until);
  if (options.replicas) command += fmt::format(" --replicas {}", *options.replicas);
  if (options.frozen != "nothing") command += " --freeze " + options.frozen;
  return command + fmt::format(" --seed {} --replica {}", failure.seed, failure.replica);
}

}  // namespace tollgate
