#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which packages the set-up asks for, on systems that are only described: what is installed, and what apt would offer; and where
# it installs to.
# names.sh SOURCE-TREE
set -euo pipefail
. "$1/tools/setup.sh"

installed='' offered=''
dpkg-query() { [[ " $installed " != *" ${*: -1} "* ]] || printf 'install ok installed'; }
# As apt does, in the user's language unless told otherwise; of what it has not heard of, nothing.
questions=$(mktemp)
trap 'rm -f "$questions"' EXIT
apt-cache() {
  local name candidate=Installationskandidat
  [[ ${LC_ALL-} != C ]] || candidate=Candidate
  echo "$*" >>"$questions"
  for name in "${@:2}"; do
    if [[ " $offered " == *" $name "* ]]; then
      printf '%s:\n  Installed: (none)\n  %s: 1.2\n  Version table:\n     1.2 500\n' "$name" "$candidate"
    elif [[ $name == boost ]]; then
      printf '%s:\n  Installed: (none)\n  %s: (none)\n  Version table:\n' "$name" "$candidate"
    fi
  done
}
faults=0
expect() {
  local wanted=$1 got
  shift
  got=$(missing_packages "$@" | tr '\n' ' ')
  [[ $got == "$wanted" ]] || { echo "of '$*', '$installed' installed and '$offered' offered: '$got', not '$wanted'" && faults=1; }
}

offered='boost1.81 boost git'
expect 'boost1.81 git ' 'boost1.81|boost' git
offered='boost git'
expect 'boost git ' 'boost1.81|boost' git
installed='boost git'
expect '' 'boost1.81|boost' git
offered='boost1.81 boost' installed='boost'
expect 'boost1.81 ' 'boost1.81|boost'  # the first that there is, also beside an older one
offered='' installed=''
expect 'boost1.81|boost ' 'boost1.81|boost'
: >"$questions"
expect 'boost1.81|boost git cmake ' 'boost1.81|boost' git cmake
(($(wc -l <"$questions") == 1)) || { echo 'apt, which may read all its lists for an answer, is asked more than once:' && cat "$questions" && faults=1; }

# What nobody offers is said before anything is installed, with the way by hand.
apt-get() { [[ $1 == update ]] || echo "installed: ${*:2}"; }
sudo() { if [[ $1 == env ]]; then "${@:3}"; else "$@"; fi; }
env() { "${@:2}"; }
says() { # says STATUS WANTED NOT_WANTED PACKAGE...
  local status=$1 wanted=$2 not_wanted=$3 said code=0
  shift 3
  said=$(install_packages "$@" 2>&1) || code=$?
  # shellcheck disable=SC2053  # patterns
  [[ $code == "$status" && $said == $wanted && $said != $not_wanted ]] || { echo "of '$*', exit code $code, said: $said" && faults=1; }
}
offered='git cmake'
says 1 "*no package called boost1.81|boost*by 'apt-get install git cmake' the others*meson setup build*" '*installed:*' 'boost1.81|boost' git cmake
offered='' installed='git'
says 1 '*no package called boost.*' '*the others*' boost git
# What only tests want, and nobody offers, is said, and gone on without.
offered='git cmake' installed=''
says 0 '*without chromium vim|vim-tiny*installed: *git cmake' '*meson setup*' git -- chromium cmake 'vim|vim-tiny'
installed='git cmake'
says 0 '*without chromium*' '*installed:*' git -- chromium cmake
says 0 'all 2 packages are installed' '' git -- cmake
says 1 '*no package called curl.*' '*installed:*' git curl -- chromium curl  # wanted by both
# Nor does it need to be told what the system is called, or all of its sources to answer.
os_release=/nowhere offered='' installed=''
says 1 '*this system offers no package called git*' '*No such file*' git
apt-get() {
  [[ $1 != update ]] || { printf 'W: at first\nE: Could not resolve the source\nE: Some failed\n' >&2 && return 100; }
  echo "installed: ${*:2}"
}
offered='git'
says 0 '*apt-get update failed*installed: *git' '' git
# Then it is not the system that does not offer it.
says 1 '*update failed, so it is not known what * offers of curl: Could not resolve the source' '*Install by hand*' git curl
says 0 '*update failed, so it is not known what *: without chromium*installed: *git' '*offers no package*' git -- chromium
apt-get() { return 9; }
says 1 '*not known what * offers of curl: exit code 9' '*installed:*' curl
# Who is not root is asked for a password once.
is_root() { false; }
asked=$(mktemp)
trap 'rm -f "$questions" "$asked"' EXIT
sudo() { echo "$*" >>"$asked" && return 1; }
says 1 '*sudo refused*' '*not known*' git
says 1 '*sudo refused*' '*without*' -- git chromium
(($(wc -l <"$asked") == 2)) || { echo 'sudo, which refuses, is asked again:' && cat "$asked" && faults=1; }
sudo() { return 100; }
says 1 '*not known what * offers of curl: exit code 100' '*refused*' curl

# What is set up without dpkg-architecture, which Meson asks, goes where Debian's dynamic linker looks all the same.
c++() { [[ $* != -print-multiarch ]] || echo "$machine"; }
meson() { echo "meson $*"; }
unset CXX
for machine in here-linux-gnu ''; do
  said=$(configure "$questions.none" -Dextra=1)
  [[ $said == "meson setup $questions.none ${machine:+-Dlibdir=lib/$machine }-Dextra=1" ]] || { echo "of a machine '$machine': $said" && faults=1; }
done
((faults == 0)) && echo 'the right packages are asked for'
