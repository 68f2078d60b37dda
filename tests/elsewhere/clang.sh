#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The library is C++ to clang, too, without a warning.
# clang.sh SOURCE-TREE
set -euo pipefail
compiler=$(compgen -c clang++ | grep -E '^clang\+\+(-[0-9]+)?$' | sort -t- -k2 -n | tail -1) || { echo 'clang is not installed' && exit 77; }
cd "$1"
echo "$("$compiler" --version | head -1)"
find shim -name '*.cpp' -print0 | xargs -0 -n 8 -P 2 "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror \
  -fno-exceptions -fno-rtti -D_GNU_SOURCE '-DHEAPMETER_VERSION="0"' -Ishim -Ishim/include
echo "$(find shim -name '*.cpp' | wc -l) files"
