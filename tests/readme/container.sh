#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The README's recipe for containers: an image with a libc, one program, and the two files it names; its ENV line, a root that
# cannot be written to and a tmpfs at /tmp. From outside, by the pid it has there, the program can be read.
# container.sh README TOOL LIBRARY
set -euo pipefail
readme=$1 tool=$(realpath "$2") library=$(realpath "$3")
unshare --map-root-user --mount --pid --fork true 2>/dev/null || { echo 'skipped: no namespaces of its own can be had here' && exit 77; }
image=$(mktemp -d)
container=''
end() {
  [[ -z $container ]] || kill -KILL "$container" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$image"
}
trap end EXIT
fail() { echo "$*"; exit 1; }

# The library keeps off a mimalloc that destroys blocks: 3.0.1.
HEAPMETER_REPORT=$image/report LD_PRELOAD=$library "$(type -P true)"
on='on mimalloc'
! grep -q '"backend": *"next"' "$image/report" || on='on glibc (next)'
rm "$image/report"

mkdir -p "$image"/{proc,tmp,bin}
copied=$(sed -n 's|^COPY \(.*\) \(/.*\)/$|\1|p' "$readme") place=$(sed -n 's|^COPY .* \(/.*\)/$|\1|p' "$readme")
preload=$(sed -n 's/^ENV \(LD_PRELOAD=[^ ]*\)$/\1/p' "$readme")
[[ -n $copied && -n $place && -n $preload ]] || fail 'the README has no COPY, or no ENV of LD_PRELOAD'
# The files are called as those of Debian 12; it says how they are called elsewhere.
soname=$(ldd "$library" | awk '$1 ~ /^libmimalloc/ { print $1 }')
grep -qF "$soname" "$readme" || fail "the README does not speak of $soname"
copied=${copied/libmimalloc.so.2/$soname} preload=${preload/libmimalloc.so.2/$soname}
mkdir -p "$image$place"
for file in $copied; do
  case $file in
    libheapmeter.so) cp "$library" "$image$place/" ;;
    *) cp "$(ldd "$library" | awk -v name="$file" '$1 == name { print $3 }')" "$image$place/$file" ;;
  esac
done
cp "$(command -v sleep)" "$(command -v env)" "$image/bin/"
ldd "$image/bin/sleep" "$image/bin/env" | grep -o '/[^ :]*\.so[^ :]*' | while read -r needed; do
  mkdir -p "$image$(dirname "$needed")"
  cp "$needed" "$image$needed"
done
[[ -z $(find "$image" -name 'libmimalloc*' -not -path "$image$place/*") ]] || fail 'the image has mimalloc anyway'

env -u HEAPMETER_DIR -u XDG_RUNTIME_DIR unshare --map-root-user --mount --pid --fork --kill-child bash -euc '
  mount --bind "$0" "$0"
  mount -t proc proc "$0/proc"
  mount -t tmpfs tmpfs "$0/tmp"
  mount -o remount,bind,ro "$0"
  exec env -i PATH=/bin "$(command -v chroot)" "$0" /bin/env "$1" sleep 120' "$image" "$preload" &
container=$!
unset HEAPMETER_DIR
deadline=$((SECONDS + 60))
until pid=$(pgrep -P "$container" -x sleep) && "$tool" stat "$pid" >"$image.stat" 2>&1; do
  ((SECONDS < deadline)) || fail "never read: $(cat "$image.stat")"
  kill -0 "$container" || fail 'the container ended'
  sleep 0.1
done
said=$(cat "$image.stat")
rm "$image.stat"
echo "$said"
[[ $said == *"sleep ($pid)"* && $said == *"$on"* ]] || fail 'that is not what it is'
"$tool" ps | grep -q "^ *$pid " || fail 'ps does not list it'
"$tool" account "$pid" | grep -q '= resident' || fail 'account does not know it'
