#!/bin/bash
# The sweep over 1, 2 and 3 MPI ranks, and one whose rank is killed, ends in the file of one thread.
#
# usage: mpi.test.sh FOLDER_OF_PROGRAMS
set -uo pipefail
# shellcheck source=tests/cluster/common.sh
source "$(dirname "$(readlink -f "$0")")/common.sh"
need mpirun h5diff
[[ -x $programs/tollgate-mpi ]] || need "$programs/tollgate-mpi"
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
run_whole

# ranks N OPTION...: becomes mpirun, under a limit of time, so that in the background its grandchildren are the ranks.
ranks() { exec timeout -k 5 120 mpirun --allow-run-as-root --oversubscribe -n "$1" "$programs/tollgate-mpi" sweep "$sweep" "${@:2}"; }

for n in 1 2 3; do
  (ranks "$n" -q -o "ranks$n.h5") || fail "$n ranks"
  same "ranks$n.h5" "$n ranks"
done

# ---- A summary: ranks send parts of points.
summary=$folder/summary.toml
sed "s|^replicas.*|&\nkeep = \"summary\"|; s|\.\./performance|$here/../performance|" "$sweep" > "$summary"
"$tollgate" sweep "$summary" --threads 1 -q -o summary.h5 || fail "the summary on one thread"
(timeout -k 5 120 mpirun --allow-run-as-root --oversubscribe -n 3 "$programs/tollgate-mpi" sweep "$summary" -q -o summary3.h5) ||
  fail "a summary on 3 ranks"
[[ $(hash_of summary3.h5) == "$(hash_of summary.h5)" ]] || fail "the summary on 3 ranks is another"
say "same: a summary on 3 ranks"

# ---- A rank dies: all end, nothing is published, what was saved is gone on with, on another number of ranks.
for victim in 0 1 2; do
  ranks 3 -q -o "killed$victim.h5" > killed.log 2>&1 &
  launcher=$!
  for ((i = 0; i < 100; i++)); do
    [[ -s killed$victim.h5.partial ]] && break
    sleep 0.1
  done
  sleep 0.3
  rank=$(pgrep -P "$(pgrep -P "$launcher")" | sed -n "$((victim + 1))p")
  kill -9 "$rank" || fail "rank $victim was not there to be killed"
  wait "$launcher" && fail "mpirun says success though a rank was killed"
  [[ ! -e killed$victim.h5 ]] || fail "a file was published though a rank was killed"
  (ranks 2 -q --resume -o "killed$victim.h5") || fail "resume after the death of rank $victim"
  same "killed$victim.h5" "rank $victim of 3 killed, resumed on 2"
done

# ---- What rank 0 alone can find wrong ends all ranks, and says so once.
(ranks 2 -q -o "ranks1.h5") > refused.log 2>&1 && fail "an output that exists was accepted"
[[ $(grep -c 'ranks1.h5' refused.log) == 1 ]] || fail "the refusal is not said once: $(cat refused.log)"
same ranks1.h5 "left alone by a run that was refused"

# ---- What all would find wrong is told by one of them.
once() { [[ $(grep -c "$1" told.log) == 1 ]] || fail "'$1' is not said once: $(cat told.log)"; }
(ranks 3 -q -o "none.h5" --set policy.levy.rtae=0) > told.log 2>&1 && fail "a key that is not known was accepted"
once "did you mean 'rate'"
(ranks 3 --replicas 0) > told.log 2>&1 && fail "no replicas were accepted"
once "'0' is not allowed"
(ranks 3 --help) > told.log 2>&1 || fail "help is a failure"
once "Run scenarios at many points"
[[ ! -e none.h5 ]] || fail "a file was written though the sweep is not valid"
