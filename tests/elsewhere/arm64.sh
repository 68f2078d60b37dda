#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The library, the tool and the demo built for arm64 on a Debian made for it, and what needs neither speed nor a kernel of its
# own run there by qemu-user: the programs with known answers say the same as this machine's, the report at exit is written,
# and the modules' tests pass. What qemu-user does not have is named where it is left out, and run, with what starts programs, on
# two machines that qemu emulates, with kernels of pages of 4 KiB and of 16. Only root can; debootstrap makes the system.
# arm64.sh SOURCE-TREE BUILD
set -euo pipefail
source_tree=$1 build=$2 here=$(dirname "$(realpath "$0")")
((EUID == 0)) || { echo 'only root can make a system to try this on' && exit 77; }
command -v debootstrap >/dev/null || { echo 'debootstrap is not installed' && exit 77; }

system=$(mktemp -d "${TMPDIR:-/var/tmp}/heapmeter-arm64.XXXXXX")
trap 'rm -rf --one-file-system "$system"' EXIT
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase --include=ca-certificates,git "$release" "$system"
debootstrap --foreign --arch=arm64 --variant=minbase "$release" "$system/opt/machine"
chmod 755 "$system"
git clone -q "$source_tree" "$system/opt/heapmeter"
cp "$here"/arm64_{inside,machine}.sh "$system/opt/"

# What they say here, to be compared with.
mkdir "$system/opt/here"
for program in contract known_c known_cpp known_extensions mismatches alignment realloc_contents; do
  LD_PRELOAD="$build/shim/libheapmeter.so" "$build/tests/preload/$program" >"$system/opt/here/$program" 2>&1
done

unshare --mount --pid --fork --kill-child bash -euc '
  mount --bind "$0" "$0"
  cd "$0"
  mount -t proc proc proc
  mount --rbind /dev dev
  mount -t tmpfs tmpfs dev/shm
  mkdir -p outside
  pivot_root . outside
  umount -l outside
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 bash /opt/arm64_inside.sh' "$system"
