#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Are blocks that looks called lost freed later? Counted in real programs under load (loads.py).

    false_alarms.py --build BUILD [--backend mimalloc|next] [--looks 20] [--apart SECONDS] [--test] [PROGRAM…]

Each program runs with a library in front of the meter (tests/preload/programs/watched_frees.c) that knows what was called
lost, as the tool calls it: in two looks of a process one after the other, at the same place, with the same size and
contents, and in no register's doubt. Whatever of that is freed or resized is a false alarm. Exit code 0 only when every
program was looked at as often as asked, and there was none."""
import argparse
import collections
import contextlib
import json
import mmap
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from loads import AS_NOBODY, LOADS, OF_THE_TEST
from loads_languages import LANGUAGES

NOBODY = 65534
# The layout of watched_frees.c.
LOST, RECENT, ALARMS = 1 << 20, 1 << 18, 64
ALARM_AT = 3 * 8
LOST_AT = ALARM_AT + ALARMS * 8
RECENT_AT = LOST_AT + LOST * 8
BYTES = RECENT_AT + RECENT * 16
MASK = (1 << 64) - 1
PATIENCE_S = 120


def hashed(address):
    return ((address >> 4) * 0x9E3779B97F4A7C15) & MASK


class Watched:
    """The file that a process keeps of its frees."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), BYTES)
        self.called_lost = {}

    def word(self, at):
        return struct.unpack_from("<Q", self.memory, at)[0]

    def put(self, at, value):
        struct.pack_into("<Q", self.memory, at, value)

    def next_phase(self):
        self.put(0, self.word(0) + 1)
        return self.word(0)

    def call_lost(self, blocks, phase):
        """From now on; those that were freed since the phase began are alarms at once."""
        alarms = []
        for block in blocks:
            address, inverted = block["address"], ~block["address"] & MASK
            if address in self.called_lost:
                continue
            self.called_lost[address] = block
            slot = hashed(address) >> 44
            while self.word(LOST_AT + slot * 8):
                slot = (slot + 1) % LOST
            self.put(LOST_AT + slot * 8, inverted)
            recent = RECENT_AT + (hashed(address) >> 46) * 16
            if self.word(recent) == inverted and self.word(recent + 8) >= phase:
                alarms.append(address)
        return alarms

    def frees(self):
        return self.word(8)

    def alarms(self):
        return [~self.word(ALARM_AT + i * 8) & MASK for i in range(min(ALARMS, self.word(16)))]


def take_look(path):
    """The page, or why there is none."""
    request = b"POST /v1/leaks HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(path))
        client.sendall(request)
        answer = b""
        while part := client.recv(1 << 20):
            answer += part
    page = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    return page, page.get("error")


def blocks_of(page):
    return [dict(zip(page["block_columns"], row)) for row in page["blocks"]]


def identity(block):
    return block["address"], block["bytes"], block["contents"]


class Subject:
    """A process that is looked at."""

    def __init__(self, path, watched):
        self.path, self.watched = path, watched
        self.previous, self.looked_at = None, 0.0
        self.looks = self.once = 0
        self.void = collections.Counter()  # looks, by why
        self.seconds, self.tries = [], []
        self.alarms = set()

    def look(self):
        """Whether there was one."""
        phase = self.watched.next_phase()
        began = time.monotonic()
        try:
            page, error = take_look(self.path)
        except TimeoutError:
            error = f"no answer in {PATIENCE_S} s"
        except (OSError, ValueError, IndexError):
            return False  # it ended
        self.looked_at = time.monotonic()
        if error:
            self.void[error] += 1
            print(f"  {self.path.name}: {error}", file=sys.stderr)
            return False
        self.looks += 1
        self.seconds.append(self.looked_at - began)
        self.tries.append(page["tries"])
        blocks = blocks_of(page)
        if self.previous is not None:
            both = [block for block in blocks if identity(block) in self.previous]
            self.once += len(self.previous) - len(both)
            self.alarms |= set(self.watched.call_lost([b for b in both if not b["perhaps"]], phase))
        self.previous = {identity(block) for block in blocks}
        return True

    def all_alarms(self):
        return self.alarms | set(self.watched.alarms())


class Run:
    """A program under load, and what was found in it."""

    def __init__(self, name, build, backend):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="heapmeter-looks-"))
        self.sockets, self.watched = self.directory / "s", self.directory / "w"
        # By names without blanks, where every user may read them.
        libraries = [self.directory / "libwatched_frees.so", self.directory / "libheapmeter.so"]
        shutil.copy(build / "tests/preload/libwatched_frees.so", libraries[0])
        shutil.copy(build / "shim/libheapmeter.so", libraries[1])
        work = self.directory / "work"
        for path, mode in ((self.directory, 0o755), (self.sockets, 0o700), (self.watched, 0o777), (work, 0o700)):
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        user = NOBODY if name in AS_NOBODY and os.geteuid() == 0 else None
        if user is not None:
            os.chown(self.sockets, user, user)
            os.chown(work, user, user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {"LD_PRELOAD": ":".join(map(str, libraries)), "HEAPMETER_DIR": self.sockets,
                    "HEAPMETER_BACKEND": backend, "WATCHED_FREES": self.watched}
        metered = "env " + " ".join(f"{key}={value}" for key, value in settings.items())
        self.output = open(self.directory / "output", "w+b")
        self.process = subprocess.Popen(
            ["bash", "--norc", "-c", (LOADS | LANGUAGES | OF_THE_TEST)[name]], cwd=work, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output, start_new_session=True, user=user, group=user, extra_groups=[] if user else None,
            env={"PATH": os.environ["PATH"], "HOME": str(work), "PORT": str(port), "BUILD": str(build), "METERED": metered})
        self.subjects = {}

    def due(self, apart):
        """Whoever was looked at longest ago, if that is long enough."""
        self.sweep()
        living = []
        for path in self.sockets.glob("*.sock"):
            watched = self.watched / path.name.split("-")[0]
            with contextlib.suppress(FileNotFoundError, ValueError):  # it ended
                # A program that was executed in its place has another file.
                who = path, watched.stat().st_ino
                if who not in self.subjects:
                    self.subjects[who] = Subject(path, Watched(watched))
                living.append(self.subjects[who])
        oldest = min(living, key=lambda subject: subject.looked_at, default=None)
        return oldest if oldest and time.monotonic() - oldest.looked_at >= apart else None

    def sweep(self):
        """What those keep who have ended: a script starts thousands."""
        for path in self.watched.iterdir():
            if not pathlib.Path("/proc", path.name.split(".")[0]).exists():
                path.unlink(missing_ok=True)

    def looks(self):
        return sum(subject.looks for subject in self.subjects.values())

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self):
        self.output.seek(0)
        return self.output.read().decode(errors="replace")[-2000:]

    def report(self, wanted):
        subjects = self.subjects.values()
        lost = [block for subject in subjects for block in subject.watched.called_lost.values()]
        alarms = [subject.watched.called_lost.get(address, {"address": address})
                  for subject in subjects for address in subject.all_alarms()]
        frees = sum(subject.watched.frees() for subject in subjects)
        once = sum(subject.once for subject in subjects)
        print(f"{self.name:12} {self.looks():4} looks of {len(self.subjects):3} processes, {frees:12,} frees; {once:6,} blocks "
              f"in one look only; called lost {len(lost):6,} blocks, {sum(block['bytes'] for block in lost):10,} bytes; freed "
              f"later {len(alarms)}", flush=True)
        seconds = sorted(second for subject in subjects for second in subject.seconds)
        if seconds:
            tries = max(most for subject in subjects for most in subject.tries)
            print(f"  a look took {seconds[len(seconds) // 2]:.2f} s (median), {seconds[-1]:.2f} at most; {tries} copies at most")
        for reason, count in sum((subject.void for subject in subjects), collections.Counter()).most_common():
            print(f"  void: {count:4}: {reason}")
        for block in alarms[:10]:
            print(f"  FALSE: {block}")
        enough = self.looks() >= wanted and frees > 0
        if not enough:
            print(f"  FAILED: of {wanted} looks there were {self.looks()} by its end or the deadline (--deadline), {frees:,} frees; "
                  f"the program says {self.said()}")
        return len(alarms) if enough else None


def count(name, arguments):
    """How many false alarms; None where it was looked at too seldom."""
    run = Run(name, arguments.build.resolve(), arguments.backend)
    deadline = time.monotonic() + arguments.deadline
    try:
        while run.looks() < arguments.looks and time.monotonic() < deadline and run.process.poll() is None:
            subject = run.due(arguments.apart)
            if subject is None or not subject.look():
                time.sleep(0.1)
        time.sleep(arguments.apart)  # for the last to be freed
        return run.report(arguments.looks)
    finally:
        run.end()
        shutil.rmtree(run.directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--backend", default="mimalloc", choices=("mimalloc", "next"))
    parser.add_argument("--looks", type=int, default=20)
    parser.add_argument("--apart", type=float, default=2)
    parser.add_argument("--deadline", type=float, default=400, help="for each program, in seconds")
    parser.add_argument("--test", action="store_true", help="of the counting itself: none where blocks are passed from thread "
                        "to thread by one pointer each, some where pointers are encoded for a while")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM",
                        help="all but the last eight when not given: " + ", ".join(LOADS | LANGUAGES))
    arguments = parser.parse_args()
    if arguments.test:
        none, some = count("passes on", arguments), count("hides", arguments)
        raise SystemExit(0 if none == 0 and some else 1)
    counts = [count(name, arguments) for name in arguments.programs or LOADS]
    raise SystemExit(0 if not any(count != 0 for count in counts) else 1)


if __name__ == "__main__":
    main()
