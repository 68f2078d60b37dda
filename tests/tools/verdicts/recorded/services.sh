#!/bin/bash
# SPDX-License-Identifier: MIT
#
# services.sh BUILD FILE: makes services.hm anew as FILE, in three minutes: readings of ten more real programs, of which it is
# known whether they grow; by names that tell nothing of the machine (in a cgroup namespace of
# its own: unshare -C). Not as root, which PostgreSQL refuses. Wants redis, node, perl, PostgreSQL 15, sqlite3, g++ and
# Debian's python3.
set -euo pipefail

build=$(realpath "$1")
file=$(realpath "$2")
work=$(mktemp -d)
export HEAPMETER_DIR=$work/sockets LC_ALL=C PATH=/usr/lib/postgresql/15/bin:$PATH
mkdir -m 700 "$HEAPMETER_DIR"
cd "$work"
started=()
trap 'kill -- "${started[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
set -m # each leads a group of its own, which ends as one

# Keeps one of two hundred orders, beside a table that it rewrites.
cat >slow_leak.py <<'END'
import random, time
kept, table, made = [], [b''] * 500, 0
while True:
    for _ in range(20):
        order = bytes(random.randrange(200, 1200))
        table[random.randrange(500)] = order
        made += 1
        if made % 200 == 0: kept.append(bytearray(order))
    time.sleep(0.01)
END
# A log of all that was ever asked.
cat >hash.pl <<'END'
use Time::HiRes 'sleep';
my (%seen, $at);
while (1) { $seen{"request " . $at++ . " of session"} = 1 for 1..10; sleep 0.02; }
END
# Buffers that only the garbage collector gives back.
cat >teeth.js <<'END'
let kept = [];
setInterval(() => {
  for (let at = 0; at < 5; ++at) kept.push(Buffer.alloc(9000 + Math.floor(Math.random() * 3000)));
  if (kept.length > 600) kept = [];
}, 40);
END
mkfifo silent
cat >lines.bash <<'END'
exec 3<>silent
while true; do
  text=; for ((at = 0; at < 200; at++)); do text+="line $at of $RANDOM "; done
  words=($text); declare -A count=(); for word in "${words[@]}"; do count[$word]=1; done
  read -rt 0.05 -u 3
done
END
cat >fill.py <<'END'
import random, socket, time
server, began, made = socket.create_connection(('127.0.0.1', 28471)), time.monotonic(), 0
while True:
    due = int(600 * (time.monotonic() - began)) - made or 1
    made += due
    server.sendall(b''.join(b'SET k%d %s\r\n' % (random.randrange(60000), b'x' * random.randrange(100, 900)) for _ in range(due)))
    server.recv(1 << 16)
    time.sleep(0.02)
END
cat >ask.py <<'END'
import http.client, time
while True:
    try:
        server = http.client.HTTPConnection('127.0.0.1', 28473)
        for at in range(500):
            server.request('GET', f'/users/{at % 50}' if at % 3 else '/users')
            server.getresponse().read()
            time.sleep(0.01)
    except OSError:
        time.sleep(0.1)
END
cat >import.py <<'END'
import sys, time
for at in range(1 << 40):
    print(f"insert into t values({at}, 'row {at * 7919 % 1000003}', {at % 1000});")
    if at % 60 == 59: sys.stdout.flush(); time.sleep(0.02)
END
{
  printf '#include <%s>\n' map regex string
  for at in {1..300}; do
    echo "template <int N> struct S$at { std::map<std::string, std::map<int, S$at<N - 1>>> m; void f() { m[\"$at\"][N].f(); } };"
    echo "template <> struct S$at<0> { void f() {} }; template struct S$at<3>;"
  done
} >code.cpp

run() { "$@" >/dev/null 2>&1 & started+=("-$!"); }
metered() { run env LD_PRELOAD="$build/shim/libheapmeter.so" PYTHONMALLOC=malloc "$@"; }
metered redis-server --port 28471 --bind 127.0.0.1 --save '' --maxmemory 16mb --maxmemory-policy allkeys-lru
metered redis-server --port 28472 --bind 127.0.0.1 --save ''
metered /usr/bin/python3 slow_leak.py
metered perl hash.pl
metered node teeth.js
metered bash lines.bash
printf 'host=127.0.0.1\nport=28473\nlog_level=warning\n' >server.conf
ln -s "$build/demo/user_server" .
metered ./user_server server.conf
run bash -c "/usr/bin/python3 import.py | LD_PRELOAD='$build/shim/libheapmeter.so' sqlite3 orders.db 'create table t(a integer primary key, b text, c int)' 'create index i on t(c, b)' 'begin' '.read /dev/stdin'"
run bash -c "while true; do LD_PRELOAD='$build/shim/libheapmeter.so' nice g++ -pipe -O1 -c code.cpp -o code.o; done"
initdb -D data -A trust -U me --no-sync >initdb.log
metered postgres -D data -k . -c listen_addresses= -c fsync=off -c shared_buffers=16MB
for _ in {1..100}; do psql -qh "$work" -U me -d postgres -c 'select 1' >/dev/null 2>&1 && break || sleep 0.1; done
pgbench -i -s 1 -q -h "$work/data" -U me postgres >init.log 2>&1
run pgbench -c 1 -R 100 -T 400 -h "$work/data" -U me postgres
run /usr/bin/python3 fill.py
run /usr/bin/python3 ask.py
rm -f "$file"
"$build/tools/heapmeter" record -o "$file" -i 0.5 --for 160s
