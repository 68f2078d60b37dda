#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/quickstart, then tools/check, on a Debian that has never seen the project: a minimal system in a folder of its own,
# with a clone of what is committed here and nothing else but git. Only root can; debootstrap makes the system.
# RELEASE=bookworm|trixie fresh.sh SOURCE-TREE
set -euo pipefail
source_tree=$1 release=${RELEASE:-bookworm}
((EUID == 0)) || { echo 'only root can make a system to try this on' && exit 77; }
command -v debootstrap >/dev/null || { echo 'debootstrap is not installed' && exit 77; }

system=$(mktemp -d "${TMPDIR:-/var/tmp}/heapmeter-fresh.XXXXXX")
trap 'rm -rf --one-file-system "$system"' EXIT
debootstrap --variant=minbase --include=git "$release" "$system"
chmod 755 "$system"  # as / is: other users, too, must get in
git clone -q "$source_tree" "$system/opt/heapmeter"

# In namespaces of its own, so that mounts and processes end with it. Its folder becomes the root as on a machine; by chroot
# alone, a program that enters its own mount namespace would find itself outside.
in_system() {
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount --rbind /sys sys
    mount --rbind /dev dev
    mount -t tmpfs tmpfs dev/shm
    mkdir -p outside
    pivot_root . outside
    umount -l outside
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 "$@"' "$system" "$@"
}
for command in quickstart check; do
  started=$SECONDS
  in_system "/opt/heapmeter/tools/$command"
  echo "$command: $((SECONDS - started)) s"
done
