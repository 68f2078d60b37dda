#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No source file is longer than 400 lines, none of the tests' longer than 500: split by noun.
set -euo pipefail
cd "$1"
faults=0 seen=0
while IFS= read -r -d '' file; do
  limit=400
  [[ $file == ./tests/* ]] && limit=500
  lines=$(wc -l <"$file")
  seen=$((seen + 1))
  if ((lines > limit)); then
    echo "$file: $lines lines, at most $limit"
    faults=1
  fi
done < <(find ./shim ./tools ./demo ./tests -type f \
  \( -name '*.cpp' -o -name '*.c' -o -name '*.h' -o -name '*.hpp' -o -name '*.py' -o -name '*.sh' \) -print0)
echo "$seen files"
((faults == 0 && seen > 0))
