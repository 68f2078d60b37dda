# SPDX-License-Identifier: MIT
"""Start, stop, and what happens to requests on the way."""
import signal
import subprocess
import threading
import unittest

import running


class LifeTest(unittest.TestCase):
    def test_busy_port_is_an_error_that_says_so(self):
        with running.Server() as server:
            second = subprocess.run([server.program, server.path / "server.conf"], stderr=subprocess.PIPE,
                                    text=True, timeout=running.DEADLINE, check=False)
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"cannot listen on 127.0.0.1 port {server.port}: Address already in use", second.stderr)
            self.assertEqual(server.ask("GET", "/users").status, 200, "the first is not disturbed")

    def test_restart_on_the_same_port_right_away(self):
        with running.Server() as first:
            with first.connect() as client:  # open at the stop: the server's side lingers in TIME_WAIT
                client.ask("GET", "/users")
                first.stop()
            with running.Server(port=first.port) as second:
                self.assertEqual(second.ask("GET", "/users").status, 200)

    def test_unreadable_and_wrong_configurations(self):
        program = running.PROGRAMS / "user_server"
        for arguments, code, text in [(["/nonexistent.conf"], 1, "No such file"), (["/dev/null", "x"], 2, "x"),
                                      (["--port"], 2, "--port")]:
            result = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    text=True, timeout=running.DEADLINE, check=False)
            self.assertEqual(result.returncode, code, result.stdout)
            self.assertIn(text, result.stdout)

    def test_each_signal_stops_an_idle_server(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), running.Server() as server:
                server.signal(number)
                self.assertEqual(server.process.wait(running.DEADLINE), 0)
                self.assertIn("event=stopped", server.log())

    def test_request_half_sent_at_the_stop_is_answered(self):
        with running.Server(drain_timeout_ms=0) as server, server.connect() as client:
            client.ask("GET", "/users")
            client.send("GET /users HTTP/1.1\r\nHo")
            server.add_user()  # has been served, so the half request has been read as well or is about to be
            running.wait_for("the half request is read", lambda: server.heap()["open_connections"] == 2)
            server.signal()
            running.wait_for("the server drains", lambda: "event=draining" in server.log())
            client.send("st: a\r\n\r\n")
            response = client.receive()
            self.assertEqual(response.status, 200)
            self.assertEqual(response.fields["connection"], "close")

    def test_idle_connection_may_send_one_more_request_while_draining(self):
        with running.Server(drain_timeout_ms=30_000) as server, server.connect() as client:
            client.ask("GET", "/users")
            server.signal()
            running.wait_for("the server drains", lambda: "event=draining" in server.log())
            response = client.ask("GET", "/users")
            self.assertEqual((response.status, response.fields["connection"]), (200, "close"))
            self.assertEqual(server.process.wait(running.DEADLINE), 0)

    def test_second_signal_ends_at_once(self):
        with running.Server(drain_timeout_ms=600_000, expected_code=1) as server, server.connect() as client:
            client.ask("GET", "/users")
            server.signal()
            running.wait_for("the server drains", lambda: "event=draining" in server.log())
            self.assertFalse(server.has_ended())
            server.signal()
            self.assertEqual(server.process.wait(running.DEADLINE), 1)

    def test_stop_under_load_answers_every_request(self):
        for round_ in range(5):
            with self.subTest(round=round_), running.Server(max_connections=500) as server:
                load = Load(server, keep_alive=12, one_shot=4)
                running.wait_for("the load is on", lambda load=load: load.answered > 500)
                server.signal()
                load.join()
                self.assertEqual(load.unanswered, [])
                self.assertEqual(server.process.wait(running.DEADLINE), 0)

    def test_worker_that_dies_is_500_then_503(self):
        with running.Server(running.TESTS / "faulty_server", workers=1) as server:
            self.assertEqual(server.ask("POST", "/sum", '{"numbers":[2]}').json, {"sum": 2})
            response = server.ask("POST", "/sum", '{"numbers":[13]}')
            self.assertEqual((response.status, response.json["error"]), (500, "failed to receive response"))
            response = server.ask("POST", "/sum", '{"numbers":[2]}')
            self.assertEqual((response.status, response.json["error"]), (503, "failed to send message"))
            self.assertEqual(server.ask("GET", "/workers").json[0]["alive"], False)
            self.assertEqual(server.ask("GET", "/users").status, 200)


class Load:
    """Clients that ask without pause until the server lets nobody in any more."""

    def __init__(self, server, keep_alive, one_shot):
        self.server = server
        self.answered = 0
        self.unanswered = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(kept,))
                        for kept in [True] * keep_alive + [False] * one_shot]
        for thread in self.threads:
            thread.start()

    def run(self, kept):
        while True:
            try:
                client = self.server.connect()
            except ConnectionRefusedError:
                return
            with client:
                self.use(client, kept)

    def use(self, client, kept):
        while True:
            try:
                response = client.ask("GET", "/users", fields="" if kept else "Connection: close\r\n")
                if response is None:
                    raise ConnectionError("closed instead of answered")
            except (OSError, AssertionError) as error:
                with self.lock:
                    self.unanswered.append(repr(error))
                return
            with self.lock:
                self.answered += 1
            if response.fields.get("connection") == "close":
                return

    def join(self):
        for thread in self.threads:
            thread.join(running.DEADLINE)
            if thread.is_alive():
                raise AssertionError("a client still waits for its answer")


running.main()
