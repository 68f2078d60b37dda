# SPDX-License-Identifier: MIT
# Processes of many threads, a graceful restart among requests.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir root
echo 'a page' > root/page
cat > apache.conf <<EOF
ServerRoot $PWD
PidFile $PWD/pid
Listen 127.0.0.1:$port
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
ServerName here
DocumentRoot $PWD/root
ErrorLog $PWD/errors
EOF
apache2 -f "$PWD/apache.conf" -k start
until_true curl -sf -o got "http://127.0.0.1:$port/page"
for i in $(seq 1 50); do curl -s "http://127.0.0.1:$port/page"; done | sort | uniq -c
apache2 -f "$PWD/apache.conf" -k graceful
until_true grep -q 'resuming normal operations.*' errors
for i in $(seq 1 50); do curl -s "http://127.0.0.1:$port/page"; done | sort | uniq -c
at_rest "$(cat pid)"
apache2 -f "$PWD/apache.conf" -k stop
until_true test ! -e pid
