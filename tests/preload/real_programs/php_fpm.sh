# SPDX-License-Identifier: MIT
# A pool of four workers behind nginx, each asked a hundred times, then an orderly stop.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
pool=''
((EUID)) || pool=$'user = root\ngroup = root'
cat > fpm.conf <<EOF
[global]
error_log = $PWD/fpm.log
[www]
$pool
listen = $PWD/fpm.sock
pm = static
pm.max_children = 4
EOF
cat > index.php <<'EOF'
<?php
$words = [];
for ($n = 0; $n < 5000; $n++) $words["key$n"] = md5((string)($n * (int)($_GET["n"] ?? 1)));
ksort($words);
echo md5(json_encode($words)), " ", preg_match_all('/a+b/', implode("", $words)), "\n";
EOF
cat > nginx.conf <<EOF
$( ((EUID)) || echo 'user root;') worker_processes 1; pid $PWD/nginx.pid; error_log $PWD/error.log; daemon off;
events { worker_connections 64; }
http { access_log off; server { listen 127.0.0.1:$port;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  location / { fastcgi_pass unix:$PWD/fpm.sock; fastcgi_param SCRIPT_FILENAME $PWD/index.php;
    fastcgi_param QUERY_STRING \$query_string; fastcgi_param REQUEST_METHOD \$request_method; } } }
EOF
php-fpm8.2 -n -F -R -y "$PWD/fpm.conf" &
fpm=$!
until_true test -S fpm.sock
nginx -p "$PWD" -c nginx.conf &
server=$!
until_true curl -sf -o first "http://127.0.0.1:$port/"
cat first
for n in $(seq 1 100); do curl -s "http://127.0.0.1:$port/?n=$n"; done | sha256sum
all_at_rest $fpm
kill -QUIT $server && wait $server
kill -QUIT $fpm && wait $fpm
echo "pool $?"
