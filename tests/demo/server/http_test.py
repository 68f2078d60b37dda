# SPDX-License-Identifier: MIT
"""What the server answers, asked by curl and by raw connections."""
import json
import subprocess
import unittest

import running

ADA = '{"id":1,"name":"Ada","email":"ada@example.org"}'


class HttpTest(unittest.TestCase):
    def setUp(self):
        self.server = running.Server(max_header_bytes=1024, max_body_bytes=2048)
        self.addCleanup(self.server.__exit__, None)

    def curl(self, path, *options):
        """Status, content type and body as curl sees them."""
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code} %{content_type}",
             *options, f"http://127.0.0.1:{self.server.port}{path}"],
            stdout=subprocess.PIPE, text=True, check=True)
        body, line = result.stdout.rsplit("\n", 1)
        status, content_type = line.split(" ", 1)
        return int(status), content_type, body

    def test_curl_creates_gets_and_lists_users(self):
        self.assertEqual(self.curl("/users"), (200, "application/json", "[]"))
        self.assertEqual(self.curl("/users", "--data", ADA), (201, "application/json", ADA))
        self.assertEqual(self.curl("/users/1"), (200, "application/json", ADA))
        self.assertEqual(self.curl("/users"), (200, "application/json", f"[{ADA}]"))
        self.assertEqual(self.curl("/users", "--data", ADA)[0], 200, "replaced, not created")

    def test_curl_gets_json_errors(self):
        for status, path, *options in [
                (404, "/users/2"), (404, "/nope"), (400, "/users/x"), (400, "/users/"), (400, "/users/-1"),
                (400, "/users/4294967296"), (400, "/users", "-X", "POST"), (400, "/users", "--data", "{"),
                (400, "/users", "--data", '{"id":"1","name":"A","email":"a"}'), (405, "/users", "-X", "DELETE"),
                (405, "/users/1", "-X", "PUT"), (413, "/users", "--data", "x" * 2049),
                (431, "/users", "--header", "X-A: " + "a" * 1100), (400, "/sum", "--data", '{"numbers":[-1]}')]:
            with self.subTest(path=path, options=options):
                answer, content_type, body = self.curl(path, *options)
                self.assertEqual((answer, content_type), (status, "application/json"))
                self.assertIn("error", json.loads(body))

    def test_curl_reaches_the_workers(self):
        self.assertEqual(self.curl("/sum", "--data", '{"numbers":[1,2,3,4,5]}')[2], '{"sum":15}')
        workers = json.loads(self.curl("/workers")[2])
        self.assertEqual(len(workers), 4)
        self.assertEqual(sum(worker["tasks_processed"] for worker in workers), 1)

    def test_curl_sends_a_large_body_after_100_continue(self):
        body = json.dumps({"id": 1, "name": "n" * 1900, "email": "e"})
        self.assertEqual(self.curl("/users", "--header", "Expect: 100-continue", "--data", body)[0], 201)

    def test_head_is_get_without_the_body(self):
        self.server.add_user()
        with self.server.connect() as client:
            got = client.ask("GET", "/users/1")
            head = client.ask("HEAD", "/users/1")
            self.assertEqual(head.status, 200)
            self.assertEqual(head.fields["content-length"], str(len(got.body)))
            self.assertEqual(client.ask("GET", "/users/1").body, got.body, "the connection is still in step")

    def test_method_not_allowed_says_what_is(self):
        self.assertEqual(self.server.ask("PATCH", "/users").fields["allow"], "GET, HEAD, POST")
        self.assertEqual(self.server.ask("POST", "/users/1", "{}").fields["allow"], "GET, HEAD")
        self.assertEqual(self.server.ask("GET", "/sum").fields["allow"], "POST")

    def test_malformed_requests_are_refused_and_the_connection_closed(self):
        for status, data in [
                (400, "GET\r\n\r\n"), (400, "GET /users\r\n\r\n"), (400, "\x16\x03\x01\x00"),
                (400, "GET /users HTTP/1.1\r\n\r\n"), (400, "GET /users HTTP/1.1\r\nHost : a\r\n\r\n"),
                (505, "GET /users HTTP/3.0\r\nHost: a\r\n\r\n"),
                (400, "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
                (431, "GET /" + "a" * 1100), (431, "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 200),
                (413, "POST /users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n900\r\n"),
                (431, "POST /users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + "x" * 1100),
                (417, "POST /users HTTP/1.1\r\nHost: a\r\nExpect: cake\r\nContent-Length: 1\r\n\r\n")]:
            with self.subTest(data=data[:60]), self.server.connect() as client:
                client.send(data)
                response = client.receive()
                self.assertEqual(response.status, status)
                self.assertEqual(response.fields["connection"], "close")
                self.assertIn("error", response.json)
                self.assertTrue(client.is_closed())

    def test_refusal_of_a_body_still_being_sent_arrives(self):
        """A server that closes with unread input resets the connection, and the answer is lost."""
        with self.server.connect() as client:
            client.send("POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            client.send("x" * 1_000_000)
            self.assertEqual(client.receive().status, 413)

    def test_request_in_single_bytes(self):
        with self.server.connect() as client:
            for byte in f"POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: {len(ADA)}\r\n\r\n{ADA}":
                client.send(byte)
            self.assertEqual(client.receive().status, 201)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.connect() as client:
            request = "GET /users/{} HTTP/1.1\r\nHost: a\r\n\r\n"
            sums = 'POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{{"numbers":[{}]}}'
            client.send("".join(request.format(1) + sums.format(number) + request.format("x")
                                for number in range(1, 10)))
            for number in range(1, 10):
                self.assertEqual(client.receive().status, 404)
                self.assertEqual(client.receive().json, {"sum": number})
                self.assertEqual(client.receive().status, 400)

    def test_pipeline_longer_than_every_buffer(self):
        self.server.add_user()
        with self.server.connect() as client:
            client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n" * 5000)
            for _ in range(5000):
                self.assertEqual(client.receive().status, 200)

    def test_connection_is_kept_until_the_client_says_close(self):
        with self.server.connect() as client:
            for _ in range(10):
                self.assertNotIn("connection", client.ask("GET", "/users").fields)
            self.assertEqual(client.ask("GET", "/users", fields="Connection: close\r\n").fields["connection"], "close")
            self.assertTrue(client.is_closed())

    def test_old_http_closes_unless_told_otherwise(self):
        with self.server.connect() as client:
            client.send("GET /users HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            self.assertEqual(client.receive().fields["connection"], "keep-alive")
            client.send("GET /users HTTP/1.0\r\n\r\n")
            self.assertEqual(client.receive().status, 200)
            self.assertTrue(client.is_closed())

    def test_half_closed_client_gets_its_answer(self):
        with self.server.connect() as client:
            client.send("GET /users HTTP/1.1\r\nHost: a\r\n\r\n")
            client.socket.shutdown(running.socket.SHUT_WR)
            self.assertEqual(client.receive().status, 200)
            self.assertTrue(client.is_closed())

    def test_other_forms_of_the_target(self):
        self.server.add_user()
        self.assertEqual(self.server.ask("GET", "http://example.org/users/1").status, 200)
        self.assertEqual(self.server.ask("GET", "/%75sers/1?verbose").status, 200)
        self.assertEqual(self.server.ask("OPTIONS", "*").status, 405)
        self.assertEqual(self.server.ask("GET", "/users/%zz").status, 400)

    def test_100_continue_is_sent_only_while_the_body_is_missing(self):
        fields = f"Expect: 100-continue\r\nContent-Length: {len(ADA)}\r\n\r\n"
        with self.server.connect() as client:
            client.send("POST /users HTTP/1.1\r\nHost: a\r\n" + fields)
            self.assertEqual(client.receive().status, 100)
            client.send(ADA)
            self.assertEqual(client.receive().status, 201)
            client.send("POST /users HTTP/1.1\r\nHost: a\r\n" + fields + ADA)
            self.assertEqual(client.receive().status, 200)

    def test_every_answer_has_a_date(self):
        self.assertRegex(self.server.ask("GET", "/users").fields["date"], r"^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$")


running.main()
