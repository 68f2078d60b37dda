#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages on a Debian that has never seen the project: installed, used by the root and by another user, upgraded, removed;
# nothing stays behind. The packages are of the release that they are built on: for another than this system's, they are built on one
# more such Debian, from what is committed here. Only root can; debootstrap makes the systems.
# RELEASE=bookworm|trixie fresh.sh SOURCE-TREE
set -euo pipefail
source_tree=$1
((EUID == 0)) || { echo 'only root can make a system to try this on' && exit 77; }
command -v debootstrap >/dev/null || { echo 'debootstrap is not installed' && exit 77; }
here=$(. /etc/os-release && echo "$VERSION_CODENAME")
release=${RELEASE:-$here}

place=$(mktemp -d "${TMPDIR:-/var/tmp}/heapmeter-package.XXXXXX")
trap 'rm -rf --one-file-system "$place"' EXIT
chmod 755 "$place"
make_system() { # make_system NAME [DEBOOTSTRAP ARGUMENT...]
  debootstrap --variant=minbase "${@:2}" "$release" "$place/$1"
  chmod 755 "$place/$1"
}
in_system() { # in_system NAME COMMAND...: in namespaces of its own, so that mounts and processes end with it
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount --rbind /dev dev
    mkdir -p outside
    pivot_root . outside
    umount -l outside
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 "$@"' "$place/$1" "${@:2}"
}

make_system fresh
if [[ $release == "$here" ]]; then
  "$source_tree/tools/package" "$place/fresh/opt/packages"
else
  make_system maker --include=git
  git clone -q "$source_tree" "$place/maker/opt/heapmeter"
  in_system maker /opt/heapmeter/tools/package /opt/packages
  cp -r "$place/maker/opt/packages" "$place/fresh/opt/"
fi

mkdir "$place/fresh/opt/any where"
tar -C "$place/fresh/opt/any where" -xf "$place"/fresh/opt/packages/heapmeter-*.tar.xz

in_system fresh bash -euxc '
  # First the archive, where none of the libraries is installed that are in it.
  ! ldconfig -p | grep -E "lib(mimalloc|dw|fmt)\.so" || exit 1
  "/opt/any where"/heapmeter-*/bin/heapmeter run -- perl -e "my @kept = (1 .. 100000)" 2>&1 | grep "allocated .* MiB"
  apt-get update -q
  files() { find / -xdev \( -path /proc -o -path /var -o -path /etc/ld.so.cache -o -path /tmp \) -prune -o -print | sort; }
  needed=$(for package in /opt/packages/*.deb; do dpkg-deb --field $package Depends; done | tr , "\n" | sed "s/^ *//; s/[ (|].*//" | grep -v heapmeter)
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $needed
  useradd guest
  files >/tmp/before
  apt-get install -q -y --no-install-recommends /opt/packages/*.deb
  heapmeter run -- perl -e "my @kept = (1 .. 100000)" 2>&1 | grep "allocated .* MiB"
  su guest -c "LD_PRELOAD=libheapmeter.so sleep 60 & until heapmeter stat sleep || ! kill -0 \$!; do sleep 0.1; done >/dev/null 2>&1
    heapmeter ps; heapmeter account sleep; kill \$!" | grep "= resident"
  heapmeter --version
  # Upgraded and back again beneath a program that runs: it is read as before.
  for name in heapmeter libheapmeter-dev; do
    dpkg-deb -R /opt/packages/${name}_*.deb /tmp/$name
    sed -i "/^Version:/s/\$/+1/; /^Depends:/s/(= [^)]*/&+1/" /tmp/$name/DEBIAN/control
    dpkg-deb --root-owner-group -b /tmp/$name /tmp/$name.deb
  done
  heapmeter run --quiet -- perl -e "sleep 300" &
  until heapmeter stat perl; do kill -0 $! || exit 1; sleep 0.1; done
  apt-get install -q -y /tmp/heapmeter.deb /tmp/libheapmeter-dev.deb
  heapmeter account perl | grep "= resident"
  heapmeter ps | grep perl | (read -r pid rest && heapmeter doctor $pid) | tee /tmp/doctor
  grep ": metered\$" /tmp/doctor
  ! grep "note\|partly" /tmp/doctor || exit 1
  apt-get install -q -y --allow-downgrades /opt/packages/*.deb
  heapmeter stat perl | grep "live "
  kill $!
  apt-get purge -q -y heapmeter libheapmeter-dev
  files >/tmp/after
  diff /tmp/before /tmp/after'
echo 'all well'
