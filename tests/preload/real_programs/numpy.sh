# SPDX-License-Identifier: MIT
# Arrays, linear algebra in threads, and a pool of forked processes that hand arrays back.
cat > work.py <<'EOF'
import multiprocessing
import os
import subprocess
import numpy
def work(seed):
    values = numpy.random.default_rng(seed).normal(size=(200, 200))
    return numpy.linalg.qr(values)[1].diagonal().copy()
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(4) as pool:
        parts = pool.map(work, range(40))
    print(len(parts), numpy.round(numpy.abs(numpy.concatenate(parts)).sum(), 6))
    big = numpy.arange(4_000_000, dtype=float).reshape(2000, 2000)
    subprocess.run(["bash", "-c", f"at_rest {os.getpid()}"])
    print(int((big @ big.T).trace() % 1000003), numpy.sort(big.ravel()[::-1])[:3], big.astype("S8").nbytes)
EOF
/usr/bin/python3 work.py
