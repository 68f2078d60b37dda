# SPDX-License-Identifier: MIT
"""Programs under load without an end, for who looks at them meanwhile: each a script for bash, in a directory of its own,
in which $METERED stands before what is metered. Free loopback ports are $PORT."""

# redis-tools has the server's program, too, by another name.
REDIS = """
ln -s "$(command -v redis-check-rdb)" redis-server
$METERED ./redis-server --port 0 --unixsocket "$PWD/r" --save '' --daemonize no > log 2>&1 &
until redis-cli -s r ping > pong 2>&1; do sleep 0.1; done
while :; do
  redis-benchmark -s r -n 20000 -r 5000 -d 100 -P 4 -c 20 -q -t set,get,lpush,lpop,sadd,hset,zadd > bench
  redis-cli -s r eval 'for i = 1, 3000 do redis.call("set", "k" .. i, string.rep("v", i % 700)) end return 1' 0 > said
  redis-cli -s r flushall async > said
done
"""
NGINX = """
mkdir -p www logs && seq 1 5000 > www/numbers
cat > nginx.conf <<EOF
$( ((EUID)) || echo 'user root;') worker_processes 2; pid $PWD/nginx.pid; error_log $PWD/logs/error.log; daemon off;
events { worker_connections 512; }
http {
  access_log off; gzip on; gzip_min_length 100; gzip_types *;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:$PORT; root $PWD/www; location /proxied { proxy_pass http://127.0.0.1:$PORT/numbers; } }
}
EOF
$METERED nginx -p "$PWD" -c nginx.conf &
until curl -sf -o got "http://127.0.0.1:$PORT/numbers"; do sleep 0.1; done
while :; do
  wrk -t1 -c16 -d2 -H 'Accept-Encoding: gzip' "http://127.0.0.1:$PORT/numbers" > load
  wrk -t1 -c16 -d2 "http://127.0.0.1:$PORT/proxied" > load
done
"""
NODE = """
$METERED node -e '
const zlib = require("zlib"), crypto = require("crypto"), { Worker } = require("worker_threads");
const kept = new Map();
setInterval(() => {
  for (let i = 0; i < 200; i++) kept.set(i * Date.now() % 5000, Buffer.allocUnsafeSlow(100 + i * 37 % 5000));
  zlib.gzip(JSON.stringify([...kept.keys()]), (error, data) => kept.set("gzip", data));
  crypto.pbkdf2("a", "b", 500, 64, "sha512", (error, key) => kept.set(key[0], key));
}, 5);
setInterval(() => new Worker("require(`worker_threads`).parentPort.postMessage(Buffer.alloc(1e5))", { eval: true }), 700);
'
"""
PYTHON = """
PYTHONMALLOC=malloc $METERED /usr/bin/python3 -c '
import json, queue, threading, zlib
line = queue.Queue(100)
def make(seed):
    i = seed
    while True:
        i += 1
        line.put({"id": i, "name": "x" * (i % 700), "tags": [str(j) for j in range(i % 9)]})
def take():
    kept = {}
    while True:
        row = line.get()
        kept[row["id"] % 1000] = zlib.compress(json.dumps(row).encode())
for work in [lambda: make(0), lambda: make(7), take, take]:
    threading.Thread(target=work).start()
'
"""
SQLITE = """
while :; do
  echo "insert into t select i, printf('%0*d', i % 90, i) from n; delete from t where a % 3 = abs(random()) % 3;
    select count(distinct b) from t; update t set b = b || a where a % 7 = 1; delete from t where a > abs(random()) % 3000;"
done | { echo "create table t(a, b); create index tb on t(b);
  create view n as with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) select i from n;"; cat; } |
  $METERED sqlite3 -batch :memory: > out
"""
JAVA = """
cat > Work.java <<'EOF'
import java.nio.ByteBuffer;
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.*;
public class Work {
  public static void main(String[] arguments) throws Exception {
    ExecutorService pool = Executors.newCachedThreadPool();
    for (int i = 0; ; i++) {
      final int seed = i % 16 + 1;
      List<Future<Long>> sums = new ArrayList<>();
      for (int t = 0; t < 8; t++) sums.add(pool.submit(() -> {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096 * seed);
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[10000 * seed]);
        deflater.finish();
        long sum = deflater.deflate(new byte[200000]) + buffer.capacity();
        deflater.end();
        return sum;
      }));
      for (Future<Long> sum : sums) sum.get();
      Thread thread = new Thread(() -> { ByteBuffer.allocateDirect(1000); });
      thread.start();
      thread.join();
      if (i % 100 == 0) System.gc();
    }
  }
}
EOF
$METERED java -Xmx128m Work.java
"""
POSTGRESQL = """
export PATH=/usr/lib/postgresql/15/bin:$PATH LC_ALL=C
initdb -D data -A trust -U me --no-sync > log
$METERED postgres -D data -c listen_addresses= -k "$PWD" -c fsync=off > server.log 2>&1 &
until psql -X -q -h "$PWD" -U me -d postgres -c 'create database bench' 2> said; do sleep 0.2; done
pgbench -i -s 1 -q -h "$PWD" -U me bench > init.log 2>&1
while :; do
  pgbench -c 4 -j 1 -T 20 -h "$PWD" -U me bench > bench.log 2>&1
  psql -X -qAt -h "$PWD" -U me -d bench -c 'select count(distinct md5(i::text)) from generate_series(1, 100000) i' > said
done
"""
CLANG = """
{ for header in regex map unordered_map string vector functional algorithm iostream memory; do echo "#include <$header>"; done
  for i in $(seq 1 60); do
    echo "std::string f$i(const std::map<int, std::string> &m) { std::regex r(\\"a$i+b\\"); std::string s;"
    echo "  for (auto &[k, v] : m) if (std::regex_match(v, r)) s += v + std::to_string(k * $i); return s; }"
  done; } > big.cpp
while :; do $METERED clang++-14 -std=c++20 -O2 -c big.cpp -o big.o; done
"""
PERL = """
$METERED perl -e '
my %h;
for (my $i = 0; ; $i++) {
  $h{$i % 20000} = [$i, "value $i" x ($i % 30), { map { $_ => $i } 1 .. $i % 5 }];
  delete $h{$i * 7 % 20000};
  my @sorted = sort { $a <=> $b } keys %h if $i % 50000 == 0;
  my $twice = eval "sub { \\$_[0] * $i }" if $i % 100 == 0;
  my $text = join ",", map { s/a/b/r } split /(u)/, "value value $i";
}'
"""
DEMO = """
printf 'host = 127.0.0.1\\nport = %s\\n' "$PORT" > server.conf
$METERED "$BUILD/demo/user_server" server.conf > log 2>&1 &
until curl -sf -o got "http://127.0.0.1:$PORT/heap" || grep -q listening log; do sleep 0.1; done
while :; do
  for i in $(seq 1 30); do
    curl -s -o got -d "{\\"id\\":$i,\\"name\\":\\"Ada $i\\",\\"email\\":\\"ada@example.org\\"}" "http://127.0.0.1:$PORT/users"
    curl -s -o got -X DELETE "http://127.0.0.1:$PORT/users/$((i * 7 % 30))"
  done
  wrk -t1 -c32 -d2 "http://127.0.0.1:$PORT/users/1" > load
done
"""
# One that reads objects and one that writes them, as long as they are told to.
GIT = """
git init -q repo && cd repo && git config user.email me && git config user.name me
seq 1 3000 > numbers && git add numbers && git commit -q -m one
while :; do
  for i in $(seq 1 40); do printf 'HEAD\nHEAD:numbers\nHEAD:\n:nothing\n'; done
  sleep 0.05
done | $METERED git cat-file --batch > objects &
while [[ ! -s objects ]]; do sleep 0.1; done
(while sleep 1; do : > objects; done) &
i=0
while :; do
  i=$((i + 1)) text="commit number $i, $RANDOM"
  printf 'blob\nmark :1\ndata %d\n%s\n' ${#text} "$text"
  printf 'commit refs/heads/other\ncommitter me <me> %d +0000\ndata 0\nM 644 :1 dir%d/file%d\n\n' $i $((i % 97)) $((i % 1009))
  ((i % 50)) || sleep 0.02
done | $METERED git fast-import --quiet --force > imported
"""
CC1PLUS = """
{ for header in regex map unordered_map string vector functional algorithm iostream memory; do echo "#include <$header>"; done
  for i in $(seq 1 60); do
    echo "std::string f$i(const std::map<int, std::string> &m) { std::regex r(\\"a$i+b\\"); std::string s;"
    echo "  for (auto &[k, v] : m) if (std::regex_match(v, r)) s += v + std::to_string(k * $i); return s; }"
  done; } > big.cpp
while :; do $METERED g++ -std=c++20 -O2 -c big.cpp -o big.o; done
"""
BASH = """
$METERED bash --norc -c '
declare -A table
work() { local words=($1 $2 $3) text=${1//a/bb}; table[${text:0:5}]+=$2; printf -v text "%s-%d" "$text" "$3"; }
for ((i = 0; ; i++)); do
  work "alpha$((i % 500))" "beta $i" $((i % 77))
  (( i % 100 )) || { unset "table[alpha]"; list=("${!table[@]}"); eval "f$((i % 900))() { echo $i; }"; }
  (( i % 3000 )) || table=()
  (( i % 1000 )) || { said=${list[*]:0:20}; said=${said^^}; }
done'
"""
VIM = """
seq -f 'line %.0f with words and more words' 1 2000 > numbers
while :; do
  printf '%s\n' 'r numbers' '%s/words/other words/g' 'g/7 with/d' '1,200t$' 'undo' 'redo' '%s/other //g' '1,$sort' 'e!'
  sleep 0.02
done | $METERED vim -u NONE -es numbers > said
"""
LOADS = {"redis": REDIS, "nginx": NGINX, "node": NODE, "python3": PYTHON, "sqlite3": SQLITE, "java": JAVA,
         "PostgreSQL": POSTGRESQL, "clang": CLANG, "perl": PERL, "demo server": DEMO,
         "git": GIT, "cc1plus": CC1PLUS, "bash": BASH, "vim": VIM}
# The counting's own test: none of the first, some of the second.
PASSES_ON = '$METERED "$BUILD/tests/preload/passes_on"'
PASSES_ON_HIDDEN = PASSES_ON + " hidden"
OF_THE_TEST = {"passes on": PASSES_ON, "hides": PASSES_ON_HIDDEN}
# Who refuses to be root's.
AS_NOBODY = {"PostgreSQL"}
