# SPDX-License-Identifier: MIT
"""As loads: languages that collect garbage in heaps of their own, and servers; for who asks for them by name, since their
packages are those of tools/prove languages. Erlang ends by a signal where the library that watches frees stands ahead, the meter or not."""

RUBY = """
$METERED ruby -e '
kept = {}
line = SizedQueue.new(100)
Thread.new { i = 0; loop { i += 1; line << { id: i, name: "x" * (i % 700), tags: (0..i % 9).map(&:to_s) } } }
3.times { Thread.new { loop { row = line.pop; kept[row[:id] % 1000] = Marshal.dump(row) } } }
loop { sleep 0.5; kept.values.join.scan(/x+/).size; GC.compact if rand(5) == 0 }
'
"""
PROLOG = """
cat > work.pl <<'EOF'
work(I) :- K is I mod 5000, retractall(kept(K, _)), format(atom(A), 'value_~d', [I]), assertz(kept(K, A)),
  ( I mod 2000 =:= 0 -> thread_create(findall(X, (between(1, 2000, N), X = f(N)), _), T), thread_join(T), garbage_collect_atoms
  ; true ),
  atom_length(A, _), string_concat(A, I, _), J is I + 1, work(J).
EOF
$METERED swipl -q -g 'dynamic(kept/2), consult("work.pl"), work(1)' -t halt
"""
EMACS = """
$METERED emacs --batch --quick --eval '(let ((kept (make-hash-table :test (function equal))) (i 0))
  (while t
    (setq i (1+ i))
    (puthash (format "key %d" (% i 5000)) (make-string (% i 900) ?x) kept)
    (when (zerop (% i 500))
      (with-temp-buffer (dotimes (j 200) (insert (format "line %d\\n" j))) (sort-lines nil (point-min) (point-max))
        (goto-char 1) (while (re-search-forward "line \\\\([0-9]+\\\\)" nil t) (replace-match "row \\\\1"))))
    (when (zerop (% i 20000)) (clrhash kept) (garbage-collect))))'
"""
GUILE = """
$METERED guile --no-auto-compile -c '
(use-modules (ice-9 threads) (ice-9 regex))
(define kept (make-hash-table))
(let loop ((i 0))
  (hash-set! kept (modulo i 5000) (string-append "value " (number->string i) (make-string (modulo i 300) #\\x)))
  (when (zero? (modulo i 500)) (par-map (lambda (x) (regexp-substitute/global #f "a" (make-string x #\\a) (quote pre) "b" (quote post)))
    (iota 50)))
  (when (zero? (modulo i 50000)) (hash-clear! kept) (gc))
  (loop (1+ i)))'
"""
LUA = """
$METERED lua5.4 -e '
local kept = {}
for i = 1, math.huge do
  kept[i % 5000] = { id = i, name = ("x"):rep(i % 300), tags = { tostring(i), i * 2 } }
  if i % 7 == 0 then kept[i * 13 % 5000] = nil end
  if i % 5000 == 0 then local c = coroutine.wrap(function() for j = 1, 50 do coroutine.yield(tostring(j):gsub("1", "one")) end end) for j = 1, 40 do c() end end
end'
"""
BIND = """
cat > named.conf <<EOF
options { directory "$PWD"; listen-on port $PORT { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; recursion no;
  session-keyfile "$PWD/key"; };
zone "localhost" { type master; file "/etc/bind/db.local"; };
controls { };
EOF
$METERED named -f -u root -c "$PWD/named.conf" > log 2>&1 &
until dig +short +tries=1 +time=1 -p "$PORT" @127.0.0.1 localhost > got; do sleep 0.1; done
for i in $(seq 1 400); do echo localhost ANY; echo "name$i.localhost A"; done > questions
while :; do dig +noall +tries=1 +time=1 +tcp -p "$PORT" @127.0.0.1 -f questions > got; dig +noall +tries=1 -p "$PORT" @127.0.0.1 -f questions > got; done
"""
UNBOUND = """
{ printf 'server:\n do-daemonize: no\n interface: 127.0.0.1\n port: %s\n username: ""\n chroot: ""\n directory: "%s"\n pidfile: ""\n' "$PORT" "$PWD"
  printf ' num-threads: 4\n use-syslog: no\n logfile: log\n local-zone: "b." static\n'
  for i in $(seq 1 300); do printf ' local-data: "a%d.b. A 192.0.2.1"\n' $i; done; } > unbound.conf
$METERED unbound -c "$PWD/unbound.conf" &
until dig +short +tries=1 +time=1 -p "$PORT" @127.0.0.1 a1.b > got; do sleep 0.1; done
for i in $(seq 1 400); do echo "a$i.b A"; done > questions
while :; do dig +noall +tries=1 +time=1 +tcp -p "$PORT" @127.0.0.1 -f questions > got; dig +noall +tries=1 +time=1 -p "$PORT" @127.0.0.1 -f questions > got; done
"""
APACHE = """
mkdir root && seq 1 5000 > root/numbers
cat > apache.conf <<EOF
ServerRoot $PWD
PidFile $PWD/pid
Listen 127.0.0.1:$PORT
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so
LoadModule filter_module /usr/lib/apache2/modules/mod_filter.so
SetOutputFilter DEFLATE
ServerName here
DocumentRoot $PWD/root
ErrorLog $PWD/errors
User nobody
EOF
chmod 755 . root
$METERED apache2 -f "$PWD/apache.conf" -D FOREGROUND &
until curl -sf -o got "http://127.0.0.1:$PORT/numbers"; do sleep 0.1; done
while :; do curl -s --compressed -Z --parallel-max 20 $(for i in $(seq 100); do echo "-o got$i http://127.0.0.1:$PORT/numbers"; done); done
"""
LANGUAGES = {"ruby": RUBY, "swipl": PROLOG, "emacs": EMACS, "guile": GUILE, "lua": LUA, "named": BIND,
             "unbound": UNBOUND, "apache": APACHE}
