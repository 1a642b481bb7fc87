#!/bin/bash
# The launcher in a small tree of its own, with stand-ins for dpkg-query, sudo, cmake and apt-get on PATH:
# what it prints, what it calls, and how it ends.
# shellcheck disable=SC2016,SC2317 # bodies of stand-ins expand later; conditions are called by expect
set -euo pipefail

unset TOLLGATE_PRESET
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
tools=$work/tools
calls=$work/calls
failures=0

# stand_in NAME BODY: a command that notes its call and then does BODY.
stand_in() {
  printf '#!/bin/bash\necho "%s $*" >> "%s"\n%s\n' "$1" "$calls" "$2" > "$tools/$1"
  chmod +x "$tools/$1"
}

new_machine() {
  rm -rf "$tree" "$tools"
  mkdir -p "$tree"/{cmake,engine,agents,scenarios,output,cli} "$tools"
  cp "$here/../../tollgate" "$tree/"
  cp "$here/../../cmake/debian-packages.txt" "$tree/cmake/"
  touch "$tree"/{CMakeLists.txt,CMakePresets.json}
  : > "$calls"
  stand_in id 'echo 1000'
  stand_in sudo 'exit 1'
  stand_in dpkg-query "sed -n 's/^build /installed /p' '$tree/cmake/debian-packages.txt' | grep -v -e libfmt-dev -e cmake"
  stand_in apt-get 'exit 1'
  # Configuring leaves build.ninja behind, building leaves a program that prints its arguments.
  stand_in cmake "mkdir -p '$tree/build/release/cli'; touch '$tree/build/release/build.ninja'
    printf '#!/bin/bash\nprintf \"<%%s>\" \"\$@\"\nexit 3\n' > '$tree/build/release/cli/tollgate'
    chmod +x '$tree/build/release/cli/tollgate'"
}

has_all_packages() {
  stand_in dpkg-query "sed -n 's/^build /installed /p' '$tree/cmake/debian-packages.txt'"
}

# launch ARGUMENT...: sets out, err and status.
launch() {
  status=0
  out=$(PATH=$tools:$PATH "$tree/tollgate" "$@" 2> "$work/err" < /dev/null) || status=$?
  err=$(cat "$work/err")
}

# expect WHAT CONDITION...
expect() {
  local what=$1
  shift
  if ! "$@"; then
    printf 'FAILED: %s\n  status %s\n  out: %s\n  err: %s\n' "$what" "$status" "$out" "$err"
    failures=$((failures + 1))
  fi
}
contains() { [[ $1 == *"$2"* ]]; }
calls_of() { grep -c "^$1" "$calls" || true; }

new_machine
launch run h200-levy
expect "without root and sudo the status is 69" test "$status" = 69
expect "the missing packages are named, and no others" contains "$err" "are missing: cmake libfmt-dev"$'\n'
expect "the line for an administrator is complete" \
  contains "$err" "apt-get install -y --no-install-recommends cmake libfmt-dev"
expect "nothing is built" test ! -e "$tree/build/release/build.ninja"

new_machine
stand_in sudo '[[ $1 == -n ]] || "$@"'
stand_in apt-get "[[ \$1 == update ]] && touch '$work/updated'; [[ -e '$work/updated' ]]"
launch run h200-levy
expect "with sudo it installs and then runs the program" test "$out" = "<run><h200-levy>"
expect "package lists are fetched after a first try failed" test "$(calls_of 'apt-get')" = 3

new_machine
has_all_packages
launch run "two words" --set 'a.b=1 2' ''
expect "arguments reach the program untouched" test "$out" = "<run><two words><--set><a.b=1 2><>"
expect "the program's exit status is the launcher's" test "$status" = 3
expect "apt-get is left alone when nothing is missing" test "$(calls_of apt-get)" = 0

: > "$calls"
launch list
expect "a second run asks for no package and no build" test "$(wc -l < "$calls")" = 0
expect "a second run prints nothing of its own" test -z "$err"

sleep 0.02
touch "$tree/engine/new.cpp"
launch list
expect "a newer source file is built" test "$(calls_of 'cmake --build')" = 1
expect "but not configured again" test "$(calls_of 'cmake -S')" = 0

new_machine
has_all_packages
stand_in cmake 'echo "a compiler message"; exit 1'
launch list
expect "a failed build ends with 70" test "$status" = 70
expect "and shows the end of its log" contains "$err" "a compiler message"
launch list
expect "a failed build is tried again" test "$status" = 70

((failures == 0)) && echo "launcher: all as expected"
exit "$((failures > 0))"
