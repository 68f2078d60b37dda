#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No source file is longer than 400 lines, none of the tests' longer than 500: split by noun.
set -euo pipefail
cd "$1"
find ./shim ./tools ./demo ./tests -type f \
  \( -name '*.cpp' -o -name '*.c' -o -name '*.h' -o -name '*.hpp' -o -name '*.py' -o -name '*.sh' \) -print0 |
  xargs -0 -n 1000000 wc -l |
  awk '$2 == "total" { next }
       { seen++; limit = index($2, "./tests/") == 1 ? 500 : 400 }
       $1 > limit { print $2 ": " $1 " lines, at most " limit; faults = 1 }
       END { print seen " files"; exit faults || !seen }'
