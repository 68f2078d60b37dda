# SPDX-License-Identifier: MIT
# A server under redis-benchmark, with a background save (fork) whose file is checked.
ln -s "$(command -v redis-check-rdb)" redis-server  # one program under three names
./redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --dir "$PWD" --daemonize no > server.log 2>&1 &
server=$!
until_true redis-cli -s redis.sock ping
redis-cli -s redis.sock ping
redis-benchmark -s redis.sock -n 20000 -r 5000 -d 100 -P 16 -c 20 -q -t set,get,lpush,lpop,sadd,hset,zadd > bench.log
redis-cli -s redis.sock eval 'for i = 1, 5000 do redis.call("set", "k" .. i, string.rep("v", i % 700)) end return 1' 0
redis-cli -s redis.sock bgsave
saved() { redis-cli -s redis.sock info persistence | grep -q 'rdb_bgsave_in_progress:0'; }
until_true saved
redis-cli -s redis.sock info persistence | grep rdb_last_bgsave_status
redis-check-rdb dump.rdb | grep -c 'RDB looks OK'
redis-cli -s redis.sock strlen k1234
redis-cli -s redis.sock debug reload || redis-cli -s redis.sock strlen k777
grep -ciE 'crash|bug report|segfault' server.log || true
redis-cli -s redis.sock shutdown nosave || true
wait $server
echo "server $?"
