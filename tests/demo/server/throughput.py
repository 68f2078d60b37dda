# SPDX-License-Identifier: MIT
"""How many requests a second the user server answers, side by side with nginx, metered and not.

All serve the same JSON over kept connections to wrk. The runs take turns, so that whatever else the machine does
falls on all alike; the medians are compared. Processor time a request says more than requests a second where wrk
shares the processors with the server.
"""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import running

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 64

NGINX = """
user root; daemon off; worker_processes 2; pid {directory}/pid; error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000;
  open_file_cache max=16; default_type application/json;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{ listen 127.0.0.1:{port} reuseport; root {directory}/root; }}
}}
"""


class Nginx:
    """Serves one file; the same interface as running.Server, as far as needed here."""

    def __init__(self, body):
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            sys.exit("nginx is not installed; apt-get install nginx-light")
        self.directory = tempfile.TemporaryDirectory(prefix="heapmeter-nginx-")
        path = pathlib.Path(self.directory.name)
        (path / "root" / "users").mkdir(parents=True)
        (path / "root" / "users" / "1").write_bytes(body)
        self.port = running.free_port()
        (path / "conf").write_text(NGINX.format(directory=path, port=self.port))
        self.process = subprocess.Popen([program, "-p", path, "-c", path / "conf"])
        running.wait_for("nginx listens", self.answers)

    def answers(self):
        if self.process.poll() is not None:
            sys.exit(f"nginx ended with {self.process.returncode}")
        try:
            with running.Client(self.port) as client:
                return client.ask("GET", "/users/1").status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(running.DEADLINE)
        self.directory.cleanup()


def processor_seconds(pid):
    """Of the process and its children, which must all still live."""
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended while we looked, so not one of ours
        if int(fields[1]) == pid or stat.parent.name == str(pid):
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(server):
    """Requests a second, and microseconds of processor time a request."""
    before = processor_seconds(server.process.pid)
    output = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{SECONDS}s",
         f"http://127.0.0.1:{server.port}/users/1"], stdout=subprocess.PIPE, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"a server failed to answer:\n{output}")
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    spent = processor_seconds(server.process.pid) - before
    return float(re.search(r"Requests/sec: +([\d.]+)", output).group(1)), spent / requests * 1e6


def main():
    metered = running.Server()
    unmetered = running.Server(env={"HEAPMETER_OFF": "1"})
    for server in (metered, unmetered):
        server.add_user()
    nginx = Nginx(metered.ask("GET", "/users/1").body)
    servers = {"user_server, metered": metered, "user_server, HEAPMETER_OFF=1": unmetered, "nginx, static file": nginx}
    results = {name: [] for name in servers}
    try:
        for _ in range(ROUNDS):
            for name, server in servers.items():
                results[name].append(measure(server))
        heap = metered.heap()
    finally:
        for server in servers.values():
            server.stop()

    if not heap["metered"]:
        sys.exit("the server is not metered: this build is not linked with libheapmeter, or HEAPMETER_OFF is set")
    nginx_rate, nginx_cost = (statistics.median(column) for column in zip(*results["nginx, static file"]))
    print(f"{ROUNDS} rounds of {SECONDS} s each, {CONNECTIONS} connections, medians (lowest to highest)")
    print(f"{'':<30} {'requests/s':>10} {'':>17} {'/ nginx':>8} {'us/request':>11} {'/ nginx':>8}")
    for name, rows in results.items():
        rates, costs = zip(*rows)
        rate, cost = statistics.median(rates), statistics.median(costs)
        print(f"{name:<30} {rate:>10,.0f} {f'({min(rates):,.0f}-{max(rates):,.0f})':>17} {rate / nginx_rate:>8.2f} "
              f"{cost:>11.2f} {cost / nginx_cost:>8.2f}")
    route = next(route for route in heap["routes"] if route["route"] == "GET /users/{id}")
    print(f"allocations per request, connections included: {route['allocations_per_request']:.4f} "
          f"({route['allocations']:,} in {route['requests']:,})")


main()
