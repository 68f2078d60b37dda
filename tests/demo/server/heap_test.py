# SPDX-License-Identifier: MIT
"""What the meter sees of the server: nothing lost, and next to nothing allocated."""
import json
import unittest

import running

GET = "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"


def pipeline(client, request, count, batch=100):
    """Sends a request `count` times and takes the answers."""
    data = request.encode() * batch
    for _ in range(count // batch):
        client.send(data)
        left = batch
        while left:
            if not client.fill():
                raise AssertionError("the server closed the connection")
            left -= take_answers(client)


def take_answers(client):
    """How many whole answers there were; the last may be cut anywhere."""
    taken = 0
    while True:
        head, separator, rest = client.input.partition(b"\r\n\r\n")
        if not separator:
            return taken
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return taken
        client.input = rest[length:]
        taken += 1


def post(path, body):
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def hundred_thousand(server, first_number=2):
    """100,000 requests of every sort over a few connections, all closed at the end."""
    requests = [GET, "GET /users HTTP/1.1\r\nHost: a\r\n\r\n", "GET /nope HTTP/1.1\r\nHost: a\r\n\r\n",
                post("/users", '{"id":1,"name":"Ada Lovelace, countess","email":"ada@example.org"}'),
                post("/sum", '{"numbers":[%d,2,3]}' % first_number)]
    for request in requests:
        for _ in range(4):
            with server.connect() as client:
                pipeline(client, request, 100_000 // len(requests) // 4)
    running.wait_for("all connections are closed", lambda: server.heap()["open_connections"] == 1)


def growth(server, first_number=2):
    """Live bytes that 100,000 requests left behind, once they are at rest."""
    hundred_thousand(server, first_number)  # warm-up: every buffer as large as it gets
    before = server.snapshot()["live_bytes"]
    hundred_thousand(server, first_number)
    try:
        running.wait_for("the heap is as before", lambda: server.snapshot()["live_bytes"] <= before, deadline=2)
    except AssertionError:
        pass
    return server.snapshot()["live_bytes"] - before


class HeapTest(unittest.TestCase):
    # Asio keeps a few freed blocks for each thread, of one size or another. The server has one thread here: with two,
    # chance decides which of them sees which request, and so when its buffers are as large as they get.
    ALLOWED_GROWTH = 2000

    def serve(self, **arguments):
        server = running.Server(**arguments)
        self.addCleanup(server.__exit__, None)
        return server

    def test_live_bytes_are_flat_over_100000_requests(self):
        server = self.serve(threads=1)
        server.require_meter(self)
        left = growth(server)
        print(f"100,000 requests left {left:+} bytes", flush=True)
        self.assertLessEqual(left, self.ALLOWED_GROWTH)

    def test_a_leak_of_one_byte_a_request_is_noticed(self):
        server = self.serve(program=running.TESTS / "faulty_server", threads=1)
        server.require_meter(self)
        left = growth(server, first_number=1)
        print(f"100,000 requests, 20,000 of which leak one byte, left {left:+} bytes", flush=True)
        self.assertGreater(left, self.ALLOWED_GROWTH)

    def test_warm_get_of_a_user_allocates_nothing(self):
        server = self.serve()
        server.require_meter(self)
        server.add_user()
        with server.connect() as client:
            for _ in range(100):
                client.ask("GET", "/users/1")
            before = server.snapshot()
            for _ in range(1000):
                client.ask("GET", "/users/1")
            after = server.snapshot()
        allocations = after["allocations"] - before["allocations"]
        print(f"1,000 requests on a warm connection: {allocations} allocations", flush=True)
        self.assertEqual(allocations, 0)

    def test_every_allocation_is_charged_to_a_request(self):
        server = self.serve()
        server.require_meter(self)
        for number in range(50):
            server.add_user(number)
        heap = server.heap()
        self.assertEqual(heap["request_allocations"], sum(route["allocations"] for route in heap["routes"]))
        self.assertEqual(heap["requests"], sum(route["requests"] for route in heap["routes"]))
        posts = next(route for route in heap["routes"] if route["route"] == "POST /users")
        self.assertEqual(posts["requests"], 50)
        self.assertGreaterEqual(posts["allocations"], 50, "a user is at least one block")

    def test_heap_agrees_with_the_meter(self):
        server = self.serve()
        server.require_meter(self)
        heap, snapshot = server.heap(), server.snapshot()
        self.assertEqual(heap["live_bytes"], heap["allocated_bytes"] - heap["freed_bytes"])
        self.assertEqual(heap["live_blocks"], heap["allocations"] - heap["frees"])
        self.assertLessEqual(heap["allocations"], snapshot["allocations"])
        self.assertGreater(heap["live_bytes"], 0)

    def test_a_user_costs_the_same_to_the_byte_each_time(self):
        server = self.serve()
        server.require_meter(self)
        with server.connect() as client:
            def cost(number):
                before = server.snapshot()["live_bytes"]
                client.ask("POST", "/users", json.dumps({"id": number, "name": "n" * 40, "email": "e" * 40}))
                return server.snapshot()["live_bytes"] - before
            cost(10)
            self.assertEqual({cost(number) for number in range(11, 20)}, {cost(20)})

    def test_metrics_are_open_metrics(self):
        server = self.serve()
        server.require_meter(self)
        response = server.ask("GET", "/metrics")
        self.assertTrue(response.fields["content-type"].startswith("application/openmetrics-text"))
        lines = response.body.decode().splitlines()
        self.assertEqual(lines[-1], "# EOF")
        samples = {}
        families = set()
        for line in lines[:-1]:
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, families)
                families.add(name)
            elif line.startswith("# HELP "):
                self.assertEqual(line.split()[2], name)
            else:
                sample, value = line.rsplit(" ", 1)
                self.assertEqual(sample.partition("{")[0], name + ("_total" if kind == "counter" else ""))
                samples[sample] = int(value)
        self.assertGreater(samples["heapmeter_live_bytes"], 0)
        self.assertGreater(samples["heapmeter_allocations_total"], 0)
        self.assertIn('user_server_requests_total{route="GET /users/{id}"}', samples)

    def test_without_a_meter_no_zeros_are_shown(self):
        server = self.serve(env={"HEAPMETER_OFF": "1"})
        server.add_user()
        self.assertEqual(server.ask("GET", "/users/1").status, 200)
        heap = server.heap()
        self.assertFalse(heap["metered"])
        self.assertNotIn("live_bytes", heap)
        self.assertNotIn("allocations", heap["routes"][0])
        self.assertNotIn(b"heapmeter_", server.ask("GET", "/metrics").body)


running.main()
