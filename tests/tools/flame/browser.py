# SPDX-License-Identifier: MIT
"""Chromium without a window, driven over the DevTools protocol by a pipe: no port, nothing but Python's own library."""
import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

DEADLINE_S = 240  # for what never comes: a crowded machine takes a good part of a minute


class Page:
    """One page; every wait has the deadline."""

    def __init__(self, to_browser, from_browser):
        self.to_browser, self.from_browser = to_browser, from_browser
        self.number, self.rest, self.session = 0, b"", None
        self.errors = []  # exceptions that nobody caught, and what the console was told of errors
        self.requests = []  # addresses that the page asked for

    def receive(self, until):
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise SystemExit("the browser does not answer")
            piece = os.read(self.from_browser, 1 << 20)
            if not piece:
                raise SystemExit("the browser has ended")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        message = json.loads(message)
        method, told = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(told["exceptionDetails"].get("exception", {}).get("description", str(told)))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(told["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        return message

    def ask(self, method, **told):
        self.number += 1
        message = {"id": self.number, "method": method, "params": told}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + DEADLINE_S
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def attach(self):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Performance"):
            self.ask(f"{domain}.enable")

    def size(self, width, height, dark=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path):
        self.errors.clear()
        self.requests.clear()
        self.ask("Page.navigate", url=pathlib.Path(path).as_uri())
        self.until("document.readyState === 'complete'")

    def run(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def takes(self, script):
        """Milliseconds of processor time of the page's own thread: in a crowd a clock tells of the others' programs, too."""
        def thread_ms():
            return next(1000 * each["value"] for each in self.ask("Performance.getMetrics")["metrics"] if each["name"] == "ThreadTime")
        before = thread_ms()
        self.run(script)
        return thread_ms() - before

    def until(self, script):
        deadline = time.monotonic() + DEADLINE_S
        while not self.run(script):
            if time.monotonic() > deadline:
                raise SystemExit(f"never: {script}\n{self.run('document.body.innerText')}\n{self.errors}")
            time.sleep(0.02)

    def click(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left", clickCount=1)

    def point(self, x, y):
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, name):
        told = {"key": name, **({"text": name} if len(name) == 1 else {}), **({"text": "\r"} if name == "Enter" else {})}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **told)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=name)

    def type(self, text):
        self.ask("Input.insertText", text=text)

    def picture(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))


@contextlib.contextmanager
def browser():
    """A Page of a browser of its own, with a home of its own, ended with all it started."""
    program = shutil.which("chromium")
    if not program:
        print("chromium is not installed")
        raise SystemExit(77)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, contextlib.ExitStack() as ending:
        its_input, to_browser = os.pipe()
        from_browser, its_output = os.pipe()
        # Chromium wants the pipe's ends as 3 and 4.
        shell = f'exec 3<&{its_input} 4>&{its_output}; exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", shell, "bash", program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", f"--user-data-dir={home}/profile", "about:blank"],
            env={"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}, pass_fds=(its_input, its_output),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        ending.callback(process.wait)
        ending.callback(os.killpg, process.pid, signal.SIGKILL)
        os.close(its_input)
        os.close(its_output)
        page = Page(to_browser, from_browser)
        page.attach()
        yield page
