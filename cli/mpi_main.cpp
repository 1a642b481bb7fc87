/// The program `tollgate-mpi`: `tollgate sweep` over the ranks of an MPI job.
#include <fmt/format.h>

#include <string>

#include "cli/command_line.hpp"
#include "cli/exit_status.hpp"
#include "cli/sweep_ranks.hpp"
#include "scenarios/diagnostics.hpp"
#include "tollgate/version.hpp"

namespace {

using namespace tollgate;

int run(const Ranks& ranks, int argc, char** argv) {
  CLI::App app{"tollgate-mpi: a sweep over MPI ranks, one thread each"};
  app.set_version_flag("--version", fmt::format("tollgate-mpi {} ({})", kVersion, kCommit));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  int status = kSuccess;
  SweepOptions options;
  options.run.command_line = joined(argc, argv);
  add_sweep_command(app, options, [&] {
    const SweepRunOptions checked_options = checked(options);
    if (options.is_dry_run || checked_options.threads > 1) {
      refuse("tollgate-mpi",
             "has no --dry-run, which `tollgate sweep` has, and one thread a rank: "
             "start as many ranks as there are cores");
    }
    status = run_sweep(load_sweep(checked_options.file, options.overrides), checked_options, ranks);
  });
  return parsed(app, argc, argv, status);
}

}  // namespace

int main(int argc, char** argv) {
  const Ranks ranks(argc, argv);
  const int status = guarded([&] { return run(ranks, argc, argv); });
  // The others may be waiting for this one.
  const bool is_alone_at_fault = status == kProgramFault || status == kBadInput;
  if (is_alone_at_fault && ranks.size() > 1) Ranks::abort(status);
  return status;
}
