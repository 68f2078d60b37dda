#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs of an older glibc, Debian 11's, run on where the meter is preloaded: uncounted, with one line of its dynamic linker's,
# and `run` says why. The libc is fetched by apt, and lies in a folder that is gone at the end.
# old_libc.sh LIBRARY TOOL
set -euo pipefail
library=$1 tool=$2
fail() { echo "$*"; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
[[ $(dpkg --print-architecture 2>/dev/null) == amd64 ]] || skip 'Debian has the libc that is asked for here on amd64'
newest_without_note=$(getconf GNU_LIBC_VERSION | sed 's/glibc //; s/$/\n2.36/' | sort -V | head -1)
[[ $newest_without_note == 2.36 ]] || skip 'built with a glibc whose dynamic linker reads the note itself'

# Its folder is nobody else's to write, or `doctor` would not ask a dynamic linker in it.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir -p "$place"/lists/partial "$place"/cache/archives/partial "$place/sockets" "$place/old"
chmod 700 "$place/sockets"
echo 'deb [trusted=yes] http://deb.debian.org/debian bullseye main' >"$place/sources.list"
apt_of_old() {
  apt-get -q -o Dir::Etc::sourcelist="$place/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$place/lists" \
    -o Dir::Cache="$place/cache" -o APT::Sandbox::User=root "$@" >>"$place/said" 2>&1
}
cd "$place"
apt_of_old update && apt_of_old download libc6/bullseye || skip "Debian 11's libc6 is not to be had: $(tail -1 "$place/said")"
dpkg-deb -x libc6_*.deb old
libc=$place/old/lib/x86_64-linux-gnu
unset HEAPMETER_LIBRARY LD_LIBRARY_PATH LD_PRELOAD
export HEAPMETER_DIR=$place/sockets

# What it is linked with has no versions, as a program of that time would have none that is newer.
gcc -O1 -nostartfiles -o child -x c - -Wl,--dynamic-linker="$libc/ld-2.31.so" -Wl,-rpath,"$libc" -Wl,--disable-new-dtags <<'C'
extern int puts(const char *);
extern void *malloc(unsigned long);
extern void exit(int);
void _start(void) {
  __asm__("and $-16, %rsp");
  puts(malloc(100) ? "lives" : "has no heap");
  exit(7);
}
C
# ends_as_alone COMMAND...: says what the program says, and one line more at most.
ends_as_alone() {
  local code=0
  "$@" >out 2>err || code=$?
  [[ $code == 7 && $(cat out) == lives ]] || fail "$*: exit code $code, $(cat out err)"
}
ends_as_alone ./child
[[ ! -s err ]] || fail "alone it says: $(cat err)"
echo '--- by a bare LD_PRELOAD'
ends_as_alone env LD_PRELOAD="$library" ./child
[[ $(wc -l <err) == 1 ]] && grep -q 'cannot be preloaded' err || fail "it says: $(cat err)"
echo '--- as a child of run, whose summary says why'
ends_as_alone "$tool" run --output summary -- perl -e 'exit system("./child") >> 8'
[[ $(wc -l <err) == 1 ]] && grep -q 'cannot be preloaded' err || fail "it says: $(cat err)"
grep -q 'not counted .*child runs on glibc 2\.31, which is too old for\b' summary || fail "$(cat summary)"
echo '--- and doctor'
"$tool" doctor ./child >said 2>&1 && fail "doctor: $(cat said)"
grep -q 'child runs on glibc 2\.31, which is too old for\b' said || fail "$(cat said)"
