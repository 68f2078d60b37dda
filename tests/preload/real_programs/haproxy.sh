# SPDX-License-Identifier: MIT
# A master with its worker, two threads, under wrk, a reload in the middle; it answers itself and forwards to itself.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > haproxy.cfg <<EOF
global
  nbthread 2
  stats socket $PWD/stats.sock level admin
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend all
  bind 127.0.0.1:$port
  use_backend forward if { path_beg /forward }
  http-request return status 200 content-type text/plain string "answered" unless { path_beg /forward }
backend forward
  http-request set-path /
  server self 127.0.0.1:$port
EOF
haproxy -W -db -f haproxy.cfg > log 2>&1 &
server=$!
until_true curl -sf -o got "http://127.0.0.1:$port/"
cat got; echo
wrk -t2 -c16 -d2 "http://127.0.0.1:$port/forward" > load &
load=$!
kill -USR2 $server
wait $load
grep -hE 'Non-2xx' load || echo 'all answered'
curl -s "http://127.0.0.1:$port/forward"; echo
all_at_rest $server
kill -TERM $server
code=0; wait $server || code=$?
echo "server $code"
