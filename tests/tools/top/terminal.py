#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""heapmeter top in a real terminal (tmux), driven by keys: what it shows, and that it gives the terminal back."""
import fcntl
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

TOOL, LIBRARY, HOLDER, HOSTILE = map(os.path.abspath, sys.argv[1:5])
if shutil.which("tmux") is None:
    print("skipped: tmux is not installed")
    sys.exit(77)
home = pathlib.Path(tempfile.mkdtemp(prefix="heapmeter-top-"))
(home / "sockets").mkdir(mode=0o700)
preloaded = home / "libheapmeter.so"  # by a name without a blank, for LD_PRELOAD
preloaded.symlink_to(LIBRARY)
environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "PS1": "$ ", "HISTFILE": "/dev/null",
               "HEAPMETER_DIR": str(home / "sockets")}
server = subprocess.Popen(["tmux", "-D", "-S", home / "tmux", "-f", "/dev/null"], env=environment)
holders = []


def tmux(*words):
    return subprocess.run(["tmux", "-S", home / "tmux", *words], capture_output=True, text=True, check=True,
                          env=environment).stdout


DEADLINE = 60  # for what never comes: a crowded machine may take many seconds over a picture


def until(condition, what):
    """Of a screen that is being drawn any part may be missing: what it shows is waited for, never asserted."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"never: {what}; the terminal shows\n{screen()}")


def screen(*options):
    return tmux("capture-pane", "-p", *options)


def shows(text):
    until(lambda: text in screen(), f"shows {text!r}")


def rows():
    """The pids of the list, as it shows them."""
    return [int(pid) for pid in re.findall(r"^ *(\d+) +!?[└├│─ ]*holder", screen(), re.M)]


def keys(*names):
    tmux("send-keys", *names)


LEFT, RIGHT, UP, WHEEL_UP, WHEEL_DOWN = 0, 2, 3, 64, 65


def click(x, y, button=LEFT):
    """As this terminal says it: which button went down, and that one came up, at a column and a row from 1 on."""
    keys("-l", "".join(f"\x1b[M{chr(32 + what)}{chr(32 + x)}{chr(32 + y)}" for what in (button, UP)))


def click_far(x, y, button=LEFT):
    """As xterm and its kin say it, which columns beyond the 223rd need (SGR)."""
    keys("-l", f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m")


def sorted_by():
    arrow = re.search(r"[▼▲](\S+)", screen())
    return arrow and arrow.group(1)


def place_of(text):
    """Where it stands: the column and row of its first letter."""
    for y, line in enumerate(screen().splitlines()):
        if text in line:
            return line.index(text) + 1, y + 1
    raise AssertionError(f"{text!r} is not there:\n{screen()}")


def hold(count, size, **more):
    process = subprocess.Popen([HOLDER, str(size), str(count)], stdout=subprocess.PIPE,
                               env={**environment, "LD_PRELOAD": str(preloaded), **more})
    assert process.stdout.readline() == b"ready\n"
    holders.append(process)
    return process


def pane(what):
    return tmux("display-message", "-p", "#{%s}" % what).strip()


def pictures(pid):
    """How many its first thread has drawn, by what it reads after each: the signals, and which of three readings is there. Of one
    that shows nothing new nothing is written, and where there is no wait after it, no wait is counted."""
    io = pathlib.Path(f"/proc/{pid}/task/{pid}/io").read_text()
    return int(re.search(r"^syscr: (\d+)", io, re.M).group(1)) / 4


def top_pid():
    children = pathlib.Path(f"/proc/{pane('pane_pid')}/task/{pane('pane_pid')}/children").read_text().split()
    return next((int(child) for child in children if os.readlink(f"/proc/{child}/exe") == TOOL), None)


def said_by_account(pid):
    return subprocess.run([TOOL, "account", str(pid)], capture_output=True, text=True, check=True, env=environment).stdout


def account(text):
    """Its lines, without bars and sources: not those of pages that come and go by themselves."""
    lines = re.findall(r"(?:requested, live|\+ rounding|= usable, live|= committed|heap|program) +[0-9.]+ [KM]?i?B", text)
    return {" ".join(line.split()) for line in lines}


def agrees_with_account(pid):
    said = account(said_by_account(pid))
    assert len(said) == 6, said
    return said <= account(screen())


def start(command="top -i 0.2", before=""):
    keys("-l", f"clear; stty -a > {home}/before; {before} {shlex.quote(TOOL)} {command}; echo \"left:$?\"; stty -a > {home}/after")
    keys("Enter")
    until(lambda: pane("alternate_on") == "1", "takes the screen")
    shows("? help")


def stays_unread(key, master, slave):
    unread = lambda: struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"1234"))[0]
    os.write(master, key)
    deadline = time.monotonic() + 1
    while unread() > 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    return unread() > 0


def taken_from(master):
    """What a terminal has to show, until nothing comes for a while."""
    taken = b""
    while select.select([master], [], [], 0.5)[0]:
        taken += os.read(master, 65536)
    return taken


def given_back(code):
    shows(f"left:{code}")
    until((home / "after").exists, "stty ran")
    assert pane("alternate_on") == "0" and pane("cursor_flag") == "1", "the screen is not given back"
    until(lambda: pane("mouse_any_flag") == "0", "the mouse is given back")
    until(lambda: (home / "before").read_text() == (home / "after").read_text(), "the terminal has its modes again")
    (home / "after").unlink()


try:
    until(lambda: (home / "tmux").exists(), "tmux listens")
    tmux("new-session", "-d", "-x", "80", "-y", "24", "bash", "--norc", "--noprofile")
    small, large = hold(10, 1000), hold(10, 500_000)

    start()
    until(lambda: rows() == [large.pid, small.pid], "the larger one stands first")
    shows(" 4.77Mi ")
    keys("r")
    until(lambda: rows() == [small.pid, large.pid], "r reverses")
    keys("/", "nobody")
    shows("among 2 processes")
    keys("Escape")
    shows(f"{large.pid} holder")
    late = hold(1, 10)
    shows(f"{late.pid} holder")
    late.send_signal(signal.SIGUSR1)
    until(lambda: f"{late.pid} holder" not in screen(), "one that ends goes")
    small.send_signal(signal.SIGSTOP)
    shows("!holder")
    keys("p")
    shows("PAUSED")
    keys("p")
    small.send_signal(signal.SIGCONT)
    until(lambda: "!holder" not in screen(), "one that goes on is back")
    keys("?")
    shows("Columns, as far as")
    keys("Escape")
    # Read together with what follows, Escape would be Alt with that key.
    until(lambda: "Columns, as far as" not in screen(), "Escape closes the help")
    keys("r", "Home")
    until(lambda: rows()[:1] == [large.pid], "the larger one is first again")
    until(lambda: pane("mouse_any_flag") == "1", "it takes the mouse")
    click(*place_of("PID"))
    until(lambda: sorted_by() == "PID", "a click on a heading sorts by it")
    by_pid = rows()
    assert by_pid in (ordered := sorted([large.pid, small.pid]), ordered[::-1]), by_pid
    click(*place_of("PID"))
    until(lambda: rows() == by_pid[::-1], "a second one sorts the other way round")
    click(*place_of("LIVE"))
    until(lambda: sorted_by() == "LIVE" and rows() == [large.pid, small.pid], "a click on another sorts by that")
    click(*place_of(f"{small.pid} holder"))
    shows(f"holder_of_bytes ({small.pid})")
    click(10, 5, RIGHT)
    until(lambda: rows() == [large.pid, small.pid], "the right button goes back")
    click(10, 5, WHEEL_UP)
    keys("Enter")
    shows(f"holder_of_bytes ({large.pid})")
    click(10, 5, RIGHT)
    until(lambda: rows() == [large.pid, small.pid], "and back")
    click(10, 5, WHEEL_DOWN)
    keys("Enter")
    shows(f"holder_of_bytes ({small.pid})")
    click(10, 5, RIGHT)
    until(lambda: rows() == [large.pid, small.pid], "and back again")
    keys("Home")
    keys("Enter")
    shows("SIZE CLASS")
    shows(f"holder_of_bytes ({large.pid})")
    tmux("resize-window", "-x", "200", "-y", "50")
    shows("WRONG CALLS")
    until(lambda: agrees_with_account(large.pid), "top's account is account's")
    tmux("resize-window", "-x", "20", "-y", "4")
    shows("too small")
    tmux("resize-window", "-x", "80", "-y", "24")
    shows("SIZE CLASS")
    keys("C-z")
    until(lambda: pane("alternate_on") == "0", "Ctrl-Z gives the screen back")
    keys("fg", "Enter")
    shows("SIZE CLASS")
    keys("q")
    until(lambda: pane("alternate_on") == "0", "q gives the screen back")
    (home / "after").unlink()  # bash went on with the rest of the line at Ctrl-Z

    start()
    keys("q")
    given_back(0)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV, signal.SIGTRAP, signal.SIGUSR1, signal.SIGALRM,
                   signal.SIGXCPU, signal.SIGRTMIN + 3):
        start()
        os.kill(top_pid(), number)
        given_back(128 + number)
    start()
    keys("C-c")
    given_back(0)
    start("top -i 0.2 --no-mouse")
    shows(f"{large.pid} holder")
    assert pane("mouse_any_flag") == "0", "it takes the mouse that it was told to leave"
    keys("q")
    given_back(0)
    # Of an opened process a picture for what comes in each interval: the list, a look in two parts, the code in two at most.
    start(f"top -i 0.2 {large.pid}")
    shows("SIZE CLASS")
    before, begun = pictures(top_pid()), time.monotonic()
    until(lambda: time.monotonic() >= begun + 4 and pictures(top_pid()) >= before + 40, "it draws what is next")
    drawn, intervals = pictures(top_pid()) - before, (time.monotonic() - begun) / 0.2
    assert drawn <= 6 * (intervals + 1), f"{drawn} pictures in {intervals:.1f} intervals"
    keys("q")
    given_back(0)
    (home / "elsewhere").mkdir(mode=0o700)
    start(f"top {hold(3, 30, HEAPMETER_DIR=str(home / 'elsewhere')).pid}")
    shows("SIZE CLASS")
    keys("q")
    given_back(0)
    start(before="env --ignore-signal=USR1")
    os.kill(top_pid(), signal.SIGUSR1)
    shows("? help")
    keys("q")
    given_back(0)
    # A terminal that takes no output, as after Ctrl-S: nobody reads what top draws.
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 300, 0, 0))
    stuck = subprocess.Popen([TOOL, "top", "-i", "0.1"], stdin=slave, stdout=slave, stderr=slave,
                             env={**environment, "TERM": "xterm"})
    holders.append(stuck)
    modes = termios.tcgetattr(slave)
    until(lambda: termios.tcgetattr(slave) != modes, "it has taken the terminal")
    until(lambda: stays_unread(b"\x0c", master, slave), "it waits for the terminal")
    stuck.terminate()
    assert stuck.wait(timeout=DEADLINE) == -signal.SIGTERM, stuck.returncode
    assert termios.tcgetattr(slave) == modes, "the modes of the terminal differ"
    os.close(master)
    os.close(slave)
    # And one that has taken all so far, but no more: told to end while it waits for its next reading.
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    full = subprocess.Popen([TOOL, "top", "-i", "3600"], stdin=slave, stdout=slave, stderr=slave,
                            env={**environment, "TERM": "xterm"})
    holders.append(full)
    shown = []
    until(lambda: shown.append(taken_from(master)) or f"{large.pid} holder".encode() in b"".join(shown), "it shows its processes")
    os.kill(full.pid, signal.SIGSTOP)
    taken_from(master)
    beside = os.open(os.ttyname(slave), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        while True:
            os.write(beside, b" " * 64)
    except BlockingIOError:
        os.close(beside)
    os.kill(full.pid, signal.SIGTERM)
    os.kill(full.pid, signal.SIGCONT)
    assert full.wait(timeout=DEADLINE) == -signal.SIGTERM, full.returncode
    os.close(master)
    os.close(slave)

    # A terminal like xterm, wider than the old way of saying where the mouse is reaches; hostile names; many processes.
    tmux("resize-window", "-x", "250", "-y", "24")
    hostile = [subprocess.Popen([HOSTILE, name], stdout=subprocess.PIPE, env={**environment, "LD_PRELOAD": str(preloaded)})
               for name in ("\x1b[31mred\n", "\u65e5\u672c\u8a9e\u30c6\u30b9", "\u202eevil", b"\xff\xfe(a) b")]
    holders.extend(hostile)
    start(before="TERM=xterm-256color")
    until(lambda: pane("mouse_sgr_flag") == "1", "it asks for the mouse as xterm tells it")
    shows("?[31mred?")
    shows("\u65e5\u672c\u8a9e\u30c6\u30b9")
    shows("?evil")
    shows("\ufffd\ufffd(a) b")
    assert "\x1b[31mred" not in screen("-e"), "a name changes the terminal's colour"
    click_far(*place_of("PID"))
    until(lambda: sorted_by() == "PID", "a click on a heading sorts by it")
    doomed = hostile.pop(0)
    click_far(240, place_of(f"{doomed.pid} ")[1])
    shows(f"red? ({doomed.pid})")
    shows("ALLOC/S")
    doomed.kill()
    shows("has ended; this is the last it said")
    for width, height in ((24, 5), (300, 90), (20, 4), (80, 24), (250, 24)):
        tmux("resize-window", "-x", str(width), "-y", str(height))
    shows("has ended; this is the last it said")
    click_far(10, 5, RIGHT)
    until(lambda: large.pid in rows() and str(doomed.pid) not in screen(), "the right button goes back, to those that live")
    crowd = [hold(1, 100 + number) for number in range(60)]
    # Where the pids have begun anew meanwhile, these come before those that were there.
    until(lambda: keys("PPage") or re.search(r"Up Down \d+ below", screen()), "it says how many have no room")
    click_far(10, 5, WHEEL_DOWN)
    # End is told in another way by this terminal than by xterm. Until all of them are there others come below the last.
    until(lambda: keys("NPage") or re.search(r"Up Down \d+ above  ", screen()), "one goes to the last")
    keys("q")
    given_back(0)
    for process in hostile + crowd:
        process.kill()
    tmux("resize-window", "-x", "80", "-y", "24")

    keys("-l", "export TERM=vt100 NO_COLOR=1 LC_ALL=C")
    keys("Enter")
    keys("-l", f"clear; {shlex.quote(TOOL)} top -i 0.2")
    keys("Enter")
    shows(f"{large.pid} holder")
    assert screen().isascii() and not re.search(r"\x1b\[[0-9;]*3[0-7]m", screen("-e")), screen("-e")
    keys("q")
    print("top draws, obeys and leaves the terminal as it was")
finally:
    for process in holders:
        process.kill()
        process.wait()
    server.terminate()
    server.wait()
    shutil.rmtree(home, ignore_errors=True)  # the shell, hung up, may still be ending
