# SPDX-License-Identifier: MIT
# apt-get and dpkg in a root of their own: a repository of two packages, an update, an installation, a removal.
mkdir -p repo root/var/lib/dpkg root/etc/apt/apt.conf.d root/etc/apt/preferences.d root/etc/apt/sources.list.d \
  root/var/lib/apt/lists/partial root/var/cache/apt/archives/partial root/var/log/apt root/var/lib/dpkg/info \
  root/var/lib/dpkg/updates root/usr/share
touch root/var/lib/dpkg/status
for name in one two; do
  mkdir -p "$name/DEBIAN" "$name/usr/share/$name" && seq 1 1000 > "$name/usr/share/$name/data"
  { echo "Package: $name"; echo 'Version: 1.0'; echo 'Architecture: all'; echo 'Maintainer: me <me@example.org>'
    [[ $name == two ]] && echo 'Depends: one (>= 1.0)'; echo "Description: $name"; } > "$name/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$name" "repo/$name.deb"
done
(cd repo && dpkg-scanpackages -m . > Packages 2> scan.log)
echo "deb [trusted=yes] file://$PWD/repo ./" > root/etc/apt/sources.list
apt_in_root() {
  apt-get -q -o Dir="$PWD/root" -o Dir::State::status="$PWD/root/var/lib/dpkg/status" -o Dir::Bin::dpkg=/usr/bin/dpkg \
    -o APT::Architecture=amd64 -o APT::Sandbox::User=root -o DPkg::Options::="--root=$PWD/root" \
    -o DPkg::Options::=--force-not-root -o DPkg::Options::=--log=/dev/null -o Debug::NoLocking=1 "$@"
}
apt_in_root update > update.log 2>&1 && grep -c '^Get' update.log
apt_in_root install -y two > install.log 2>&1 || cat install.log
grep -E '^Setting up' install.log
diff one/usr/share/one/data root/usr/share/one/data && echo installed
apt_in_root remove -y one > remove.log 2>&1 || cat remove.log
find root/usr root/var/lib/dpkg/info -type f 2> /dev/null | grep -c /data || true
apt_in_root install no-such-package 2>&1 | tail -1; echo "exit ${PIPESTATUS[0]}"
