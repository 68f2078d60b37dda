#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What tools/package makes of the build: an archive that works where it is unpacked, and packages that Debian's own checker
# finds no fault with.
# packed.sh SOURCE-TREE
set -euo pipefail
source_tree=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "$*"; exit 1; }
command -v patchelf >/dev/null || { echo 'skipped: patchelf is not installed' && exit 77; }

"$source_tree/tools/package" --as-built "$place" >"$place/said" 2>&1 || fail "$(cat "$place/said")"
archive=$(echo "$place"/heapmeter-*.tar.xz)
[[ -f $archive ]] || fail "no archive: $(ls "$place")"
mkdir "$place/any where" "$place/sockets"
chmod 700 "$place/sockets"
tar -C "$place/any where" -xf "$archive"
root=$(echo "$place/any where"/*)
folder=$(dirname "$(find "$root" -name libheapmeter.so -not -path '*/preload/*')")
export HEAPMETER_DIR=$place/sockets
unset HEAPMETER_LIBRARY LD_LIBRARY_PATH

echo '--- nothing but the C library is taken from the system'
# Neither by the names that run gives the library, though its own folder is that of the name.
find "$root/bin" "$root/lib" -name heapmeter -type f -o -name 'lib*.so*' -not -path '*/lib32/*' -not -path '*/lib/i386-linux-gnu/*' >"$place/files"
(($(grep -c /preload/ "$place/files") >= 3)) || fail "that is not all: $(cat "$place/files")"
while read -r file; do
  ldd "$file" | sed -n 's/.* => \(.*\) (0x.*/\1/p' | grep -v "^$root/" | grep -vE '/lib(c|m)\.so\.6$' && fail "$file takes it from there"
done <"$place/files"
echo '--- it runs, and reads what it runs'
"$root/bin/heapmeter" run --quiet -- sleep 600 &
run=$!
trap 'kill $run 2>/dev/null || true; wait; rm -rf "$place"' EXIT
for ((tries = 0; tries < 600; ++tries)); do
  "$root/bin/heapmeter" stat sleep >"$place/stat" 2>&1 && break
  kill -0 "$run" 2>/dev/null || fail "it ended: $(cat "$place/stat")"
  sleep 0.1
done
# On the archive's mimalloc, unless that is one of those that lose aligned blocks, which programs are kept off.
mimalloc=$(find "$folder" -name 'libmimalloc*.so*' -type f)
version=$(/usr/bin/python3 -c 'import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).mi_version())' "$mimalloc")
case $version in
  300 | 301) underneath='on glibc (next)' ;;
  *) underneath='on mimalloc' ;;
esac
grep -qF "$underneath" "$place/stat" || fail "not $underneath: $(cat "$place/stat")"
taken=$(grep -oE '/[^ ].*libmimalloc.*' "/proc/$(pgrep -P "$run" -x sleep)/maps" | sort -u)
[[ $taken == "$root"/* ]] || fail "run has it take another mimalloc than its own: $taken"
named=$("$root/bin/heapmeter" doctor --json sleep | sed -n 's/.*"library":"\([^"]*\)".*/\1/p')
[[ $(realpath "$named") == "$root"/* ]] || fail "it takes another library than its own: $named"
kill "$run"

command -v dpkg-deb >/dev/null || { echo 'no dpkg-deb here, so no packages' && exit 0; }
echo '--- packages'
for name in heapmeter libheapmeter-dev; do
  package=$(echo "$place/${name}"_*.deb)
  dpkg-deb -x "$package" "$place/installed" || fail "$package cannot be unpacked"
  [[ -z $(dpkg-deb -c "$package" | awk '{ print $6 }' | grep -vE '^\./(usr/(bin|include|lib|share)?.*)?$') ]] || fail "$name has files elsewhere"
done
# The library where the dynamic linker finds it by its name alone.
for wanted in "usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/libheapmeter.so" usr/bin/heapmeter \
  usr/include/heapmeter/heapmeter.h usr/share/man/man1/heapmeter.1.gz usr/share/doc/heapmeter/README.md \
  usr/share/bash-completion/completions/heapmeter.bash usr/share/zsh/site-functions/_heapmeter; do
  [[ -f $place/installed/$wanted ]] || fail "no $wanted"
done
depends=$(dpkg-deb -f "$place"/heapmeter_*.deb Depends)
for library in libc6 libmimalloc libstdc++6 libdw1; do
  [[ $depends == *"$library"* ]] || fail "it does not say that it needs $library: $depends"
done
# A dynamic linker up to 2.35 reads the library's note, and leaves it out of every program.
if readelf -nW "$folder/libheapmeter.so" | grep -q 'ABI: 255'; then
  libc=$(sed -n 's/.*\blibc6 (>= \([0-9.]*\)).*/\1/p' <<<"$depends")
  dpkg --compare-versions "$libc" ge 2.36 || fail "installed with glibc $libc it would be in no program: $depends"
fi
"$source_tree/tools/package" --as-built "$place/again" >/dev/null 2>&1
for package in "$place"/*.deb "$archive"; do
  cmp "$package" "$place/again/${package##*/}" || fail 'packed a second time it is another'
done
command -v lintian >/dev/null || { echo 'lintian is not installed; the packages were not shown to it' && exit 0; }
lintian --allow-root --fail-on error,warning "$place"/*.deb || fail 'lintian finds fault'
