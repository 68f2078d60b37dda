#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which packages the set-up asks for, on systems that are only described: what is installed, and what apt would offer.
# names.sh SOURCE-TREE
set -euo pipefail
. "$1/tools/setup.sh"

installed='' offered=''
dpkg-query() { [[ " $installed " != *" ${*: -1} "* ]] || printf 'install ok installed'; }
apt-cache() {
  if [[ " $offered " == *" $2 "* ]]; then
    printf '%s:\n  Installed: (none)\n  Candidate: 1.2\n' "$2"
  else
    printf '%s:\n  Installed: (none)\n  Candidate: (none)\n' "$2"
  fi
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

# What nobody offers is said before anything is installed, with the way by hand.
apt-get() { [[ $1 == update ]] || echo "installed: $*"; }
sudo() { "$@"; }
offered='git'
said=$(install_packages 'boost1.81|boost' git 2>&1) && faults=1
[[ $said == *'no package called boost1.81|boost'*'meson setup build'* && $said != *'installed:'* ]] || { echo "said: $said" && faults=1; }
((faults == 0)) && echo 'the right packages are asked for'
