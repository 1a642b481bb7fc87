# shellcheck shell=bash
# Of the cluster tests: sourced by them, with the folder of the built programs as $1.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
programs=$(readlink -f "${1:?usage: $0 FOLDER_OF_PROGRAMS}")
tollgate=$programs/tollgate
sweep=$here/sweep.toml
folder=$(mktemp -d)
export TOLLGATE_SCENARIOS=$here/../../scenarios/files

say() { printf '%s\n' "$*"; }
fail() {
  say "FAILED: $*"
  exit 1
}

# need COMMAND...: skips the test loudly when one is missing; where TOLLGATE_REQUIRE_CLUSTER is set, as in
# continuous integration, that is a failure.
need() {
  local command
  for command in "$@"; do
    command -v "$command" > /dev/null && continue
    if [[ ${TOLLGATE_REQUIRE_CLUSTER:-} ]]; then fail "$command is not installed"; fi
    say "SKIPPED: $command is not installed; apt-get install the packages of group 'cluster' in cmake/debian-packages.txt"
    exit 77
  done
}

hash_of() { "$tollgate" info "$1" | sed -n 's/.*content hash *//p'; }

# same FILE WHAT: the file is the one of an undisturbed run on one thread, by content hash and by h5diff.
same() {
  local differences
  [[ $(hash_of "$1") == "$(hash_of "$folder/whole.h5")" ]] ||
    fail "$2: content hash $(hash_of "$1"), one thread gave $(hash_of "$folder/whole.h5")"
  # Attributes such as the date and the command line differ, data must not. A master has a table of its shards.
  differences=$(h5diff "$1" "$folder/whole.h5" 2>&1 | grep -A 1 '^dataset:')
  [[ ! $differences ]] || fail "$2: h5diff: $differences"
  say "same: $2"
}

run_whole() { "$tollgate" sweep "$sweep" --threads 1 -q -o "$folder/whole.h5" || fail "the sweep on one thread"; }
