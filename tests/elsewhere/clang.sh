#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang builds the library, too: without a warning, as small as the compiler that it is meant for, and found by what the
# dynamic linker calls the folder of its kind.
# clang.sh SOURCE-TREE
set -euo pipefail
compiler=$(compgen -c clang++ | grep -E '^clang\+\+(-[0-9]+)?$' | sort -t- -k2 -n | tail -1) || { echo 'clang is not installed' && exit 77; }
"$compiler" --version | head -1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
CC=${compiler/++/} CXX=$compiler meson setup -Dauto_features=disabled -Dwerror=true "$place/build" "$1" >"$place/said" ||
  { cat "$place/said" && exit 1; }
ninja -C "$place/build" -j2 shim/libheapmeter.so shim/preload_folder.made
echo "$(find "$1/shim" -name '*.cpp' | wc -l) files"
"$1/tests/lint/elf.sh" "$place/build/shim/libheapmeter.so" "$1/README.md"
# shellcheck disable=SC2016  # it is the dynamic linker that replaces $LIB
LD_PRELOAD="$place/build/shim/heapmeter/preload/"'$LIB/libheapmeter.so' HEAPMETER_REPORT="$place/report" ls / >/dev/null
grep -q '"allocations":[1-9]' "$place/report" && echo 'a program is metered by it'
