# SPDX-License-Identifier: MIT
# Four worker threads, eight clients that set, get, append and delete at once, over a socket file.
memcached $( ((EUID)) || echo '-u root') -s "$PWD/m.sock" -m 64 -t 4 &
server=$!
until_true test -S m.sock
/usr/bin/python3 - <<'PYTHON'
import socket, threading
def work(who, sums):
    s = socket.socket(socket.AF_UNIX); s.connect("m.sock"); f = s.makefile("rwb")
    total = 0
    for n in range(2000):
        value = b"v" * (n % 900 + 1)
        f.write(b"set %d.%d 0 0 %d\r\n%s\r\n" % (who, n, len(value), value)); f.flush()
        assert f.readline() == b"STORED\r\n"
        f.write(b"get %d.%d\r\n" % (who, n)); f.flush()
        head = f.readline(); total += len(f.read(int(head.split()[3]) + 2)); f.readline()
        if n % 3 == 0:
            f.write(b"delete %d.%d\r\n" % (who, n)); f.flush(); assert f.readline() == b"DELETED\r\n"
    sums[who] = total
sums = {}
threads = [threading.Thread(target=work, args=(n, sums)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(sums.items()))
PYTHON
at_rest $server
kill -TERM $server
code=0; wait $server || code=$?
echo "server $code"
