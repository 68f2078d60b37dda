# SPDX-License-Identifier: MIT
# A master with four workers under wrk, a reload in the middle, an orderly stop; over loopback.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p www logs && seq 1 5000 > www/numbers
cat > nginx.conf <<EOF
$( ((EUID)) || echo 'user root;') worker_processes 4; pid $PWD/nginx.pid; error_log $PWD/logs/error.log; daemon off;
events { worker_connections 512; }
http {
  access_log off; gzip on; gzip_min_length 100; gzip_types *;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:$port; root $PWD/www; location /proxied { proxy_pass http://127.0.0.1:$port/numbers; } }
}
EOF
nginx -p "$PWD" -c nginx.conf &
server=$!
until_true curl -sf -o got "http://127.0.0.1:$port/numbers"
sha256sum got
wrk -t2 -c32 -d2 -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port/numbers" > load &
load=$!
wrk -t1 -c16 -d2 "http://127.0.0.1:$port/proxied" > load2
kill -HUP $server
wait $load
grep -hE 'Non-2xx|Socket errors: .* (read|timeout) [1-9]' load load2 || echo 'all answered'
curl -s --compressed "http://127.0.0.1:$port/proxied" | sha256sum
curl -s -o missing -w '%{http_code}\n' "http://127.0.0.1:$port/nothing"
all_at_rest $server
kill -QUIT $server
wait $server
echo "server $?"
grep -ciE 'signal|alert|emerg' logs/error.log || true
