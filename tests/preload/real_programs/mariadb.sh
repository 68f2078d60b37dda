# SPDX-License-Identifier: MIT
# A database made, filled by four clients at once, asked, stopped and checked after another start; over a socket.
me=(--no-defaults "--datadir=$PWD/data" --skip-networking "--socket=$PWD/m.sock" "--pid-file=$PWD/m.pid"
  --innodb-buffer-pool-size=32M --skip-log-bin)
((EUID)) || me+=(--user=root)
mariadb-install-db --no-defaults "--datadir=$PWD/data" $( ((EUID)) || echo --user=root) \
  --auth-root-authentication-method=normal --skip-test-db > install.log 2>&1
ask() { mariadb --no-defaults -u root "--socket=$PWD/m.sock" -N -e "$1"; }
start() {
  mariadbd "${me[@]}" > server.log 2>&1 &
  server=$!
  until_true ask 'select 1' > /dev/null 2>&1
}
start
ask 'create database shop; create table shop.lines (id int primary key auto_increment, who int, text varchar(200),
  key(who)) engine=innodb'
clients=()
for who in 1 2 3 4; do
  /usr/bin/python3 -c "
for n in range(2000):
    print(f\"insert into shop.lines (who, text) values ($who, repeat('{n:x}', {n % 50 + 1}));\")
" | mariadb --no-defaults -u root "--socket=$PWD/m.sock" &
  clients+=($!)
done
for each in "${clients[@]}"; do wait "$each"; done
ask 'select who, count(*), sum(length(text)) from shop.lines group by who order by who'
at_rest $server
ask 'shutdown'; wait $server; echo "server $?"
start
ask 'check table shop.lines'
ask 'select a.who, count(distinct b.text) from shop.lines a join shop.lines b on a.text = b.text group by a.who'
ask 'shutdown'; wait $server; echo "server $?"
