#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a reading costs: the time of one snapshot over the socket, the metered process's CPU while clients read it at a
steady rate, and its idle wake-ups.

    reading.py --library LIB --crowd PROGRAM [--threads 64] [--bytes 1073741824] [--readings 100]
"""
import argparse
import http.client
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import threading
import time


class Client:
    """Connected, and so kept, as long as it reads."""

    def __init__(self, path):
        self.connection = http.client.HTTPConnection("heapmeter")
        self.connection.sock = socket.socket(socket.AF_UNIX)
        self.connection.sock.connect(path)

    def snapshot(self):
        self.connection.request("GET", "/v1/snapshot", headers={"Connection": "keep-alive"})
        answer = self.connection.getresponse()
        assert answer.status == 200, answer.status
        answer.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


def fresh_snapshot(path):
    """With a connection of its own; not so soon after the last one that it may be shared."""
    time.sleep(0.06)
    start = time.perf_counter()
    with Client(path) as client:
        client.snapshot()
    return time.perf_counter() - start


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
        with Client(path) as reader:
            for number in range(int(rate * seconds)):
                time.sleep(max(0, start + number / rate - time.monotonic()))
                reader.snapshot()
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
    parser.add_argument("--readings", type=int, default=100)
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
            times = sorted(fresh_snapshot(str(sockets[0])) for _ in range(arguments.readings))
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
          f"{share / made * 1e6:.0f} us each (bar: 1 % with one thread, 2 % with 64)")
    print(f"service thread, 5 s without readers: woken {woken} times")


if __name__ == "__main__":
    main()
