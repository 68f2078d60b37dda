#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The README's drop-in for a service of systemd, read by a manager of a test's own: the service runs metered, can be read by
# whoever could read it anyway, as one in a sandbox of systemd's that allows what it says, but not in
# one that does not, or in part; one without the drop-in stays as it was.
# systemd.sh README TOOL LIBRARY
set -euo pipefail
readme=$1 tool=$(realpath "$2") library=$(realpath "$3")
fail() { echo "$*"; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
manager=/lib/systemd/systemd
[[ -x $manager ]] || skip 'systemd is not installed'
unshare --map-root-user --mount --pid --fork true 2>/dev/null || skip 'no namespaces of its own can be had here'
line=$(sed -n 's|.*`\(Environment=LD_PRELOAD=[^`]*/libheapmeter\.so\)` below `\[Service\]`.*|\1|p' "$readme")
[[ -n $line ]] || fail 'the README has no Environment= of LD_PRELOAD below [Service]'
allowing=$(grep -oE '`(SystemCallErrorNumber|RestrictAddressFamilies)=[A-Z_]+`' "$readme" | tr -d '`') || true
[[ $allowing == *ErrorNumber*Families* ]] || fail 'the README does not say what a sandbox of systemd must allow'
place=$(mktemp -d)
end() {
  rm -rf "$place"
  # Of the groups of control that it makes, a manager of root's cannot remove the one in which it is itself.
  cut -d: -f3 /proc/self/cgroup | sort -u | while read -r group; do
    rmdir /sys/fs/cgroup{,/*}"${group%/}/init.scope" 2>/dev/null || true
  done
}
trap end EXIT

units=$place/config/systemd/user
mkdir -p "$units/metered.service.d" "$units"/{hardened,closed,number,families}.service.d "$place/run" "$place/sockets"
ln -s "$library" "$place/libheapmeter.so" # a name that LD_PRELOAD can have, whatever the build's own is
chmod 700 "$place/run" "$place/sockets"
# The library keeps off a mimalloc that destroys blocks: 3.0.1.
HEAPMETER_REPORT=$place/report LD_PRELOAD=$place/libheapmeter.so "$(type -P true)"
on='on mimalloc'
! grep -q '"backend": *"next"' "$place/report" || on='on glibc (next)'
for name in metered hardened closed number families plain; do
  printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=%s 600\n' "$(command -v sleep)" >"$units/$name.service"
done
sed -i '/^DefaultDependencies/a Wants=plain.service hardened.service closed.service number.service families.service' "$units/metered.service"
printf '[Service]\n%s\nEnvironment=HEAPMETER_DIR=%s\n' "${line/\/usr\/lib\/*\/libheapmeter.so/$place/libheapmeter.so}" "$place/sockets" \
  >"$units/metered.service.d/override.conf"
sandbox='NoNewPrivileges=yes\nSystemCallFilter=@system-service\nRestrictAddressFamilies=AF_INET\n'
for name in hardened closed number families; do
  { cat "$units/metered.service.d/override.conf" && printf "$sandbox"; } >"$units/$name.service.d/override.conf"
done
echo "$allowing" >>"$units/hardened.service.d/override.conf"
grep ErrorNumber <<<"$allowing" >>"$units/number.service.d/override.conf" # one of the two alone
grep Families <<<"$allowing" >>"$units/families.service.d/override.conf"

# A manager of a user's wants to see that the system was started by its kind, and says by itself what it lacks.
unset DBUS_SESSION_BUS_ADDRESS LD_PRELOAD
export HEAPMETER_DIR=$place/sockets XDG_RUNTIME_DIR=$place/run XDG_CONFIG_HOME=$place/config HOME=$place
exec_inside='
  mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system
  "$0" --user --unit=metered.service --log-target=console 2>"$1/said" &
  manager=$!
  trap "kill -TERM $manager 2>/dev/null || true; wait $manager || true" EXIT
  deadline=$((SECONDS + 150))
  until plain=$(systemctl --user show --value --property=MainPID plain.service 2>"$1/asked") && ((plain > 0)); do
    kill -0 $manager 2>/dev/null && ((SECONDS < deadline)) || { cat "$1/said" "$1/asked" && exit 77; }
    sleep 0.1
  done
  for name in hardened metered; do
    until process=$(systemctl --user show --value --property=MainPID $name.service) && "$2" stat "$process" >"$1/stat" 2>&1; do
      ((SECONDS < deadline)) || { echo "never read: $(cat "$1/stat")" && systemctl --user status $name.service && exit 1; }
      sleep 0.1
    done
    [[ $name == metered ]] || grep "^Seccomp:.*2" "/proc/$process/status" || { echo "$name is in no sandbox" && exit 1; }
  done
  cat "$1/stat"
  # Its sandbox is seen from the first; that the library was started in it, by its sleep; and that the thread of the library,
  # begun before that, has found out and gone, by there being one thread.
  for name in closed number families; do
    until process=$(systemctl --user show --value --property=MainPID $name.service) &&
      { "$2" doctor "$process" || true; } >"$1/doctor" 2>&1 && grep -q "partly.*sandbox" "$1/doctor" &&
      status=$(cat "/proc/$process/status") && grep -q "^Name:.*sleep" <<<"$status" &&
      grep -q "^State:.*sleeping" <<<"$status" && grep -q "^Threads:.*[^0-9]1$" <<<"$status"; do
      ((SECONDS < deadline)) || { echo "$name is: $(cat "$1/doctor")" && systemctl --user status $name.service && exit 1; }
      sleep 0.1
    done
    ! "$2" stat "$process" || { echo "$name is read, though not all allows it: what the README says is not needed" && exit 1; }
  done
  ! "$2" stat "$plain" || exit 1'
unshare --map-root-user --mount --pid --fork --kill-child --mount-proc bash -euc "$exec_inside" "$manager" "$place" "$tool" || {
  code=$?
  ((code != 77)) || skip 'no manager of systemd runs a service here'
  fail 'the service with the drop-in cannot be read, or the one without it can'
}
grep -q 'sleep' "$place/stat" && grep -qF "$on" "$place/stat" || fail 'that is not what it is'
