# SPDX-License-Identifier: MIT
# What qemu-user has not got, kernels for arm64: of pages of 4 KiB and of 16 KiB, each on a machine of its own that qemu emulates.
# There programs are read live, by the tool, too. In the system that arm64.sh made: /opt/machine is a Debian for arm64, unpacked
# only. arm64_machine.sh SOURCE-TREE BUILD TEST...: paths in the build, of tests that are GoogleTest programs
set -euo pipefail
. /etc/os-release
source_tree=$1 build=$2 root=/opt/machine libraries=/usr/lib/aarch64-linux-gnu
tests=("${@:3}")

# add FILE...: under its own name, with what it is linked with.
add() {
  local file name
  for file in "$@"; do
    mkdir -p "$root${file%/*}"
    cp "$file" "$root$file"
    while read -r name; do
      [[ -e $root$libraries/$name || ! -e $libraries/$name ]] || add "$libraries/$name"
    done < <(aarch64-linux-gnu-readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}
rm -rf "$root"/proc "$root"/sys "$root"/debootstrap "$root"/var/cache/apt/archives/* "$root"/usr/share/{doc,i18n,locale,man,zoneinfo}
mkdir -p "$root"/{proc,sys,dev,tmp,root,opt/here}
echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
echo 'nobody:x:65534:65534::/:/bin/false' >>"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
ln -sf mawk "$root/usr/bin/awk"
add "$build"/shim/libheapmeter.so "$build"/tools/heapmeter "$build"/build.ninja "${tests[@]/#/$build/}"
# What they meter.
while read -r file; do add "$file"; done < <(find "$build/tests/preload" -maxdepth 1 -type f -executable ! -name '*_test')
add "$(readlink -f $libraries/libmimalloc.so)" "$source_tree"/tests/preload/golden/* "$source_tree"/tests/elsewhere/arm64_refused.sh
cp /opt/here/* "$root/opt/here/"
install -m 755 "$source_tree/tests/elsewhere/arm64_init.sh" "$root/init"

job() { local IFS=$'\t'; echo "$*" >>"$root/jobs"; }
rm -f "$root/jobs"
for program in /opt/here/*; do
  name=${program##*/}
  job "$name" 200 "LD_PRELOAD=$build/shim/libheapmeter.so $build/tests/preload/$name 2>&1 | diff /opt/here/$name -"
done
job refused 900 "bash $source_tree/tests/elsewhere/arm64_refused.sh $build"
# Left out: call stacks and looks, which are refused; what asks curl, python3 or strace, which are not there; what takes thousands of
# forks. Nor are the tests of threads among them, which take thousands of those.
left_out='Attribution.*:Looks.*:Meanwhile.*:Service.AcceptsWhatCurlSends:ServiceAtStart.IsThereOnceItsSocketIs:ServiceOfAnOddlyNamed.*'
left_out+=':Report.WhatNoRightsTellOfIsALine:Strangers.AreRefused:Strangers.MayNeitherChangeNorLook:*fork_under_fire'
for test in "${tests[@]}"; do
  name=${test##*/}
  job "${name%_test}" 900 "$build/$test --gtest_brief=1 --gtest_filter=-$left_out"
done
(cd "$root" && find . | cpio -o -H newc 2>/dev/null) >/opt/initrd

# newest_kernel PACKAGE: the file, of what that package stands for.
newest_kernel() {
  local package name
  # By itself: beside it lies that of the machine before.
  package=$(apt-cache depends "$1:arm64" | sed -n 's/^  Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
  [[ $package ]] || return 1
  name=${package%:*}
  (cd /opt && apt-get download -q -o APT::Sandbox::User=root "$package" >/dev/null && dpkg-deb --fsys-tarfile "$name"_*.deb |
    tar -xf - --wildcards './boot/vmlinuz-*' && ls "boot/vmlinuz-${name#linux-image-}")
}

faults=0
# boot KERNEL PAGE-BYTES
boot() {
  local said=/opt/said.$2
  timeout --foreground 3600 qemu-system-aarch64 -machine virt -accel tcg,thread=multi -cpu max,pauth-impdef=on -smp 2 -m 3000 -net none \
    -nographic -no-reboot -kernel "/opt/$1" -initrd /opt/initrd -append 'console=ttyAMA0 quiet panic=-1' </dev/null 2>&1 |
    stdbuf -oL tr -d '\r' | tee "$said" || true
  grep -q "^pages of $2 bytes" "$said" && grep -q '^all jobs are done' "$said" && ! grep '^== [^ ]* [^0]' "$said" || faults=$((faults + 1))
}
kernel=$(newest_kernel linux-image-cloud-arm64) && boot "$kernel" 4096 || faults=$((faults + 1))
# Debian has it from 13 on.
if [[ ! $(apt-cache depends linux-image-arm64-16k:arm64 2>/dev/null) ]]; then
  sed -n "s/^deb \([^ ]*\) $VERSION_CODENAME main.*/deb \1 trixie main/p" /etc/apt/sources.list >/etc/apt/sources.list.d/newer.list
  apt-get update -q
fi
kernel=$(newest_kernel linux-image-arm64-16k) && boot "$kernel" 16384 || faults=$((faults + 1))
((faults == 0)) || { echo "$faults of the machines did not do all well" && exit 1; }
