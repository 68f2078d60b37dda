#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""/metrics of a metered process, judged by Prometheus's own promtool: promtool.py LIBRARY BUILD.

promtool reads OpenMetrics only where it imports old data, which wants a time on each sample; its linter reads only the
older text format. So the page is imported with times added, and linted as Prometheus's own libraries would write it in
the older format: counters are named with their _total, info is a gauge, units and the end are not told.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

LIBRARY, BUILD = sys.argv[1:3]
promtool = shutil.which("promtool", path=os.pathsep.join([os.environ["PATH"], BUILD]))
if promtool is None:
    print(f"skipped: no promtool in PATH or {BUILD}; tools/check puts Debian's there")
    sys.exit(77)


def page(directory):
    deadline = time.monotonic() + 20
    while not (sockets := list(directory.glob("*.sock"))):
        assert time.monotonic() < deadline, "the process does not serve"
        time.sleep(0.02)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(sockets[0]))
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: heapmeter\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, body = answer.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200") and b"application/openmetrics-text" in head, head
    return body.decode()


def with_times(text):
    return "".join(line + ("" if line.startswith("#") else " 1") + "\n" for line in text.splitlines())


def in_older_format(text):
    suffixes = {"counter": "_total", "info": "_info", "gauge": ""}
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    lines = []
    for line in text.splitlines():
        if match := re.match(r"# (TYPE|HELP) (\S+) (.*)", line):
            kind = types[match[2]]
            value = "gauge" if match[1] == "TYPE" and kind == "info" else match[3]
            line = f"# {match[1]} {match[2]}{suffixes[kind]} {value}"
        if not line.startswith(("# UNIT", "# EOF")):
            lines.append(line + "\n")
    return "".join(lines)


def judged(arguments, text=None):
    done = subprocess.run([promtool, *arguments], input=text, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


with tempfile.TemporaryDirectory(prefix="heapmeter-promtool-") as name:
    home = pathlib.Path(name)
    library = home / "libheapmeter.so"  # by a name without a blank, for LD_PRELOAD
    library.symlink_to(os.path.abspath(LIBRARY))
    environment = {"PATH": os.environ["PATH"], "HEAPMETER_DIR": name, "LD_PRELOAD": str(library)}
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, env=environment)
    try:
        text = page(home)
    finally:
        process.communicate()

    def imported(text):
        (home / "page").write_text(text)
        return judged(["tsdb", "create-blocks-from", "openmetrics", home / "page", home / "blocks"])

    code, said = imported(with_times(text))
    assert code == 0, f"not OpenMetrics: {said}\n{text}"
    code, said = judged(["check", "metrics"], in_older_format(text))
    assert (code, said) == (0, ""), f"promtool complains: {said}\n{in_older_format(text)}"

    # What it would not let pass, or the above says nothing.
    assert imported(with_times(text.replace("# EOF\n", "")))[0] != 0
    assert imported(with_times(text.replace("live_bytes gauge", "live_bytes dial")))[0] != 0
    assert judged(["check", "metrics"], in_older_format(text).replace("# HELP heapmeter_frees_total", "#"))[0] != 0
    print(f"{promtool} accepts {len(re.findall('^heapmeter_', text, re.M))} samples")
