# SPDX-License-Identifier: MIT
# A server with a replica: full synchronisation by a forked child, a stream of writes, the append-only file, a promotion.
ln -s "$(command -v redis-check-rdb)" redis-server
for name in first second; do
  mkdir $name
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  ./redis-server --bind 127.0.0.1 --port "$port" --unixsocket "$PWD/$name/sock" --dir "$PWD/$name" --save '' \
    --appendonly yes --repl-diskless-sync-delay 0 > "$name/log" 2>&1 &
  [[ $name == first ]] && first=$! first_port=$port || second=$!
done
one() { redis-cli -s first/sock "$@"; }
two() { redis-cli -s second/sock "$@"; }
until_true one ping; until_true two ping
one eval 'for i = 1, 20000 do redis.call("hset", "h" .. i % 977, i, string.rep("v", i % 300)) end return 1' 0
two replicaof 127.0.0.1 "$first_port"
linked() { two info replication | grep -q master_link_status:up; }
until_true linked
redis-benchmark -s first/sock -n 20000 -r 3000 -d 60 -P 8 -q -t set,lpush,sadd > bench.log
one set last word
caught_up() { [[ $(two get last) == word ]]; }
until_true caught_up
[[ $(one debug digest) == "$(two debug digest)" ]] && echo 'same digest'
one bgrewriteaof
rewritten() { one info persistence | grep -q aof_rewrite_in_progress:0; }
until_true rewritten
two replicaof no one
two dbsize | grep -c . && two set after promotion
one shutdown || true; two shutdown || true
wait $first; echo "first $?"; wait $second; echo "second $?"
grep -ciE 'crash|bug report|segfault' first/log second/log || true
