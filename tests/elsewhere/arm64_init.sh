#!/bin/bash
# SPDX-License-Identifier: MIT
# The first process of the machine that arm64_machine.sh makes. Runs each line of /jobs (NAME, seconds that it may take, COMMAND,
# with tabs between), says how it ended, and what it said if not well. Then the machine is gone.
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb
cd /opt/heapmeter || exit
echo "pages of $(getconf PAGESIZE) bytes, Linux $(uname -r)"
while IFS=$'\t' read -r name seconds command; do
  start=$SECONDS
  timeout -k 5 "$seconds" bash -c "$command" </dev/null >/tmp/said 2>&1
  code=$?
  echo "== $name $code after $((SECONDS - start)) s: $(tail -1 /tmp/said | cut -c1-150)"
  ((code == 0)) || tail -c 6000 /tmp/said | tr -d '\033' | cut -c1-250 | sed 's/^/   | /'
done </jobs
echo 'all jobs are done'
echo o >/proc/sysrq-trigger
sleep 60
