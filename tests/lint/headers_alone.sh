#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every public header compiles alone: the C ones as strict C11 and as C++20, heapmeter.hpp as C++20.
set -euo pipefail
include=$1/shim/include
strict=(-fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I "$include")
seen=0
for path in "$include"/heapmeter/*.h "$include"/heapmeter/*.hpp; do
  header="#include <heapmeter/$(basename "$path")>
extern int used;"  # a translation unit may not be empty
  if [[ $path == *.h ]]; then
    gcc -x c -std=c11 -pedantic-errors "${strict[@]}" - <<<"$header"
  fi
  g++ -x c++ -std=c++20 "${strict[@]}" - <<<"$header"
  echo "$(basename "$path") compiles alone"
  seen=$((seen + 1))
done
((seen >= 3))
