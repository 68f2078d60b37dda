#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the library asks of every process it is loaded into: no libstdc++, little thread-local storage, bound at
# load, never unloaded, no symbol resolvers that run before libc is ready.
set -euo pipefail
library=$1 readme=$2
faults=0
fault() {
  echo "$1"
  faults=1
}
dynamic=$(readelf -dW "$library")
needed=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$dynamic" | sort | tr '\n' ' ')
echo "needs $needed"
[[ $needed =~ ^libc\.so\.6\ libmimalloc\.so\.[23]\ $ ]] || fault "it should need libc.so.6 and libmimalloc.so.2 (or .3) alone"
[[ $dynamic == *BIND_NOW* || $dynamic == *"Flags: NOW"* ]] || fault "it is not bound at load (-z now)"
[[ $dynamic == *NODELETE* ]] || fault "it may be unloaded (-z nodelete)"
[[ $dynamic == *STATIC_TLS* ]] || fault "its thread-local storage is not initial-exec"
[[ $dynamic != *TEXTREL* ]] || fault "it has text relocations"
[[ $dynamic != *RPATH* && $dynamic != *RUNPATH* ]] || fault "it carries a search path"
tls=$(($(readelf -lW "$library" | awk '$1 == "TLS" { print $6 }')))
echo "thread-local storage: $tls bytes"
((tls > 0 && tls < 128)) || fault "thread-local storage must be under 128 bytes"
# In whichever section: clang writes also what is zero to the file, where the section's name is one that it does not know.
data=$(($(readelf -lW "$library" | awk '$1 == "LOAD" && $7 ~ /W/ { print $5 }' | paste -sd+)))
echo "initialised data: $data bytes"
((data > 0 && data < 16384)) || fault "initialised data must be under 16 KiB: what is large begins as zero, which no file holds"
readelf -lW "$library" | awk '$1 == "GNU_STACK" && $0 ~ /RWE/ { exit 1 }' || fault "its stack is executable"
ifuncs=$(readelf -rW "$library" | grep -c IRELATIV || true)
((ifuncs == 0)) || fault "it has $ifuncs IFUNC relocations"
newest=$(objdump -T "$library" | grep -o 'GLIBC_[0-9.]*' | sort -V | tail -1)
newest=${newest#GLIBC_}
echo "needs glibc $newest"
# To an older one it would be the end of the program: those up to 2.35 leave out what asks for a kernel that there is not.
if readelf -nW "$library" | grep -q 'ABI: 255'; then
  [[ $(printf '%s\n' "$newest" 2.36 | sort -V | tail -1) != 2.36 ]] || newest=2.36
elif [[ $(getconf GNU_LIBC_VERSION | sed 's/glibc //; s/$/\n2.36/' | sort -V | head -1) == 2.36 ]]; then
  fault 'the note is missing that keeps it out of programs of an older glibc'
fi
# Elsewhere it is the glibc there that counts.
if [[ $(. /etc/os-release && echo "$ID ${VERSION_ID:-}") == 'debian 12' ]]; then
  [[ $newest == 2.36 ]] || fault "programs of glibc 2.36 to $newest would not start"
  grep -q "older than $newest" "$readme" || fault "the README does not say that no glibc older than $newest will do"
fi
exit $faults
