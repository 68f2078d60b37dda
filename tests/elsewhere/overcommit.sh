#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where vm.overcommit_memory is 2, on a kernel of its own that qemu emulates: programs that check what they are given end by no
# signal, however little is left to promise; those that run on bare mimalloc run metered, too, and with every site; a look that
# is not promised a copy says so. The kernel is fetched by apt, and lies in a folder that is gone at the end.
# overcommit.sh LIBRARY INIT PROGRAMS
set -euo pipefail
library=$(realpath "$1") init=$(realpath "$2") programs=$(realpath "$3")
checks=$programs/threads_that_check keeps=$programs/keeps_untouched
mimalloc=$(ldd "$library" | sed -n 's/.*libmimalloc[^ ]* => \([^ ]*\).*/\1/p')
fail() { echo "$*"; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
[[ $(dpkg --print-architecture 2>/dev/null) == amd64 ]] || skip 'the kernel that is asked for here is amd64'"'"'s'
for needed in qemu-system-x86_64 cpio perl sqlite3; do command -v "$needed" >/dev/null || skip "there is no $needed"; done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^  Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
[[ $kernel ]] && apt-get -q -o APT::Sandbox::User=root download "$kernel" >said 2>&1 || skip "no kernel is to be had: $(tail -1 said)"
dpkg-deb --fsys-tarfile linux-image*.deb | tar -xf - --wildcards './boot/vmlinuz-*'

# add FILE...: under its own name, with the libraries that it is linked with.
add() {
  local file each
  for file in "$@"; do
    mkdir -p "root${file%/*}"
    cp -L "$file" "root$file"
    while read -r each; do
      [[ -e root$each ]] || { mkdir -p "root${each%/*}" && cp -L "$each" "root$each"; }
    done < <(ldd "$file" 2>/dev/null | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p')
  done
}
mkdir root
add "$library" "$mimalloc" "$checks" "$keeps" /usr/bin/true "$(command -v perl)" "$(command -v sqlite3)"
cp "$init" root/init

job() { local IFS=$'\t'; echo "$*" >>root/jobs; }
sql='create table t(a); with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000) insert into t select x from c; select sum(a) from t'
for mib in {12..40..2} {48..120..8} 160 320 480; do
  for way in "bare LD_PRELOAD=$mimalloc" "metered LD_PRELOAD=$library" "every LD_PRELOAD=$library HEAPMETER_SAMPLE=every"; do
    read -ra words <<<"$way"
    job "true-${words[0]}" "$mib" "${words[@]:1}" -- /usr/bin/true
    job "perl-${words[0]}" "$mib" "${words[@]:1}" -- "$(command -v perl)" -e 'my @all = map { { of => $_ } } 1..2000'
    job "sqlite3-${words[0]}" "$mib" "${words[@]:1}" -- "$(command -v sqlite3)" :memory: "$sql"
    job "threads-${words[0]}" "$mib" "${words[@]:1}" -- "$checks"
  done
done
for mib in 1200 2000; do
  job look "$mib" "LD_PRELOAD=$library" HEAPMETER_LEAKS=exit HEAPMETER_REPORT=stderr -- "$keeps" 700
done
(cd root && find . | cpio -o -H newc 2>/dev/null) >initrd
timeout --foreground 1500 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2500 -net none -nographic -no-reboot \
  -kernel boot/vmlinuz-* -initrd initrd -append 'console=ttyS0 quiet panic=-1' </dev/null 2>&1 | tr -d '\r' >said || true
grep -q '^all jobs are done' said || fail "the machine did not come to an end: $(tail -3 said)"

# Each program's own way to say that it is refused memory has an exit code.
awk -F '\t' '
  NF < 4 || $1 == "look" { next }
  { seen++; ended[$1, $2] = $3 }
  $3 < 0 { print "ended by a signal: " $0; faults = 1 }
  { split($1, of, "-") }
  of[2] == "bare" && $3 == 0 { ran[of[1], $2] = 1 }
  of[2] != "bare" && ran[of[1], $2] && $3 != 0 { print "runs on bare mimalloc: " $0; faults = 1 }
  END { print seen " runs"; exit faults || seen < 336 }' said || fail 'see above'
grep -P '^look\t1200\t0\thas it .*vm\.overcommit_memory is 2' said || fail "a look without a promise: $(grep ^look said)"
grep -P '^look\t2000\t0\thas it .*lost +0 bytes in 0 blocks' said || fail "a look with one: $(grep ^look said)"
