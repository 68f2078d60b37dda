#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every command the README shows, from the top of the tree, and compares what it shows as their output with what they
print. Each block fenced as sh must end well; a block fenced as text right after shows its output, in which only figures may
differ. Each block fenced as cpp is a GoogleTest: it must compile, pass metered, print what its comment says, and fail where
what it calls loses blocks. A line … there stands for lines left out, and then the order is free. What is
right but not there yet on a busy machine is asked for again.

    readme_test.py SOURCE_ROOT BUILD_ROOT README [--update]    --update: the README shows the output of today
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

# As many times as long as programs run for each processor.
DEADLINE_S = 120 * min(10, max(1, os.getloadavg()[0] / os.cpu_count()))
LINES = 200
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])|[\r\x0e\x0f]")
FIGURE = re.compile(r"(?<![A-Za-z\d])[+-]?\d[\d,.]*(?:( ?[KMGT]?i?B\b)|([kMG]\b)|( (?:[mnµu]?s|min|h|d)\b)|((?:[dhm] \d+[hms])+))?"
                    r"|(?<= )-(?= |$)")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = """#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>
#include <unistd.h>
#include <gtest/gtest.h>
#include <heapmeter/heapmeter.hpp>
__attribute__((noinline)) int sum_of_squares(int count) {
  std::vector<int> squares(count);
  const char *const loses = getenv("LOSES");
  for (int lost = loses == nullptr ? 0 : atoi(loses); lost > 0; --lost) squares[lost] = *new volatile int(lost);
  return squares[0];
}
// Whose registers may hold all of a few blocks that are lost.
const bool sleeps = getenv("SLEEPS") != nullptr && (std::thread(pause).detach(), true);
%s"""
PASSES_AND_FAILS = """g++ -std=c++20 -Wall -Werror -I shim/include block.cpp -o block -lgtest_main -lgtest -lpthread
export LD_PRELOAD=$PWD/build/shim/libheapmeter.so
./block --gtest_brief=1
if LOSES=100 ./block > lost; then echo 'it does not see what is lost'; exit 1; fi
grep -q 'bytes lost' lost
if SLEEPS=1 LOSES=5 ./block > lost; then echo 'it does not see what is lost beside a sleeping thread'; exit 1; fi
grep -q 'bytes lost' lost
SLEEPS=1 ./block --gtest_brief=1
"""


def shape(line):
    """What must not change: words, not figures, bars and the width of columns."""
    return " ".join(re.sub("[▏▎▍▌▋▊▉█]", "", FIGURE.sub("#", line)).split())


def lines_of(text):
    return [line for line in text.splitlines() if line.strip()]


def differences(shown, printed):
    """Shapes of lines shown and not printed; and where nothing is left out, of those printed and not shown."""
    left = [shape(line) for line in lines_of(printed)]
    faults = []
    for line in lines_of(shown):
        if line.strip() == "…":
            continue
        if shape(line) in left:
            left.remove(shape(line))
        else:
            faults.append(f"shown and not printed: {shape(line)}")
    return faults + [f"printed and not shown: {line}" for line in left if "…" not in lines_of(shown)]


def updated(shown, printed):
    if "…" not in lines_of(shown):
        return "\n".join(line.rstrip() for line in printed.splitlines()) + "\n"
    left, result = lines_of(printed), []
    for line in shown.splitlines():
        found = next((other for other in left if shape(other) == shape(line)), None)
        if found is not None:
            left.remove(found)
        result.append(line if found is None else found.rstrip())
    return "\n".join(result) + "\n"


def tree_with_build(source, build, directory):
    """The source tree with this build as its build/, whatever the build directory's real name."""
    top = pathlib.Path(directory)
    for entry in source.iterdir():
        if not entry.name.startswith((".", "build")):
            (top / entry.name).symlink_to(entry)
    (top / "build").symlink_to(build)
    return top


class Tree:
    def __init__(self, top):
        self.top = top
        (top / "sockets").mkdir(mode=0o700)
        # The library by a name that LD_PRELOAD can have, whatever the build's own is.
        self.environment = {**os.environ, "COLUMNS": "", "HEAPMETER_DIR": str(top / "sockets"), "XDG_STATE_HOME": str(top / "state"),
                            "HEAPMETER_LIBRARY": str(top / "build/shim/libheapmeter.so"), "LC_ALL": "C.UTF-8", "TERM": "xterm",
                            "TMPDIR": str(top)}
        self.terminals = []  # their programs may outlive the block

    def run(self, kind, block):
        """(exit code, output)"""
        if kind == "cpp":
            (self.top / "block.cpp").write_text(PROGRAM % block)
            block = PASSES_AND_FAILS
        if re.search(r"heapmeter top$", block, re.MULTILINE):
            return self.run_in_terminal(block)
        # Jobs a block leaves in the background end by themselves; their output must not hold the test up.
        with tempfile.TemporaryFile() as output:
            code = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=self.top, env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=DEADLINE_S * 3,
                                  check=False).returncode
            output.seek(0)
            return code, output.read().decode(errors="replace")

    def run_in_terminal(self, block):
        """What is full-screen is left by its key, once it shows what the next command asks for."""
        master, slave = pty.openpty()
        self.terminals.append((master, slave))
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        process = subprocess.Popen(["bash", "-euo", "pipefail", "-c", block], cwd=self.top, env=self.environment, stdin=slave,
                                   stdout=slave, stderr=slave)
        output, deadline, asked = b"", time.monotonic() + DEADLINE_S, False
        while process.poll() is None or select.select([master], [], [], 0.2)[0]:
            if select.select([master], [], [], 0.2)[0]:
                output += os.read(master, 65536)
            if not asked and b"checkout" in output:
                asked = os.write(master, b"q") == 1
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                return "no end", output.decode(errors="replace")
        return process.returncode, ESCAPES.sub("", output.decode(errors="replace"))

    def end_what_is_metered(self):
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            listed = subprocess.run([self.top / "build/tools/heapmeter", "ps", "--json"], env=self.environment,
                                    capture_output=True, check=True)
            ours = str(self.top / "sockets")
            processes = [process for process in json.loads(listed.stdout) if process["socket"].startswith(ours)]
            if not processes:
                return
            for process in processes:
                try:
                    os.kill(process["pid"], signal.SIGTERM)
                except ProcessLookupError:
                    pass  # it has just ended by itself
            time.sleep(0.1)
        raise SystemExit(f"still there: {[process['name'] for process in processes]}")


def run_until_right(tree, kind, block, shown):
    """(faults, output)"""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        code, output = tree.run(kind, block)
        faults = [f"ended with {code}"] * (code != 0)
        if kind == "cpp":
            faults += [f"prints {output.strip()}, not {shown}"] * (shown not in output.splitlines())
        elif shown is not None:
            faults += differences(shown, output)
        if not faults or time.monotonic() > deadline or "&\n" in block and code == 0:
            return faults, output
        if "&\n" in block:
            tree.end_what_is_metered()  # what it started, for it starts it again
        time.sleep(1)


def means(published, title):
    """Of the first table below the title: the last geometric mean by the name of its column."""
    section = published[published.index(title):]
    names = re.search(r"^\|.* glibc \|(.*)\|$", section, re.MULTILINE)[1].split("|")
    values = re.search(r"^\| geometric mean \|[^|]*\|(.*)\|$", section, re.MULTILINE)[1].split("|")
    return {name.strip(): value.strip() for name, value in zip(names, values)}


def costs(source, text):
    """The comparison's means that it does not quote as they are published."""
    published = (source / "tests/bench/README.md").read_text()
    time, memory = means(published, "| Real programs |"), means(published, "Peak resident memory")
    sentence = (f"takes {time['heapmeter']} of the CPU time and {memory['heapmeter']} of the memory, "
                f"heaptrack {time['heaptrack']} and {memory['heaptrack']}")
    return [] if sentence in " ".join(text.split()) else [f"it does not say: {sentence}"]


def main():
    source, build, readme = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    text = readme.read_text()
    faults = costs(source, text)
    if len(text.splitlines()) > LINES:
        faults.append(f"{len(text.splitlines())} lines are more than {LINES}")
    blocks = list(FENCE.finditer(text))
    if not any(block[1] == "sh" for block in blocks):
        raise SystemExit(f"{readme}: no command to run; is a fence missing?")
    with tempfile.TemporaryDirectory() as directory:
        tree = Tree(tree_with_build(source, build, directory))
        try:
            for block, after in zip(blocks, blocks[1:] + [None]):
                if block[1] not in ("sh", "cpp"):
                    continue
                shown = after[2] if after is not None and after[1] == "text" else None
                if block[1] == "cpp":
                    shown = re.search(r"// prints (.*)", block[2])[1]
                print(f"--- {block[2].strip()}", flush=True)
                found, output = run_until_right(tree, block[1], block[2], shown)
                print(output, *found, sep="\n", flush=True)
                faults += found
                if shown is not None and block[1] == "sh":
                    text = text.replace(shown, updated(shown, output))
            faults += [f"nothing prints what is shown: {block[2]}" for before, block in zip([None] + blocks, blocks)
                       if block[1] == "text" and (before is None or before[1] != "sh")]
        finally:
            tree.end_what_is_metered()
    if sys.argv[4:] == ["--update"]:
        readme.write_text(text)
    raise SystemExit("\n".join(["", f"{readme.name}:"] + faults) if faults else 0)


if __name__ == "__main__":
    main()
