#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which packages the set-up asks for, on systems that are only described: what is installed, and what apt would offer.
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
apt-get() { [[ $1 == update ]] || echo "installed: $*"; }
sudo() { "$@"; }
offered='git'
said=$(install_packages 'boost1.81|boost' git 2>&1) && faults=1
[[ $said == *'no package called boost1.81|boost'*'meson setup build'* && $said != *'installed:'* ]] || { echo "said: $said" && faults=1; }
((faults == 0)) && echo 'the right packages are asked for'
