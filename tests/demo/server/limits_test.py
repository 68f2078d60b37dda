# SPDX-License-Identifier: MIT
"""Slow clients, many clients, and clients that take without end."""
import resource
import time
import unittest

import running


class LimitsTest(unittest.TestCase):
    def serve(self, **config):
        server = running.Server(**config)
        self.addCleanup(server.__exit__, None)
        return server

    def test_slow_header_is_answered_408(self):
        server = self.serve(request_timeout_ms=200)
        with server.connect() as client:
            client.send("GET /users HT")
            response = client.receive()
            self.assertEqual(response.status, 408)
            self.assertEqual(response.fields["connection"], "close")
            self.assertTrue(client.is_closed())

    def test_slow_body_is_answered_408(self):
        server = self.serve(request_timeout_ms=200)
        with server.connect() as client:
            client.send("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
            self.assertEqual(client.receive().status, 408)

    def test_bytes_now_and_then_do_not_extend_the_time(self):
        server = self.serve(request_timeout_ms=300)
        with server.connect() as client:
            client.socket.settimeout(0.02)
            start = time.monotonic()
            while time.monotonic() - start < running.DEADLINE:
                try:
                    client.send("X")
                    if client.fill():
                        break
                except TimeoutError:
                    continue
            client.socket.settimeout(running.DEADLINE)
            self.assertEqual(client.receive().status, 408)

    def test_idle_connection_is_closed_without_a_word(self):
        server = self.serve(idle_timeout_ms=200)
        with server.connect() as client:
            self.assertEqual(client.ask("GET", "/users").status, 200)
            self.assertTrue(client.is_closed())
        with server.connect() as silent:
            self.assertTrue(silent.is_closed())

    def test_client_that_does_not_read_is_closed(self):
        server = self.serve(request_timeout_ms=300, max_users=10)
        server.ask("POST", "/users", '{"id":1,"name":"' + "n" * 60_000 + '","email":"e"}')
        with server.connect() as client:
            client.socket.settimeout(0.5)
            try:
                while True:
                    client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
            except (TimeoutError, ConnectionError):
                pass
            running.wait_for("the server closes the connection",
                             lambda: server.heap()["open_connections"] == 1)

    def test_slow_reader_gets_everything(self):
        server = self.serve(max_users=1000)
        body = '{"id":%d,"name":"' + "n" * 5000 + '","email":"e"}'
        with server.connect() as client:
            for number in range(200):
                client.ask("POST", "/users", body % number)
            client.send("GET /users HTTP/1.1\r\nHost: a\r\n\r\n" * 10)
            for _ in range(10):
                self.assertEqual(len(client.receive().json), 200)

    def test_one_connection_too_many_is_answered_503(self):
        server = self.serve(max_connections=2)
        with server.connect() as first, server.connect() as second:
            self.assertEqual(first.ask("GET", "/users").status, 200)
            self.assertEqual(second.ask("GET", "/users").status, 200)
            with server.connect() as third:
                response = third.receive()
                self.assertEqual(response.status, 503)
                self.assertIn("retry-after", response.fields)
                self.assertTrue(third.is_closed())
            self.assertEqual(first.ask("GET", "/users").status, 200, "the others are served on")

        def served_again():
            with server.connect() as client:
                client.send("GET /users HTTP/1.1\r\nHost: a\r\n\r\n")
                return client.receive().status == 200
        running.wait_for("a place is free again", served_again)

    def test_store_that_is_full_refuses_new_users(self):
        server = self.serve(max_users=1)
        self.assertEqual(server.add_user(1).status, 201)
        self.assertEqual(server.add_user(2).status, 507)
        self.assertEqual(server.add_user(1).status, 200)

    def test_a_thousand_connections_at_a_time(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < 1200:
            self.skipTest(f"1,000 connections need 1,200 file descriptors, the hard limit is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
        server = self.serve(max_connections=1001)
        server.add_user()
        clients = [server.connect() for _ in range(1000)]
        try:
            for client in clients:
                client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            for client in clients:
                self.assertEqual(client.receive().status, 200)
            self.assertEqual(server.heap()["open_connections"], 1001)
            for client in reversed(clients):
                self.assertEqual(client.ask("GET", "/users/1").status, 200)
        finally:
            for client in clients:
                client.socket.close()


running.main()
