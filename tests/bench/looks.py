#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a look for lost blocks costs: the longest pause of a thread that writes, the processor time, beside that of going
along the same blocks by one load each, the memory that the copy takes for itself; and a small program's look at its exit.

    looks.py --build BUILD [--mib 1024] [--times 5]

The least of some looks each, of pauses the median: on a busy machine everything else takes its turns, too."""
import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

REQUEST = b"POST /v1/leaks HTTP/1.1\r\nHost: x\r\nHeapmeter: 1\r\n\r\n"


def take_look(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(120)
        client.connect(str(path))
        client.sendall(REQUEST)
        answer = b""
        while part := client.recv(1 << 20):
            answer += part
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])


class Memory:
    """The most that a copy of the process had written itself, seen while it was there."""

    def __init__(self, pid):
        self.pid, self.most, self.ended = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.ended.wait(0.002):
            for children in pathlib.Path(f"/proc/{self.pid}/task").glob("*/children"):
                try:
                    for child in children.read_text().split():
                        rollup = pathlib.Path(f"/proc/{child}/smaps_rollup").read_text()
                        dirty = int(re.search(r"Private_Dirty: *(\d+)", rollup).group(1))
                        self.most = max(self.most, dirty)
                except (OSError, AttributeError):
                    pass

    def end(self):
        self.ended.set()
        self.thread.join()
        return self.most


def seconds_of_children(pid):
    """The processor time of the copies that have gone."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def measure(arguments, directory, backend, kind):
    build = arguments.build.resolve()
    program = subprocess.Popen(
        [build / "tests/bench/looked_at", str(arguments.mib), "100", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env={"LD_PRELOAD": str(directory / "libheapmeter.so"), "HEAPMETER_DIR": str(directory / "s"),
                        "HEAPMETER_BACKEND": backend})
    try:
        program.stdout.readline()
        while not (paths := list((directory / "s").glob(f"{program.pid}-*.sock"))):
            time.sleep(0.01)
        pauses, seconds, walks = [], [], []
        # In a look of its own: to be watched costs the copy more than all it does.
        watch = Memory(program.pid)
        take_look(paths[0])
        memory = watch.end()
        for _ in range(arguments.times):
            ask(program)
            before = seconds_of_children(program.pid)
            page = take_look(paths[0])
            seconds.append(seconds_of_children(program.pid) - before)
            pauses.append(ask(program) / 1000)
            walks.append(ask(program, "walk"))
            if "error" in page:
                raise SystemExit(f"no look: {page['error']}")
    finally:
        program.kill()
        program.wait()
    blocks = page["live_blocks"]
    print(f"| {arguments.mib} MiB, {blocks / 1e6:.1f} M blocks, {kind}, {backend} | {statistics.median(pauses):.0f} ms | {min(seconds):.2f} s, "
          f"{min(seconds) / blocks * 1e6:.3f} µs a block | {min(walks) / blocks:.3f} µs a block | {memory / 1024:.0f} MiB |", flush=True)


def ask(program, what=""):
    """Microseconds: of the longest pause since it was asked last, or of a walk."""
    program.stdin.write(what + "\n")
    program.stdin.flush()
    return int(program.stdout.readline())


def measure_exit(arguments, directory, backend):
    """Of /bin/true: with the look and without, the difference of the least."""
    least = {}
    for way in ("off", "exit"):
        env = {"LD_PRELOAD": str(directory / "libheapmeter.so"), "HEAPMETER_DIR": str(directory / "s"),
               "HEAPMETER_BACKEND": backend, "HEAPMETER_REPORT": str(directory / "r"), "HEAPMETER_LEAKS": way}
        times = []
        for _ in range(arguments.times * 10):
            began = time.monotonic()
            subprocess.run(["/bin/true"], env=env, check=True)
            times.append(time.monotonic() - began)
        least[way] = min(times)
    print(f"| /bin/true, its look at exit, {backend} | | {(least['exit'] - least['off']) * 1000:.1f} ms | | |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    print("| heap | longest pause | CPU time of the copy | of a bare walk | memory of the copy's own |\n| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "libheapmeter.so").symlink_to(arguments.build.resolve() / "shim/libheapmeter.so")
        for backend in ("mimalloc", "next"):
            for kind in ("order", "random"):
                measure(arguments, directory, backend, kind)
            measure_exit(arguments, directory, backend)


if __name__ == "__main__":
    main()
