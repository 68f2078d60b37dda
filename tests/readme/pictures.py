#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The README's pictures: the shop of demo/shop.py, metered, and `heapmeter top` in a real terminal (tmux) that looks at it; and the
page of `heapmeter sites --flame` in Chromium, of the demo's server.

    pictures.py TOOL LIBRARY SERVER DIRECTORY [--seconds 70]

writes top.svg, the list of processes, top_process.svg, the one that grows, opened, and flame.png. They show what was there; the
longer it looks, the fuller the charts."""
import argparse
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import sys
import time
import urllib.request

import terminal

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tools" / "flame"))
import browser  # pylint: disable=wrong-import-position

DEADLINE_S = 60
SHOP = pathlib.Path(__file__).resolve().parents[2] / "demo" / "shop.py"


@contextlib.contextmanager
def running(command, environment, ending=signal.SIGKILL, **more):
    """With its children, which are of its process group."""
    with subprocess.Popen(command, env=environment, start_new_session=True, **more) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, ending)


class Terminal:
    def __init__(self, socket, environment):
        self.socket, self.environment = socket, environment

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=True,
                              env=self.environment).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def until(self, holds, what):
        deadline = time.monotonic() + DEADLINE_S
        while not holds(self.text()):
            if time.monotonic() > deadline:
                raise SystemExit(f"never: {what}; the terminal shows\n{self.text()}")
            time.sleep(0.1)


def look(tool, library, seconds):
    """(the list, the process opened), as tmux captured them."""
    tool, library = os.path.abspath(tool), os.path.abspath(library)
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as ending:
        home = pathlib.Path(directory)
        (home / "sockets").mkdir(mode=0o700)
        (home / "libheapmeter.so").symlink_to(library)  # a name that LD_PRELOAD can have, whatever the build's own is
        environment = {"PATH": os.environ["PATH"], "HOME": directory, "LC_ALL": "C.UTF-8",
                       "HEAPMETER_DIR": str(home / "sockets")}
        ending.enter_context(running([SHOP],
                                     {**environment, "LD_PRELOAD": str(home / "libheapmeter.so"), "PYTHONMALLOC": "malloc"}))
        ending.enter_context(running(["tmux", "-D", "-S", home / "tmux", "-f", "/dev/null"], environment, signal.SIGTERM))
        shown = Terminal(home / "tmux", environment)
        deadline = time.monotonic() + DEADLINE_S
        while not shown.socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        shown.tmux("new-session", "-d", "-x", "104", "-y", "9", tool, "top")
        started = time.monotonic()
        shown.until(lambda text: len(re.findall("shop|checkout|search|images|mail", text)) >= 5, "all processes are listed")
        shown.tmux("send-keys", "t")
        time.sleep(max(0, started + seconds / 2 - time.monotonic()))
        shown.until(lambda text: re.search(r"checkout grows", text.split("\n")[0]), "checkout is said to grow")
        processes = shown.tmux("capture-pane", "-epN")
        shown.tmux("resize-window", "-x", "104", "-y", "27")
        shown.tmux("send-keys", "Home")
        shown.until(lambda text: "checkout" in "".join(text.split("\n")[2:]), "checkout is in the list")
        row = next(at for at, line in enumerate(shown.text().split("\n")[2:]) if "checkout" in line)
        shown.tmux("send-keys", *["Down"] * row, "Enter")
        shown.until(lambda text: "checkout (" in text.split("\n")[0] and "SIZE CLASS" in text, "checkout is opened")
        time.sleep(max(0, started + seconds - time.monotonic()))
        shown.until(lambda text: "requests-1" in text and "= committed" in text,
                    "its threads and its account are there")
        return processes, shown.tmux("capture-pane", "-epN")


def free_port():
    """One that was free a moment ago."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def flame(tool, library, server, picture):
    """What the server allocated for some users, by code, as the page shows it; the names of the functions it has."""
    tool, library, server = os.path.abspath(tool), os.path.abspath(library), os.path.abspath(server)
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as ending:
        home = pathlib.Path(directory)
        (home / "sockets").mkdir(mode=0o700)
        (home / "libheapmeter.so").symlink_to(library)
        (home / "server.conf").write_text(f"port={free_port()}\n")
        environment = {"PATH": os.environ["PATH"], "HOME": directory, "HEAPMETER_DIR": str(home / "sockets")}
        log = ending.enter_context((home / "log").open("wb"))
        process = ending.enter_context(running([server, home / "server.conf"],
                                               {**environment, "LD_PRELOAD": str(home / "libheapmeter.so"), "HEAPMETER_SAMPLE": "every"},
                                               stdout=log, stderr=log))
        deadline = time.monotonic() + DEADLINE_S
        while not (listens := re.search(r"event=listening .*port=(\d+)", (home / "log").read_text())):
            if time.monotonic() > deadline:
                raise SystemExit("the server does not listen: " + (home / "log").read_text())
            time.sleep(0.05)
        for _ in range(50):
            with urllib.request.urlopen(f"http://localhost:{listens[1]}/users", timeout=DEADLINE_S) as answer:
                answer.read()
        page_file = home / "flame.html"
        subprocess.run([tool, "sites", str(process.pid), "--by", "allocated", "--flame", page_file], env=environment, check=True)
        with browser.browser() as page:
            page.size(1100, 500)
            page.open(page_file)
            page.until("drawing.boxes.length > 0")
            page.picture(picture)
            return set(page.run("tree.names.map((each) => each.name)"))


def drawn(processes, opened):
    return {"top.svg": terminal.svg(processes, "heapmeter top: the processes of a shop, of which checkout grows"),
            "top_process.svg": terminal.svg(opened, "heapmeter top: checkout opened, with what grows in it")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("library")
    parser.add_argument("server")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=70)
    arguments = parser.parse_args()
    processes, opened = look(arguments.tool, arguments.library, arguments.seconds)
    arguments.directory.mkdir(exist_ok=True)
    for name, picture in drawn(processes, opened).items():
        (arguments.directory / name).write_text(picture)
    flame(arguments.tool, arguments.library, arguments.server, arguments.directory / "flame.png")


if __name__ == "__main__":
    main()
