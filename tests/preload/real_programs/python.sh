# SPDX-License-Identifier: MIT
# JSON, threads, compression and child processes, with every object on the heap.
cat > work.py <<'END'
import hashlib, json, subprocess, threading, zlib
def load(seed):
    rows = [{"id": i, "name": "row %d" % (i * seed), "tags": [str(j) for j in range(i % 9)]} for i in range(3000)]
    return json.loads(json.dumps(rows))
results = {}
threads = [threading.Thread(target=lambda n=n: results.update({n: len(json.dumps(load(n)))})) for n in range(1, 9)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(results.items()))
print(hashlib.sha256(zlib.compress(json.dumps(load(3)).encode())).hexdigest())
print([subprocess.run(["/usr/bin/python3", "-c", "print(%d ** 5)" % i], capture_output=True).stdout for i in range(5)])
END
PYTHONMALLOC=malloc /usr/bin/python3 work.py
