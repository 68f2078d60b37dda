#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/quickstart where all is installed and built: what it shows, in at most 60 lines, the rest in the file that it names.
# quickstart.sh SOURCE-TREE BUILD
set -euo pipefail
root=$1 build=$2
cd "$root"
. tools/setup.sh
[[ $(realpath "$build") == "$(realpath -m build)" ]] || { echo 'skipped: quickstart builds in build/, and this is elsewhere' && exit 77; }
missing=$(missing_packages "${build_packages[@]}" "${show_packages[@]}")
[[ -z $missing ]] || { echo "skipped: it would install" $missing && exit 77; }
# It would build amid other tests.
left=$(ninja -C "$build" -n)
if [[ $left != *'no work to do'* ]]; then
  [[ ! ${ALL_IS_BUILT-} ]] || { echo "something is left to be built, though all was: $left" && exit 1; }
  echo "skipped: build/ is built in part; left is: $(tail -n 1 <<<"$left")" && exit 77
fi
fail() { echo "$*" && cat "$place/out" && exit 1; }

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
TMPDIR=$place tools/quickstart >"$place/out" 2>&1 || fail "quickstart ended with $?"
lines=$(wc -l <"$place/out")
((lines <= 60)) || fail "quickstart prints $lines lines; it may print 60:"
longest=$(wc -L <"$place/out")
for wanted in 'usable after [0-9]* s: build/tools/heapmeter' 'checkout.* grows .*iB/s' 'demo::UserStore|user_store.cpp:[0-9]' 'run .*ended|user_server .*ended' 'build/tools/heapmeter top'; do
  grep -qE "$wanted" "$place/out" || fail "quickstart does not show '$wanted':"
done
log=$(sed -n 's/^=== all that .* say is in \(.*\)$/\1/p' "$place/out")
[[ -s $log ]] || fail "the file with the rest is not there: '$log'"
echo "quickstart shows what it is to show in $lines lines, the longest of $longest letters"
