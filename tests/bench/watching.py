#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What heapmeter top costs and how soon it answers a key, with many metered processes: its own CPU as a share of one core,
and the time from a key to the first of the picture that answers it.

    watching.py --tool TOOL --library LIB --program PROGRAM [--processes 200] [--seconds 15]
"""
import argparse
import fcntl
import os
import pathlib
import pty
import select
import statistics
import struct
import subprocess
import tempfile
import termios
import time

ROWS, COLUMNS = 50, 160


class Terminal:
    """Where top is looked at: whatever it draws is read at once."""

    def __init__(self, command, environment):
        self.fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
                                        start_new_session=True)
        os.close(theirs)

    def drawn_within(self, seconds):
        """How many bytes came, and when the first did."""
        end, first, count = time.monotonic() + seconds, None, 0
        while (left := end - time.monotonic()) > 0 and select.select([self.fd], [], [], left)[0]:
            count += len(os.read(self.fd, 65536))
            first = first or time.monotonic()
        return count, first

    def answers(self, key):
        self.drawn_within(0.05)
        start = time.monotonic()
        os.write(self.fd, key)
        _, first = self.drawn_within(0.3)
        return (first or float("inf")) - start


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--processes", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    processes, terminal = [], None
    with tempfile.TemporaryDirectory() as directory:
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HEAPMETER_DIR": directory}
        metered = {**environment, "LD_PRELOAD": os.path.abspath(arguments.library)}
        try:
            for _ in range(arguments.processes):
                processes.append(subprocess.Popen([arguments.program, "1", "1000000"], env=metered, stdin=subprocess.PIPE,
                                                  stdout=subprocess.DEVNULL))
            deadline = time.monotonic() + 120
            while len(list(pathlib.Path(directory).glob("*.sock"))) < len(processes):
                if time.monotonic() > deadline:
                    raise SystemExit("watching.py: not all processes have sockets after 120 s")
                time.sleep(0.1)
            terminal = Terminal([arguments.tool, "top"], environment)
            terminal.drawn_within(3)
            before, start = cpu_seconds(terminal.process.pid), time.monotonic()
            drawn, _ = terminal.drawn_within(arguments.seconds)
            share = (cpu_seconds(terminal.process.pid) - before) / (time.monotonic() - start)
            answers = sorted(terminal.answers(key) for key in [b"b"] * 40)
            os.write(terminal.fd, b"q")
            code = terminal.process.wait(timeout=10)
        finally:
            for process in processes + ([terminal.process] if terminal else []):
                process.kill()
                process.wait()
    assert code == 0, code
    print(f"top, {arguments.processes} processes, a round a second, {COLUMNS}x{ROWS}: {share:.1%} of a core, "
          f"{drawn / arguments.seconds / 1024:.1f} KiB drawn a second")
    print(f"a key is answered after {statistics.median(answers) * 1e3:.1f} ms, median; {answers[-1] * 1e3:.0f} ms at most")


if __name__ == "__main__":
    main()
