# SPDX-License-Identifier: MIT
"""A user server for one test, on a port nobody else has, and ways to talk to it."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAMS = pathlib.Path(os.environ["HEAPMETER_DEMO_DIR"])
TESTS = pathlib.Path(os.environ["HEAPMETER_DEMO_TEST_DIR"])
DEADLINE = 60


def wait_for(what, condition, deadline=DEADLINE):
    """The condition's first true answer."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline} s in vain for: {what}")
        time.sleep(0.005)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Response:
    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """A raw connection: what is sent is exactly what the test says."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.input = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def fill(self):
        """False at the end of the connection."""
        data = self.socket.recv(65536)
        self.input += data
        return bool(data)

    def receive(self, head_only=False):
        """One response, or None when the server closed instead."""
        while b"\r\n\r\n" not in self.input:
            if not self.fill():
                if self.input:
                    raise AssertionError(f"the connection ended within a response: {self.input!r}")
                return None
        head, self.input = self.input.split(b"\r\n\r\n", 1)
        line, *fields = head.decode("latin-1").split("\r\n")
        status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", line).group(1))
        fields = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        size = 0 if head_only or status == 100 else int(fields["content-length"])
        while len(self.input) < size:
            if not self.fill():
                raise AssertionError("the connection ended within a body")
        body, self.input = self.input[:size], self.input[size:]
        return Response(status, fields, body)

    def ask(self, method, path, body="", fields=""):
        length = f"Content-Length: {len(body.encode())}\r\n" if body else ""
        self.send(f"{method} {path} HTTP/1.1\r\nHost: test\r\n{fields}{length}\r\n".encode() + body.encode())
        return self.receive(head_only=method == "HEAD")

    def is_closed(self):
        """Whether the server has closed, and sent nothing more before it."""
        return not self.input and not self.fill()


class Server:
    """Started, waited for and ended; as a context manager it must end well by itself."""

    def __init__(self, program=PROGRAMS / "user_server", env=None, port=None, expected_code=0, **config):
        self.directory = tempfile.TemporaryDirectory(prefix="heapmeter-demo-")
        self.path = pathlib.Path(self.directory.name)
        self.config = config
        self.program = program
        self.env = {**os.environ, "HEAPMETER_DIR": self.directory.name, **(env or {})}
        self.process = None
        self.signalled = False
        self.expected_code = expected_code
        # Somebody may take a free port before the server does; then another is tried.
        for _ in range(20):
            self.port = port or free_port()
            self.start()
            try:
                wait_for("the server listens or ends", lambda: self.is_listening() or self.has_ended())
            except AssertionError:
                self.kill()
                raise
            if self.is_listening():
                return
            if port or "Address already in use" not in self.log():
                break
        raise AssertionError(f"the server did not start: {self.log()}")

    def start(self):
        lines = {"host": "127.0.0.1", "port": self.port, "threads": 2, **self.config}
        config = self.path / "server.conf"
        config.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        with open(self.path / "log", "wb") as log:
            self.process = subprocess.Popen([self.program, config], stderr=log, env=self.env)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.stop()
        finally:
            self.kill()
            self.directory.cleanup()

    def log(self):
        return (self.path / "log").read_text()

    def is_listening(self):
        return "event=listening" in self.log()

    def has_ended(self):
        return self.process.poll() is not None

    def signal(self, number=signal.SIGTERM):
        self.signalled = True
        self.process.send_signal(number)

    def stop(self):
        if not self.signalled:  # a second signal would be an order to abort
            self.signal()
        code = self.process.wait(DEADLINE)
        if code != self.expected_code:
            raise AssertionError(f"the server ended with {code}: {self.log()}")

    def kill(self):
        if self.process is not None and not self.has_ended():
            self.process.kill()
            self.process.wait(DEADLINE)

    def connect(self):
        return Client(self.port)

    def ask(self, method, path, body="", fields=""):
        with self.connect() as client:
            return client.ask(method, path, body, fields)

    def raw(self, data):
        """The first response to bytes that may be no request."""
        with self.connect() as client:
            client.send(data)
            return client.receive()

    def add_user(self, number=1):
        body = json.dumps({"id": number, "name": f"user {number}", "email": f"user{number}@example.org"})
        return self.ask("POST", "/users", body)

    def heap(self):
        return self.ask("GET", "/heap").json

    def snapshot(self):
        """The meter's own reading, which the program does not notice; none that is older than the question, as one may be that
        is shared by those who ask often."""
        asked = time.monotonic_ns()
        return wait_for("a fresh reading", lambda: next((one for one in [self.any_snapshot()] if one["monotonic_ns"] >= asked), None))

    def any_snapshot(self):
        # The meter binds some 50 ms after the start.
        path = wait_for("the meter's socket", lambda: next(self.path.glob(f"{self.process.pid}-*.sock"), None))
        with socket.socket(socket.AF_UNIX) as meter:
            meter.settimeout(DEADLINE)
            meter.connect(str(path))
            meter.sendall(b"GET /v1/snapshot HTTP/1.1\r\nHost: meter\r\n\r\n")
            answer = b""
            while data := meter.recv(65536):
                answer += data
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])

    def require_meter(self, test):
        if not self.heap()["metered"]:
            test.skipTest("not metered: this build is not linked with libheapmeter, or HEAPMETER_OFF is set")


def main():
    unittest.main(verbosity=2)
