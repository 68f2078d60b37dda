# SPDX-License-Identifier: MIT
# A cache that writes C, has it compiled and loads it, in a child of its own; Debian's is linked to jemalloc.
ports=$(/usr/bin/python3 -c 'import socket
s = [socket.socket(), socket.socket()]
for one in s: one.bind(("127.0.0.1", 0))
print(s[0].getsockname()[1], s[1].getsockname()[1])')
read -r front back <<< "$ports"
mkdir root state
echo 'a page' > root/page
LD_PRELOAD='' /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory root "$back" > /dev/null 2>&1 &
behind=$!
until_true curl -sf -o got "http://127.0.0.1:$back/page"
varnishd -j none -F -n "$PWD/state" -a "127.0.0.1:$front" -b "127.0.0.1:$back" > log 2>&1 &
server=$!
until_true curl -sf -o got "http://127.0.0.1:$front/page"
for i in $(seq 1 50); do curl -s "http://127.0.0.1:$front/page"; done | sort | uniq -c
kill -TERM $server
code=0; wait $server || code=$?
echo "server $code"
kill $behind
