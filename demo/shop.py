#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A shop, to have something to look at: a front process with four workers, one of which never lets a session go. Its work is
at a measured pace, so that it takes some per cent of a processor. Run it with PYTHONMALLOC=malloc: Python has small objects
in arenas of its own else, which the meter cannot see.

    shop.py [SECONDS]    ends after so many; else with its terminal, or when it is told to
"""
import json
import os
import pathlib
import signal
import sys
import threading
import time


def call_it(name, task="self"):
    """As `ps` and `top` show it; of a thread, `task` is its id."""
    pathlib.Path(f"/proc/self/task/{task}/comm" if task != "self" else "/proc/self/comm").write_text(name)


def order(number):
    return {"id": number, "items": [f"article {number + i}" for i in range(20)], "total": number / 7}


def requests(name, every):
    call_it(name, threading.get_native_id())
    for number in range(1 << 62):
        json.loads(json.dumps(order(number)))
        time.sleep(every)


def checkout():
    for number in (1, 2):
        threading.Thread(target=requests, args=(f"requests-{number}", 0.002), daemon=True).start()
    sessions = []
    while True:
        sessions.append(bytearray(1100))  # and nobody takes it out again
        time.sleep(0.001)


def search():
    index = {f"word {number}": [number] for number in range(20_000)}
    while True:
        json.dumps(index[f"word {time.monotonic_ns() % 20_000}"])
        time.sleep(0.02)


def images():
    while True:
        opened = []
        for _ in range(40):
            opened.append(bytearray(150_000))
            time.sleep(0.1)


def mail():
    signal.pause()


def main():
    if len(sys.argv) > 1:
        signal.alarm(int(sys.argv[1]))
    workers = []
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for work in (checkout, search, images, mail):
            workers.append(os.fork())
            if workers[-1] == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                call_it(work.__name__)
                work()
        signal.pause()
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGTERM)


if __name__ == "__main__":
    call_it("shop")
    main()
