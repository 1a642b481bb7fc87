#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <csignal>
#include <exception>

#include "cli/exit_status.hpp"
#include "output/target_file.hpp"
#include "scenarios/diagnostics.hpp"

namespace tollgate {

CLI::Validator count_up_to(std::uint32_t most, const std::string& hint) {
  return {[most, hint](const std::string& text) {
            std::uint32_t number = 0;
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, number);
            const bool is_whole = error == std::errc{} && stop == end;
            if (is_whole && number >= 1 && number <= most) return std::string{};
            return fmt::format("'{}' is not allowed; allowed is a whole number from 1 to {}{}",
                               text, most, hint);
          },
          fmt::format("1 to {}", most)};
}

std::string joined(int argc, char** argv) {
  std::string text = "tollgate";
  for (int i = 1; i < argc; ++i) text += std::string(" ") + argv[i];
  return text;
}

void add_sweep_command(CLI::App& app, SweepOptions& options, const std::function<void()>& run) {
  CLI::App* command =
      app.add_subcommand("sweep", "Run scenarios at many points of some of their keys");
  command->add_option("sweep", options.run.file, "Name of a shipped sweep, or path of a file")
      ->required();
  command
      ->add_option("--set", options.overrides.sets,
                   "Override a key at all points, e.g. --set run.until=2027-01-01 (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--replicas", options.overrides.replicas, "Number of replicas of each point")
      ->check(count_up_to(kMostReplicas, ""));
  command->add_option("--seed", options.overrides.seed, "Seed of all randomness");
  CLI::Option* dry_run = command->add_flag(
      "--dry-run", options.is_dry_run,
      "Say what would be run, and what it would take by a short probe; run nothing else");
  command->add_option("--points", options.points, "Write all points to this CSV file")
      ->type_name("FILE")
      ->needs(dry_run);
  command
      ->add_option("-o,--output", options.run.output,
                   "File to write, default: <sweep>.h5; of a shard the folder, default: <sweep>")
      ->type_name("FILE|FOLDER");
  command
      ->add_option("--shard", options.shard,
                   "Run one of N parts, counted from 0; `tollgate merge` joins them")
      ->type_name("I/N");
  command->add_option("--threads", options.run.threads, "Threads; default: all cores")
      ->check(count_up_to(kMostThreads, "; without the option, all cores are used"));
  command
      ->add_option("--time-limit", options.run.time_limit,
                   "Begin no replica that would end later than this after the start, e.g. 10m; the "
                   "finished ones are kept (status 130)")
      ->type_name("90s|10m|1.5h");
  CLI::Option* overwrite =
      command->add_flag("--overwrite", options.run.is_overwriting, "Replace the file if it exists");
  command
      ->add_flag("--resume", options.run.is_resuming,
                 "Go on with the finished replicas of the same sweep; begin when there are none")
      ->excludes(overwrite);
  command->add_flag("-q,--quiet", options.run.is_quiet, "No progress, no summary");
  command->add_flag("--json", options.run.is_json, "Print the summary as JSON");
  command->callback(run);
}

int parsed(CLI::App& app, int argc, char** argv, const int& status) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kBadInput;
  }
  return status;
}

int guarded(const std::function<int()>& program) {
  // A file that grows past `ulimit -f` is then an error of writing, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  spdlog::set_default_logger(spdlog::stderr_color_mt("tollgate"));
  spdlog::set_pattern("tollgate: %^%l%$: %v");
  try {
    return program();
  } catch (const ScenarioError& error) {
    fmt::print(stderr, "{}", error.what());
    return kBadInput;
  } catch (const OutputError& error) {
    spdlog::error("{}", error.what());
    return kBadInput;
  } catch (const std::exception& error) {
    spdlog::critical("{}", error.what());
    return kProgramFault;
  }
}

}  // namespace tollgate
