/// `tollgate-mpi sweep`: the same sweep over the ranks of an MPI job.
///
/// Rank 0 hands out blocks of items to whoever is free, writes what comes back, and simulates, too.
/// The others send their blocks as the journal and the file keep them, so that rank 0 has neither
/// to compress nor to copy. There is one file and one journal, as of a process alone: what was
/// saved survives the death of any rank, and any number of ranks, or none, goes on with it.
/// docs/decisions/0008-ranks-send-blocks.md compares it with parallel HDF5 and a shard for each.
#pragma once

#include "cli/ranks.hpp"
#include "cli/sweep_run.hpp"

namespace tollgate {

/// Called on every rank with the same options; all but rank 0 return success when there is nothing
/// left to do. Returns the exit status. Throws ScenarioError, OutputError.
int run_sweep(const Sweep& sweep, const SweepRunOptions& options, const Ranks& ranks);

}  // namespace tollgate
