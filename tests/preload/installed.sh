#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An installed library is found by pkg-config, links into a C11 and a C++20 program, and meters them.
set -euo pipefail
build=$1 source=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
DESTDIR=$place meson install -C "$build" --no-rebuild --quiet
pc=$(find "$place" -name heapmeter.pc)
library=$(find "$place" -name 'libheapmeter.so')
[[ -n $pc && -n $library ]] || { echo "no heapmeter.pc or no libheapmeter.so was installed"; exit 1; }
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$place
read -ra flags <<<"$(pkg-config --cflags --libs heapmeter)"
echo "pkg-config: ${flags[*]}"
gcc -std=c11 -Wall -Wextra -Wpedantic -Werror "$source/programs/linked.c" -o "$place/linked" "${flags[@]}"
g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror "$source/programs/scope.cpp" -o "$place/scope" -Wl,--no-as-needed "${flags[@]}"
export LD_LIBRARY_PATH=${library%/*}
"$place/linked" | tee "$place/out"
grep -q '^allocated 12345 bytes in 1 block$' "$place/out"
"$place/scope" | tee "$place/out"
grep -q '^inner: 77 bytes, net 0$' "$place/out"
