#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs programs alternately on glibc's malloc, on bare mimalloc and metered, and prints the ratios.

    compare.py --library LIB [--runs N] [--json FILE] [WORKLOAD ...]
    compare.py --library LIB -- PROGRAM ARGUMENT ...       a program of your own

CPU time (user and system, of the program and its children) and peak resident memory, the median over the runs and
the spread. Machines are shared and noisy: only ratios within one call mean anything.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

PYTHON_JSON = """
import json
rows = [{"id": i, "name": "user %d" % i, "tags": ["a", "b", str(i)], "score": i / 7} for i in range(12000)]
for _ in range(12):
    text = json.dumps(rows)
    assert len(json.loads(text)) == len(rows)
"""
PERL_HASHES = """
my %h; for my $round (1..3) { for my $i (1..150000) { $h{"key$i"} = [ $i, "value $i" ]; } delete $h{"key$_"} for 1..100000; }
print scalar(keys %h), "\\n";
"""
SQLITE = """
.mode list
create table t(id integer primary key, name text, score real); create index n on t(name);
begin;
with recursive c(x) as (select 1 union all select x+1 from c where x < 150000)
  insert into t select x, 'user ' || (x * 7919 % 150000), x / 7.0 from c;
commit;
select count(*), sum(score) from t where name like 'user 1%';
select name, count(*) from t group by substr(name, 1, 7) order by 2 desc limit 3;
"""


class Workloads:
    def __init__(self, directory, strings, pairs):
        self.directory, self.strings, self.pairs = pathlib.Path(directory), strings, pairs

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def all(self):
        source = self.file("large.cpp", "#include <algorithm>\n#include <functional>\n#include <iostream>\n#include <map>\n"
                           "#include <regex>\n#include <string>\n#include <unordered_map>\n#include <vector>\n"
                           "int main() { std::map<std::string, std::vector<int>> m; std::regex r(\"a+\"); "
                           "return std::regex_match(\"aa\", r) + static_cast<int>(m.size()); }\n")
        found = {
            "python3 JSON": (["/usr/bin/python3", self.file("build_and_parse.py", PYTHON_JSON)], {"PYTHONMALLOC": "malloc"}, None),
            "g++": (["g++", "-std=c++20", "-O1", "-c", source, "-o", os.devnull], {}, None),
            "perl hashes": (["perl", self.file("hashes.pl", PERL_HASHES)], {}, None),
            "sqlite3": (["sqlite3", ":memory:"], {}, self.file("bulk.sql", SQLITE)),
            "redis": (["redis"], {}, None),
        }
        if self.strings:
            found["C++ strings"] = ([self.strings], {}, None)
        if self.pairs:
            found["pairs, 1000 live"] = ([self.pairs, "1000", "10000000", "512"], {}, None)
            found["pairs, 100000 live"] = ([self.pairs, "100000", "6000000", "512"], {}, None)
        return found


def measure(command, environment, stdin):
    """CPU seconds and peak resident KiB of one run."""
    if command == ["redis"]:
        return measure_redis(environment)
    with open(stdin or os.devnull) as source:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(command, env=environment, stdin=source, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise SystemExit(f"compare.py: {command[0]} ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, usage.ru_maxrss


def measure_redis(environment):
    """The server's CPU while redis-benchmark drives it over a unix socket."""
    with tempfile.TemporaryDirectory() as directory:
        socket = os.path.join(directory, "redis.sock")
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly",
                                   "no", "--dir", directory], env=environment, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while not os.path.exists(socket):
                if time.monotonic() > deadline:
                    raise SystemExit("compare.py: redis-server did not start within 10 s")
                time.sleep(0.02)
            subprocess.run(["redis-benchmark", "-s", socket, "-n", "120000", "-r", "100000", "-P", "16", "-q", "-t",
                            "set,get,lpush,hset"], check=True, stdout=subprocess.DEVNULL)
        finally:
            server.terminate()
        _, _, usage = os.wait4(server.pid, 0)
        server.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def run_all(workloads, libraries, runs):
    results = {}
    total, done = len(workloads) * runs * len(libraries), 0
    for name, (command, extra, stdin) in workloads.items():
        taken = {label: [] for label in libraries}
        for _ in range(runs):
            for label, preload in libraries.items():
                environment = {**os.environ, **extra, "LD_PRELOAD": preload}
                taken[label].append(measure(command, environment, stdin))
                done += 1
                print(f"\r{done}/{total} {name:<20}", end="", file=sys.stderr, flush=True)
        results[name] = taken
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    return results


def median(taken, column):
    return statistics.median(run[column] for run in taken)


def spread(taken):
    values = sorted(run[0] for run in taken)
    return (values[-1] - values[0]) / statistics.median(values)


def table(results):
    print(f"{'CPU time, ratio of medians':<28}{'glibc':>9}{'mimalloc':>10}{'metered':>9}{'÷ mimalloc':>12}{'spread':>8}"
          f"{'RSS ÷ mimalloc':>16}")
    ratios, over_bare = [], []
    for name, taken in results.items():
        glibc, bare, metered = (median(taken[label], 0) for label in ("glibc", "mimalloc", "heapmeter"))
        memory = median(taken["heapmeter"], 1) / median(taken["mimalloc"], 1)
        ratios.append((metered / glibc, bare / glibc))
        over_bare.append(metered / bare)
        print(f"{name:<28}{glibc:>8.2f}s{bare / glibc:>10.2f}{metered / glibc:>9.2f}{metered / bare:>12.2f}"
              f"{max(map(spread, taken.values())):>8.0%}{memory:>16.2f}")
    print(f"{'geometric mean':<28}{'':>9}{statistics.geometric_mean(r[1] for r in ratios):>10.2f}"
          f"{statistics.geometric_mean(r[0] for r in ratios):>9.2f}{statistics.geometric_mean(over_bare):>12.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True, help="libheapmeter.so")
    parser.add_argument("--mimalloc", default="libmimalloc.so.2")
    parser.add_argument("--strings", help="the built strings workload")
    parser.add_argument("--pairs", help="the built pairs workload")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", help="write every figure to this file")
    own = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    known = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    parser.add_argument("workload", nargs="*")
    arguments = parser.parse_args(known)
    libraries = {"glibc": "", "mimalloc": arguments.mimalloc, "heapmeter": os.path.abspath(arguments.library)}
    with tempfile.TemporaryDirectory() as directory:
        workloads = {" ".join(own)[:26]: (own, {}, None)} if own else Workloads(
            directory, arguments.strings, arguments.pairs).all()
        for name in arguments.workload:
            if name not in workloads:
                parser.error(f"no workload {name!r}; there are: {', '.join(workloads)}")
        chosen = {name: w for name, w in workloads.items() if not arguments.workload or name in arguments.workload}
        for name in [n for n, w in chosen.items() if shutil.which(w[0][0] if w[0] != ['redis'] else 'redis-server') is None]:
            print(f"{name}: not installed, left out", file=sys.stderr)
            del chosen[name]
        results = run_all(chosen, libraries, arguments.runs)
    table(results)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
