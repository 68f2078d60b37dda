# SPDX-License-Identifier: MIT
# A database in a file, an index, a vacuum, the integrity check, a dump.
sqlite3 data.db "pragma journal_mode=wal; create table t(a integer primary key, b text, c blob);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 40000)
  insert into t select i, printf('%d-%d', i, i * 7919 % 1000), zeroblob(i % 300) from n;
create index tb on t(b); delete from t where a % 3 = 0; vacuum;
select count(*), sum(length(c)), min(b), max(b) from t; select b, count(*) c from t group by b order by c desc, b limit 5;
pragma integrity_check;"
sqlite3 data.db .dump | sha256sum
