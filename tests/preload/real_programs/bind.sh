# SPDX-License-Identifier: MIT
# Names asked of two servers that were made for many threads; BIND is linked to jemalloc.
ports=$(/usr/bin/python3 -c 'import socket
s = [socket.socket(), socket.socket()]
for one in s: one.bind(("127.0.0.1", 0))
print(s[0].getsockname()[1], s[1].getsockname()[1])')
read -r first second <<< "$ports"
cat > named.conf <<EOF
options { directory "$PWD"; listen-on port $first { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; recursion no;
  session-keyfile "$PWD/key"; };
zone "localhost" { type master; file "/etc/bind/db.local"; };
controls { };
EOF
named -f -c "$PWD/named.conf" 2> log &
server=$!
ask() { dig +short +tries=1 +time=5 -p "$1" @127.0.0.1 "$2"; }
answered() { [[ -n $(ask "$@") ]]; }
until_true answered "$first" localhost
for i in $(seq 1 20); do ask "$first" localhost; done | sort | uniq -c
at_rest $server
kill -TERM $server
code=0; wait $server || code=$?
echo "named $code"
cat > unbound.conf <<EOF
server:
  do-daemonize: no
  interface: 127.0.0.1
  port: $second
  username: ""
  chroot: ""
  directory: "$PWD"
  pidfile: ""
  num-threads: 4
  local-data: "a.b. A 192.0.2.1"
  use-syslog: no
  logfile: "$PWD/unbound.log"
EOF
unbound -c unbound.conf &
server=$!
until_true answered "$second" a.b
for i in $(seq 1 20); do ask "$second" a.b; done | sort | uniq -c
kill -TERM $server
code=0; wait $server || code=$?
echo "unbound $code"
