#!/bin/bash
# A real Slurm of two nodes on this machine runs the sweep as a job array of four shards, one of which is
# put back into the queue and one of which loses its node, and then as an MPI job: each time the merged
# file is that of one thread.
#
# usage: slurm.test.sh FOLDER_OF_PROGRAMS
set -uo pipefail
# shellcheck source=tests/cluster/common.sh
source "$(dirname "$(readlink -f "$0")")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
need sbatch slurmctld slurmd munged h5diff

cluster=$(mktemp -d /tmp/tollgate-slurm.XXXXXX)
trap '"$here/slurm-local" stop "$cluster"; rm -rf "$cluster" "$folder"' EXIT
set_up=$("$here/slurm-local" start "$cluster") || fail "Slurm does not start"
eval "$set_up"
scripts=$here/../../scenarios/cluster
export TOLLGATE=$tollgate
cd "$folder" || exit 1
run_whole

submit() { sbatch --parsable "$@" || fail "sbatch $*"; }

# wait_for JOB SECONDS: until no task of it is in the queue. (`sbatch --wait` looks seldom, and says
# success of a job that the controller has forgotten.)
wait_for() {
  local i
  for ((i = 0; i < $2 * 5; i++)); do
    [[ $(squeue -h -j "$1" 2> /dev/null) ]] || return 0
    sleep 0.2
  done
  squeue
  tail -n 20 ./*.log
  fail "job $1 is not done after $2 s"
}

# ---- A job array of four.
job=$(submit --array=0-3 "$scripts/array.sbatch" "$sweep" runs)
wait_for "$job" 120
"$tollgate" status runs || fail "status"
"$tollgate" merge runs -o virtual.h5 || fail "merge"
same virtual.h5 "job array of 4, virtual"
"$tollgate" merge runs -o copy.h5 --copy || fail "merge --copy"
same copy.h5 "job array of 4, copied"

# ---- Requeued in the middle, and a shard that never ran: the merge names it, the command it gives runs it.
job=$(submit --array=0-2 "$scripts/array.sbatch" "$sweep" again 4)
sleep 0.7
scontrol requeue "${job}_1" || say "task 1 was done already"
wait_for "$job" 120
"$tollgate" merge again -o early.h5 > merge.log 2>&1 && fail "a merge without shard 3"
grep -q '\b3\b' merge.log || fail "the merge does not name shard 3: $(cat merge.log)"
[[ ! -e early.h5 ]] || fail "a merge that was refused wrote a file"
job=$(submit --array=3 "$scripts/array.sbatch" "$sweep" again 4)
wait_for "$job" 120
job=$(submit "$scripts/merge.sbatch" again again.h5 --copy)
wait_for "$job" 60
same again.h5 "requeued and rerun"

# ---- A node dies under its task.
if [[ -s $cluster/run/n1.node ]]; then
  job=$(submit --array=0-3 "$scripts/array.sbatch" "$sweep" crash)
  sleep 0.5
  kill -9 "$(cut -d' ' -f1 "$cluster/run/n1.node")"
  wait_for "$job" 180
  "$tollgate" merge crash -o crash.h5 --copy || fail "merge after a node has died"
  same crash.h5 "a node died"
  "$here/slurm-local" start "$cluster" > /dev/null
fi

# ---- MPI under Slurm.
if [[ -x $programs/tollgate-mpi ]]; then
  export TOLLGATE_MPI=$programs/tollgate-mpi
  export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
  job=$(submit --ntasks=3 "$scripts/mpi.sbatch" "$sweep" ranks.h5)
  wait_for "$job" 120
  [[ -e ranks.h5 ]] || { cat ./tollgate-mpi-*.log; fail "the MPI job left no file"; }
  same ranks.h5 "MPI job of 3 ranks"
fi
