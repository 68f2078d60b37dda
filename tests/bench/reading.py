#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a reading costs: the time of one snapshot over the socket, the metered process's CPU while clients read it at a
steady rate, and its idle wake-ups.

    reading.py --library LIB --crowd PROGRAM [--threads 64] [--bytes 1073741824] [--readings 300]
"""
import argparse
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import threading
import time


def snapshot(path):
    with socket.socket(socket.AF_UNIX) as client:
        start = time.perf_counter()
        client.connect(path)
        client.sendall(b"GET /v1/snapshot HTTP/1.1\r\nHost: heapmeter\r\n\r\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
        taken = time.perf_counter() - start
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:80]
    return taken


def service_thread(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == "heapmeter":
            return task
    raise SystemExit("reading.py: the program has no service thread")


def switches(task):
    lines = (task / "status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


def cpu_ns(task):
    return int((task / "schedstat").read_text().split()[0])


def read_steadily(path, task, clients, rate, seconds):
    """The service's CPU as a share of one core, and how many readings a second were made (a busy machine makes fewer)."""
    start, done = time.monotonic(), []

    def client():
        for number in range(int(rate * seconds)):
            time.sleep(max(0, start + number / rate - time.monotonic()))
            snapshot(path)
            done.append(number)

    before = cpu_ns(task)
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    return (cpu_ns(task) - before) / 1e9 / elapsed, len(done) / elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True)
    parser.add_argument("--crowd", required=True)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--readings", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o700)
        environment = {**os.environ, "LD_PRELOAD": os.path.abspath(arguments.library), "HEAPMETER_DIR": directory}
        program = subprocess.Popen([arguments.crowd, str(arguments.threads), str(arguments.bytes)], env=environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            program.stdout.readline()
            deadline = time.monotonic() + 10
            while not (sockets := list(pathlib.Path(directory).glob(f"{program.pid}-*.sock"))):
                if time.monotonic() > deadline:
                    raise SystemExit("reading.py: the program has no socket after 10 s")
                time.sleep(0.01)
            times = sorted(snapshot(str(sockets[0])) for _ in range(arguments.readings))
            task = service_thread(program.pid)
            share, made = read_steadily(str(sockets[0]), task, 8, 100, 5)
            time.sleep(2.5)  # the last connection is over for both sides
            before = switches(task)
            time.sleep(5)
            woken = switches(task) - before
        finally:
            program.stdin.close()
            program.wait()
    print(f"snapshot, {arguments.threads} threads, {arguments.bytes >> 20} MiB live: median "
          f"{statistics.median(times) * 1e6:.0f} us, 99th percentile {times[len(times) * 99 // 100] * 1e6:.0f} us")
    print(f"8 clients at 100 Hz: {share:.2%} of a core for {made:.0f} readings a second, "
          f"{share / made * 1e6:.0f} us each (bar: 1 %)")
    print(f"service thread, 5 s without readers: woken {woken} times")


if __name__ == "__main__":
    main()
