#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ends a program, or the copy of it that is looked at, at any moment of a look, again and again.

    kills.py --build BUILD [--times 200] [--backend mimalloc|next]

Three ways in turns: SIGKILL to the program, SIGINT to its process group, SIGKILL to the copy. When the program ends, so does
the copy, and whoever asked is not left to wait; when the copy ends, the program goes on, whoever asked is told, and the next
look is as good as any. Exit code 0 only when all that held every time, and most kills came in the middle of a look."""
import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE_S = 30


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.001)


def living(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            pass  # the thread, or the process, has gone
    return found


def ask_for_look(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(path))
        with contextlib.suppress(BrokenPipeError):  # it may have answered before
            client.sendall(b"POST /v1/leaks HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n")
        answer = b""
        while part := client.recv(1 << 20):
            answer += part
    return answer


def take_look(path):
    """The answer, or None where the program ended before there was one. On a busy machine this one may have no turn for
    longer than the service waits for a request: then it is asked anew."""
    end = time.monotonic() + PATIENCE_S
    try:
        while (answer := ask_for_look(path)).startswith(b"HTTP/1.1 408 ") and time.monotonic() < end:
            pass
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])
    except (ConnectionError, FileNotFoundError, IndexError, ValueError):
        return None


class Program:
    def __init__(self, arguments, directory):
        build = arguments.build.resolve()
        self.process = subprocess.Popen(
            [build / "tests/preload/holder", "20000", "1000"], stdout=subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's job in the background ignores it
            env={"LD_PRELOAD": str(directory / "libheapmeter.so"), "HEAPMETER_DIR": str(directory / "s"),
                 "HEAPMETER_BACKEND": arguments.backend})
        self.process.stdout.readline()
        pattern = f"{self.process.pid}-*.sock"
        until(lambda: list((directory / "s").glob(pattern)), "its socket")
        self.path = next((directory / "s").glob(pattern))

    def look(self):
        """In a thread of its own; the answer is put into a list."""
        answers = []
        asking = threading.Thread(target=lambda: answers.append(take_look(self.path)))
        asking.start()
        return asking, answers

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def pass_time(program, asking, moment, amid):
    """From when it was asked for; `amid`, from when there is a copy: on a busy machine that may be long after."""
    if amid:
        until(lambda: children(program.process.pid) or not asking.is_alive(), "a copy, or an answer without one")
        moment /= 4  # well within its life
    time.sleep(moment)


def end_program(program, number, moment, amid):
    asking, _ = program.look()
    pass_time(program, asking, moment, amid)
    copies = children(program.process.pid)
    os.killpg(program.process.pid, number) if number == signal.SIGINT else os.kill(program.process.pid, number)
    assert program.process.wait(PATIENCE_S) == -number, "ended otherwise"
    until(lambda: not any(map(living, copies)), "the end of the copy")
    asking.join(PATIENCE_S)
    assert not asking.is_alive(), "whoever asked still waits"
    return bool(copies)


def end_copy(program, moment, amid):
    asking, answers = program.look()
    pass_time(program, asking, moment, amid)
    copies = children(program.process.pid)
    for copy in copies:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(copy, signal.SIGKILL)
    asking.join(PATIENCE_S)
    assert not asking.is_alive(), "whoever asked still waits"
    assert answers[0] is not None, "no answer"
    assert "error" not in answers[0] or answers[0]["error"] == "the look did not come to an end", answers[0]["error"]
    again = take_look(program.path)
    assert again and "error" not in again, f"the next look: {again}"
    assert program.process.poll() is None, "the program ended"
    assert not children(program.process.pid), "a copy stays"
    return bool(copies)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--backend", default="mimalloc", choices=("mimalloc", "next"))
    parser.add_argument("--times", type=int, default=200)
    arguments = parser.parse_args()
    draw, caught = random.Random(1), collections.Counter()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "libheapmeter.so").symlink_to(arguments.build.resolve() / "shim/libheapmeter.so")
        for one in range(arguments.times):
            for way in ("SIGKILL", "SIGINT", "copy"):
                program = Program(arguments, directory)
                try:
                    moment = draw.random() * 0.02
                    amid = one % 2 == 1
                    if way == "copy":
                        caught[way] += end_copy(program, moment, amid)
                    else:
                        caught[way] += end_program(program, getattr(signal, way), moment, amid)
                finally:
                    program.end()
    print(f"{arguments.times} times each on {arguments.backend}; in the middle of a look: "
          + ", ".join(f"{way} {times}" for way, times in caught.items()))
    raise SystemExit(0 if all(caught[way] > arguments.times / 4 for way in ("SIGKILL", "SIGINT", "copy")) else 1)


if __name__ == "__main__":
    main()
