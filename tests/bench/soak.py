#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A long life: programs of random, reproducible behaviour under the meter, with readers that come and go.

    soak.py --build BUILD [--minutes 60] [--rounds N] [--steps 40] [--seed FIRST] [--at-once 2] [--look-every SECONDS]

Each round is one program (tests/preload/programs/soak.cpp) with a seed of its own; it compares the meter's books with its
own tallies to the byte. Meanwhile readers take snapshots, ask for nonsense, hang up in the middle, or do not read on, and one
looks for lost blocks every minute; every answer they get must make sense. Backends take turns. Ends after the minutes or the rounds, whichever is first, or at the
first failure, with the command that repeats it. Exit code 0 only when at least one round ended and all ended well."""
import argparse
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROUND_DEADLINE_S = 600
LOOK = b"POST /v1/leaks HTTP/1.1\r\nHost: x\r\nHeapmeter: 1\r\n\r\n"


def ask(path, request, patience=5.0, read=True):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(patience)
        client.connect(str(path))
        client.sendall(request)
        answer = b""
        while read and (part := client.recv(65536)):
            answer += part
        return answer


def nonsense(snapshot):
    """What a snapshot says that cannot be, or None."""
    if snapshot["live_bytes"] != snapshot["allocated_bytes"] - snapshot["freed_bytes"]:
        return "live_bytes is not allocated_bytes - freed_bytes"
    if snapshot["live_blocks"] != snapshot["allocations"] - snapshot["frees"]:
        return "live_blocks is not allocations - frees"
    if not 0 <= snapshot["live_bytes"] <= snapshot["peak_bytes"] + snapshot["peak_error_bytes"]:
        return "live_bytes is negative or above the peak"
    return None


class Readers:
    """Threads that read whatever has a socket in the directory, until told to stop."""

    def __init__(self, directory, seed, look_every, count=4):
        self.directory, self.stopped, self.faults = directory, threading.Event(), []
        self.snapshots = self.looks = self.others = self.gone = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.read, args=(random.Random(seed + i),)) for i in range(count)]
        self.threads.append(threading.Thread(target=self.look, args=(random.Random(seed), look_every)))
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def read(self, draw):
        while not self.stopped.wait(draw.random() * 0.02):
            paths = [path for path in self.directory.glob("*.sock") if alive(path)]
            if not paths:
                continue
            path = draw.choice(paths)
            try:
                self.visit(path, draw)
            except (ConnectionError, FileNotFoundError):
                with self.lock:
                    self.gone += 1  # it ended, or goes just now
            except TimeoutError:
                if path.exists() and alive(path):
                    with self.lock:
                        self.faults.append(f"{path.name} does not answer")

    def look(self, draw, every):
        """Every so often at one of them; it may be about to end, in a sandbox, or short of what a look takes."""
        while not self.stopped.wait(every):
            paths = [path for path in self.directory.glob("*.sock") if alive(path)]
            if not paths:
                continue
            path = draw.choice(paths)
            try:
                answer = ask(path, LOOK, patience=100)
            except (ConnectionError, FileNotFoundError, TimeoutError):
                continue
            if not answer.startswith(b"HTTP/1.1 200 "):
                continue
            page = json.loads(answer.split(b"\r\n\r\n", 1)[1])
            with self.lock:
                self.looks += 1
                if page["lost_bytes"] + page["perhaps_in_registers_bytes"] > page["live_bytes"]:
                    self.faults.append(f"{path.name}: more lost than live: {page}")

    def visit(self, path, draw):
        way = draw.randrange(8)
        if way == 0:
            ask(path, b"GET /v1/sna", read=False)
        elif way == 1:
            ask(path, bytes(draw.randrange(256) for _ in range(draw.randrange(1, 3000))) + b"\r\n\r\n", patience=20)
        elif way == 2:
            ask(path, b"GET /v1/" + draw.choice([b"sizes", b"threads"]) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        elif way == 3:
            ask(path, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", read=False)
        else:
            self.take_snapshot(path)
            return
        with self.lock:
            self.others += 1

    def take_snapshot(self, path):
        answer = ask(path, b"GET /v1/snapshot HTTP/1.1\r\nHost: x\r\n\r\n", patience=20)
        if not answer:
            raise ConnectionResetError
        snapshot = json.loads(answer.split(b"\r\n\r\n", 1)[1])
        with self.lock:
            self.snapshots += 1
            wrong = nonsense(snapshot)
            if wrong:
                self.faults.append(f"{path.name}: {wrong}: {snapshot}")


def alive(path):
    try:
        status = pathlib.Path(f"/proc/{path.name.split('-')[0]}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "TtZX"


class Round:
    def __init__(self, seed, arguments, directory):
        build = arguments.build.resolve()
        self.backend = ("mimalloc", "next")[seed % 2]
        self.seed, self.started = seed, time.monotonic()
        self.settings = {"LD_PRELOAD": str(build / "shim/libheapmeter.so"), "HEAPMETER_BACKEND": self.backend}
        self.command = [str(build / "tests/preload/soak"), str(seed), str(arguments.steps),
                        str(build / "tests/preload/libwords_plugin.so")]
        self.output = tempfile.TemporaryFile()
        self.program = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
                                        env={**os.environ, **self.settings, "HEAPMETER_DIR": str(directory),
                                             "LD_PRELOAD": str(directory / "libheapmeter.so")},
                                        start_new_session=True)

    def fault(self):
        """None while it runs, "" when it ended well, else what went wrong."""
        code = self.program.poll()
        if code is None:
            if time.monotonic() - self.started < ROUND_DEADLINE_S:
                return None
            self.kill()
            return f"hung for {ROUND_DEADLINE_S} s" + self.said()
        return "" if code == 0 else f"ended with {code}" + self.said()

    def said(self):
        self.output.seek(0)
        return ":\n" + self.output.read().decode(errors="replace")[-2000:]

    def repeat(self):
        return " ".join(f"{name}={value}" for name, value in self.settings.items()) + " " + " ".join(self.command)

    def kill(self):
        if self.program.poll() is None:
            os.killpg(self.program.pid, 9)
            self.program.wait()


def progress(text, last=False):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\n" if last else "", file=sys.stderr, flush=True)


def soak(arguments, directory):
    # By a name without a blank, for LD_PRELOAD.
    (directory / "libheapmeter.so").symlink_to(arguments.build.resolve() / "shim/libheapmeter.so")
    readers = Readers(directory, arguments.seed, arguments.look_every)
    running, ended, faults, seed = [], 0, [], arguments.seed
    end = time.monotonic() + arguments.minutes * 60
    try:
        while running or (seed < arguments.seed + arguments.rounds and time.monotonic() < end):
            while (len(running) < arguments.at_once and not faults and seed < arguments.seed + arguments.rounds
                   and time.monotonic() < end):
                running.append(Round(seed, arguments, directory))
                seed += 1
            time.sleep(0.05)
            for one in list(running):
                fault = one.fault()
                if fault is None:
                    continue
                running.remove(one)
                ended += 1
                if fault:
                    faults.append(f"seed {one.seed} on {one.backend} {fault}\nrepeat: {one.repeat()}")
            progress(f"{ended} rounds ended, {readers.snapshots} snapshots, {max(0, end - time.monotonic()):.0f} s left")
            if faults:
                break
    finally:
        for one in running:
            one.kill()
        readers.stop()
    faults += readers.faults
    progress("", last=True)
    print(f"{ended} rounds of {arguments.steps} steps, {readers.snapshots} snapshots, {readers.looks} looks, {readers.others} other requests, "
          f"{readers.gone} readers found the process gone")
    for fault in faults:
        print(f"FAILED: {fault}")
    return 0 if ended > 0 and readers.snapshots > 0 and readers.looks > 0 and not faults else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--look-every", type=float, default=60)
    parser.add_argument("--at-once", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o700)
        raise SystemExit(soak(arguments, pathlib.Path(directory)))


if __name__ == "__main__":
    main()
