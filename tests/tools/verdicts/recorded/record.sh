#!/bin/bash
# SPDX-License-Identifier: MIT
#
# record.sh BUILD: makes programs.hm beside it anew, in a minute and a half: readings of real programs, of which it
# is known whether they grow. Wants nginx, wrk, memcached, node, php, perl and Debian's python3.
set -euo pipefail

build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
export HEAPMETER_DIR=$work/sockets
mkdir -m 700 "$HEAPMETER_DIR"
cd "$work"
started=()
trap 'kill "${started[@]}" 2>/dev/null; rm -rf "$work"' EXIT

cat >nginx.conf <<'END'
daemon off; master_process off; pid nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server { listen 127.0.0.1:28461; location / { return 200 "hello"; } }
}
END
cat >leak.py <<'END'
import time
kept, made = [], 0
while True:
    for _ in range(60):
        block = bytearray(500)
        made += 1
        if made % 50 == 0: kept.append(block)
    time.sleep(0.01)
END
cat >cache.py <<'END'
import random, time
cache = {}
while True:
    for _ in range(12):
        cache[random.randrange(40000)] = bytes(400)
        if len(cache) > 9000: cache.pop(next(iter(cache)))
    time.sleep(0.005)
END
cat >restart.py <<'END'
import os, sys, time
kept = []
for _ in range(450):
    kept.append([bytearray(3000) for _ in range(5)])
    time.sleep(0.02)
os.execv(sys.executable, [sys.executable] + sys.argv)
END
cat >table.py <<'END'
import sqlite3, time
db = sqlite3.connect(':memory:')
db.execute('create table t(k integer primary key, v text)')
made = 0
while True:
    db.execute('insert into t values(?,?)', (made, 'v' * 300))
    made += 1
    if made % 40 == 0: time.sleep(0.01)
    if made % 20000 == 0:
        db.commit()
        db.execute('delete from t')
        db.commit()
END
cat >fill.py <<'END'
import socket, time
server, made = None, 0
while server is None:
    try: server = socket.create_connection(('127.0.0.1', 28463))
    except OSError: time.sleep(0.1)
while True:
    text = b''
    for _ in range(8):
        made += 1
        text += b'set k%d 0 0 4000 noreply\r\n' % made + b'x' * 4000 + b'\r\n'
    server.sendall(text)
    time.sleep(0.012)
END
cat >saw.pl <<'END'
use Time::HiRes 'sleep';
while (1) { my @a; for (1..150) { push @a, "x" x 9000 for 1..5; sleep 0.02; } }
END
cat >server.js <<'END'
require('http').createServer((request, answer) => answer.end(Buffer.alloc(20000, 1).toString('base64')))
  .listen(28462, '127.0.0.1');
END
cat >batch.php <<'END'
<?php while (true) {
  $rows = [];
  for ($at = 0; $at < 3000; $at++) $rows[] = str_repeat("r", rand(50, 900));
  usort($rows, fn($a, $b) => strcmp($a, $b));
  $text = json_encode($rows);
  usleep(90000);
}
END

run() { "$@" >/dev/null 2>&1 & started+=($!); }
metered() { run env LD_PRELOAD="$build/shim/libheapmeter.so" PYTHONMALLOC=malloc USE_ZEND_ALLOC=0 "$@"; }
metered nginx -p . -c nginx.conf
metered /usr/bin/python3 leak.py
metered /usr/bin/python3 cache.py
metered /usr/bin/python3 restart.py
metered /usr/bin/python3 table.py
metered perl saw.pl
metered node server.js
metered php batch.php
metered memcached -u root -l 127.0.0.1 -p 28463 -m 24
run /usr/bin/python3 fill.py
sleep 3
run wrk -t1 -c8 -d85s http://127.0.0.1:28461/
run wrk -t1 -c4 -d85s http://127.0.0.1:28462/
rm -f "$here/programs.hm"
"$build/tools/heapmeter" record -o "$here/programs.hm" -i 0.2 --for 80s
