# SPDX-License-Identifier: MIT
"""One run of a program under the meter, heaptrack and DHAT each: the stacks of its allocations, outermost first, each frame
the file of its code and the last byte of the call there. Environment, arguments and end are the same in all three."""
import bisect
import collections
import functools
import glob
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time

build = None
HEAPTRACK = "/usr/lib/heaptrack/libheaptrack_preload.so"
DEADLINE = 240
Page = collections.namedtuple("Page", "sites reallocations cut_short")


def missing():
    if not os.path.exists(HEAPTRACK):
        return "heaptrack is not installed"
    return None if shutil.which("valgrind") else "valgrind is not installed"


def real(path):
    return os.path.realpath(path)


def preloads(*between):
    tests = build / "tests" / "preload"
    return ":".join(map(str, [tests / "libwaits_at_exit.so", *between, tests / "libsame_environment.so"]))


def run(command, directory, preload, variables, before=(), at_end=lambda: None):
    """The program's output; at_end is called when it has done all that it does."""
    gate = directory / "gate"
    gate.unlink(missing_ok=True)
    os.mkfifo(gate)
    environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": preload, "SAME_ENVIRONMENT_FOR": command[0], "WAITS_AT_EXIT": str(gate),
                   "ROOM1": "", "ROOM2": "", "ROOM3": "", "ROOM4": ""} | variables
    process = subprocess.Popen([*before, *command], env=environment, cwd=directory, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        open_gate(process, gate, at_end)
        said, complained = process.communicate(timeout=DEADLINE)
    except BaseException:
        process.kill()
        raise
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}: {complained.decode()[-500:]}")
    return said


def open_gate(process, gate, at_end):
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            writer = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:  # nobody waits yet
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"it never came to its end: {process.communicate()}")
            time.sleep(0.01)
    at_end()
    os.close(writer)


# The meter.

def get(path, page):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(f"GET {page} HTTP/1.1\r\nHost: heapmeter\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def meter(command, directory):
    sockets = directory / "sockets"
    sockets.mkdir(mode=0o700)
    pages = []

    def read():
        pattern, deadline = f"{sockets}/*.sock", time.monotonic() + DEADLINE
        while not glob.glob(pattern):  # a short program ends before it is served
            if time.monotonic() > deadline:
                raise SystemExit("it is not served")
            time.sleep(0.01)
        path = glob.glob(pattern)[0]
        pages.extend([get(path, "/v1/sites"), get(path, "/v1/snapshot")])

    run(command, directory, preloads(build / "shim" / "libheapmeter.so"),
        {"HEAPMETER_SAMPLE": "every", "HEAPMETER_BACKEND": "next", "HEAPMETER_DIR": str(sockets)}, at_end=read)
    page, snapshot = pages
    paths = [real(module["path"]) for module in page["modules"]]
    stacks = [()]
    for parent, module, offset in page["nodes"]:
        stacks.append((*stacks[parent], (paths[module] if module >= 0 else str(module), offset - 1)))
    columns = [page["site_columns"].index(name) for name in ("leaf", "allocations", "allocated_bytes")]
    sites = [(stacks[site[columns[0]]], site[columns[1]], site[columns[2]]) for site in page["sites"]]
    return Page(sites, snapshot["reallocations"], page["cut_short"])


# Heaptrack.

class Modules:
    """Whose code lies at an address."""

    def __init__(self):
        self.starts, self.modules = [], []

    def add(self, path, bias, start, end):
        at = bisect.bisect(self.starts, start)
        self.starts.insert(at, start)
        self.modules.insert(at, (end, path, bias))

    def frame(self, address):
        at = bisect.bisect(self.starts, address) - 1
        end, path, bias = self.modules[at] if at >= 0 else (0, "?", 0)
        return (path, address - bias) if address < end else ("?", address)


def heaptrack(command, directory):
    """("new", block, stack, size) and ("free", block, None, None), in order."""
    output = directory / "heaptrack"
    run(command, directory, preloads(HEAPTRACK), {"DUMP_HEAPTRACK_OUTPUT": str(output)})
    modules, stacks, events = Modules(), [()], []
    for line in output.read_text(errors="replace").splitlines():
        kind, *words = line.split(" ")
        if kind == "m":
            if words[1] == "-":
                modules = Modules()
                continue
            path = real(command[0]) if words[1] == "x" else real(words[1])
            bias, *segments = (int(word, 16) for word in words[2:])
            for start, length in zip(segments[::2], segments[1::2]):
                modules.add(path, bias, bias + start, bias + start + length)
        elif kind == "t":
            stacks.append((*stacks[int(words[1], 16)], modules.frame(int(words[0], 16))))
        elif kind == "+":
            events.append(("new", words[2], without_copies(without_new(stacks[int(words[1], 16)])), int(words[0], 16)))
        elif kind == "-":
            events.append(("free", words[0], None, None))
    return events


# DHAT.

def dhat(command, directory):
    output, mapped = directory / "dhat", directory / "mapped"
    run(command, directory, preloads(), {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(mapped)},
        [shutil.which("valgrind"), "--tool=dhat", f"--dhat-out-file={output}", "--num-callers=500", "--show-below-main=yes",
         "--read-inline-info=no", "--run-libc-freeres=no", "--run-cxx-freeres=no", "--trace-children=no"])
    modules = mapped_modules(command[0], "".join(open(path, errors="replace").read() for path in glob.glob(f"{mapped}.*")))
    data = json.loads(output.read_text())
    frames = [parse(entry, modules) for entry in data["ftbl"]]
    for point in data["pps"]:
        stack = tuple(frames[index] for index in reversed(point["fs"]) if frames[index] is not None)
        yield without_copies(stack), point["tbk"], point["tb"]


def mapped_modules(program, said):
    """What ld.so said of where it put what; valgrind itself, and the shell that starts it, were loaded before."""
    said = said[max(said.rfind("transferring control: " + starter) for starter in ("/usr/bin/valgrind", "/bin/sh")):]
    paths = {path.rsplit("/", 1)[-1]: path for path in re.findall(r"calling init: (\S+)", said)}
    modules = Modules()
    for name, base, size in re.findall(r"file=(\S+) \[0\];\s+generating link map\s+\d+:\s+"
                                       r"dynamic: \S+\s+base: (\S+)\s+size: (\S+)", said):
        path, start = paths.get(name.rsplit("/", 1)[-1], name), int(base, 16)
        modules.add(real(path), start, start, start + int(size, 16))
    own = elf(program)
    modules.add(real(program), own.bias, own.bias + own.start, own.bias + own.end)
    return modules


def parse(entry, modules):
    """Of one frame; None for DHAT's own, and for what it takes for one beyond the outermost."""
    address = entry.partition(":")[0]
    if "vgpreload_" in entry or not address.startswith("0x"):
        return None
    frame = modules.frame(int(address, 16))
    return None if frame[0] == "?" else frame


# Where the program itself lies under valgrind.

Elf = collections.namedtuple("Elf", "bias start end")
VALGRIND_PUTS_IT = 0x108000


def elf(path):
    data = open(path, "rb").read(4096)
    kind, = struct.unpack_from("<H", data, 16)
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    loads = [struct.unpack_from("<IIQQQQQ", data, table + i * size) for i in range(count)]
    loads = [(load[3], load[3] + load[6]) for load in loads if load[0] == 1]
    return Elf(VALGRIND_PUTS_IT if kind == 3 else 0, min(loads)[0], max(loads)[1])


# What is no part of a comparison.

@functools.cache
def functions(path, pattern):
    """Where those whose names are like that lie in the library: from, and how long."""
    said = subprocess.run(["readelf", "-W", "--dyn-syms", path], capture_output=True, text=True, check=True).stdout
    return [(int(value, 16), int(size)) for value, size in
            re.findall(rf":\s+([0-9a-f]+)\s+(\d+) FUNC\s+(?:GLOBAL|WEAK)\s+DEFAULT\s+\d+ {pattern}(?:@\S*)?\n", said)]


def library(name):
    return real(f"/usr/lib/{os.uname().machine}-linux-gnu/{name}")


def ends_in(stack, path, pattern):
    return stack and stack[-1][0] == path and any(start < stack[-1][1] <= start + size for start, size in functions(path, pattern))


def without_new(stack):
    """But the frames of operator new that called malloc."""
    while ends_in(stack, library("libstdc++.so.6"), r"_Zn[wa]m\w*"):
        stack = stack[:-1]
    return stack


def without_copies(stack):
    """But the frame of a strdup in whose place the meter's own is called: not where libc itself calls its own."""
    libc = library("libc.so.6")
    is_called_instead = functions(real(build / "shim" / "libheapmeter.so"), "strn?dup") and len(stack) > 1 and stack[-2][0] != libc
    return stack[:-1] if is_called_instead and ends_in(stack, libc, "strn?dup") else stack
