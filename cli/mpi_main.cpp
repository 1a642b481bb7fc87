/// The program `tollgate-mpi`: `tollgate sweep` over the ranks of an MPI job.
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/command_line.hpp"
#include "cli/exit_status.hpp"
#include "cli/sweep_ranks.hpp"
#include "scenarios/diagnostics.hpp"
#include "tollgate/version.hpp"

namespace {

using namespace tollgate;

struct Job {
  Sweep sweep;
  SweepRunOptions options;
};

/// Reads the command line, and the sweep if it asks for one; returns the exit status.
int read(int argc, char** argv, std::optional<Job>& job) {
  CLI::App app{"tollgate-mpi: a sweep over MPI ranks, one thread each"};
  app.set_version_flag("--version", fmt::format("tollgate-mpi {} ({})", kVersion, kCommit));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  SweepOptions options;
  options.run.command_line = joined(argc, argv);
  add_sweep_command(app, options, [&] {
    SweepRunOptions checked_options = checked(options);
    if (options.is_dry_run || checked_options.threads > 1) {
      refuse("tollgate-mpi",
             "has no --dry-run, which `tollgate sweep` has, and one thread a rank: "
             "start as many ranks as there are cores");
    }
    job = Job{load_sweep(checked_options.file, options.overrides), checked_options};
  });
  return parsed(app, argc, argv, kSuccess);
}

/// Whether rank 0 has a job. It reads before the others, so that a mistake is told once, and not
/// by every rank.
bool has_job(const Ranks& ranks, bool is_known_here) {
  Ranks::Message word(is_known_here ? 1 : 0);
  ranks.broadcast(word);
  return !word.empty();
}

/// `is_waited_for` from when on an end of this rank would keep others waiting.
int run(const Ranks& ranks, int argc, char** argv, bool& is_waited_for) {
  std::optional<Job> job;
  int status = kSuccess;
  if (ranks.rank() == 0) {
    try {
      status = read(argc, argv, job);
    } catch (...) {
      has_job(ranks, false);
      throw;
    }
  }
  if (!has_job(ranks, job.has_value())) return status;
  is_waited_for = ranks.size() > 1;
  if (!job) status = read(argc, argv, job);
  return job ? run_sweep(job->sweep, job->options, ranks) : status;
}

}  // namespace

int main(int argc, char** argv) {
  const Ranks ranks(argc, argv);
  bool is_waited_for = false;
  const int status = guarded([&] { return run(ranks, argc, argv, is_waited_for); });
  const bool is_at_fault = status == kProgramFault || status == kBadInput;
  if (is_at_fault && is_waited_for) Ranks::abort(status);
  return status;
}
