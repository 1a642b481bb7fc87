/// Exit statuses of the program; README.md lists them for users.
#pragma once

namespace tollgate {

enum ExitStatus : int {
  kSuccess = 0,
  kProgramFault = 1,    ///< our fault: an invariant does not hold
  kBadInput = 2,        ///< scenario, arguments, or output path
  kReplicasFailed = 3,  ///< the file is complete, but some replicas in it failed
  kInterrupted = 130,   ///< by Ctrl-C, SIGTERM or time limit: the file holds the replicas (points)
                        ///< that were done
};

}  // namespace tollgate
