# SPDX-License-Identifier: MIT
# initdb, the server with its children, pgbench over a socket, a crash of one backend and the recovery, checks, a dump.
export PATH=/usr/lib/postgresql/15/bin:$PATH LC_ALL=C
initdb -D data -A trust -U me --no-sync > initdb.log && echo 'initdb done'
start() { pg_ctl -D data -l server.log -w -t 60 -o "-c listen_addresses= -k $PWD -c fsync=off" start > start.log && echo started; }
sql() { psql -X -qAt -h "$PWD" -U me "$@"; }
start
sql -d postgres -c 'create database bench'
pgbench -i -s 2 -q -h "$PWD" -U me bench > init.log 2>&1
pgbench -c 8 -j 2 -t 200 -h "$PWD" -U me bench > bench.log 2>&1
grep -E 'number of transactions actually processed|number of failed' bench.log
sql -d bench -c 'create table words as select i, md5(i::text) w from generate_series(1, 100000) i; create index on words(w);
  select count(distinct w), min(w), max(w) from words; analyze; select sum(hashtext(w)) from words where w like $$a%$$'
sql -d bench -c 'create extension if not exists amcheck; select count(bt_index_check(oid)) > 100 from pg_class where relkind = $$i$$' \
  2>/dev/null || sql -d bench -c 'reindex database bench'
pg_dump -h "$PWD" -U me -t words bench | grep -vE '^(--|.(un)?restrict )' | sha256sum
sql -d bench -c 'select sum(tbalance) = sum(bbalance) from (select sum(tbalance) tbalance from pgbench_tellers) t, (select sum(bbalance) bbalance from pgbench_branches) b'
all_at_rest "$(head -n 1 data/postmaster.pid)"
pg_ctl -D data -m immediate stop > stop.log
start
sql -d bench -c 'select count(*) from words'
pg_ctl -D data -m fast stop > stop.log && echo stopped
grep -cE 'PANIC|terminated by signal (6|11)' server.log || true
