# SPDX-License-Identifier: MIT
"""What is measured: real programs, and loops that do nothing but allocate and free. Input is made anew in a directory of the
run's own; sizes are such that one run takes about a second."""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import measuring

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
with recursive c(x) as (select 1 union all select x+1 from c where x < 250000)
  insert into t select x, 'user ' || (x * 7919 % 150000), x / 7.0 from c;
commit;
select count(*), sum(score) from t where name like 'user 1%';
select name, count(*) from t group by substr(name, 1, 7) order by 2 desc limit 3;
"""
CPP = """
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
int main() {
  std::map<std::string, std::vector<int>> m;
  std::regex r("a+");
  return std::regex_match("aa", r) + static_cast<int>(m.size());
}
"""
NODE = """
const rows = Array.from({ length: 60000 }, (_, i) => ({ id: i, name: "user " + i, tags: [i % 7, i % 11] }));
let total = 0;
for (let round = 0; round < 6; round++) total += JSON.parse(JSON.stringify(rows)).length;
const zlib = require("zlib");
for (let round = 0; round < 40; round++) total += zlib.gzipSync(Buffer.alloc(200000, round)).length;
for (let round = 0; round < 20000; round++) total += Buffer.allocUnsafeSlow(100 + round % 5000).length;
console.log(total);
"""


@dataclasses.dataclass
class Workload:
    name: str
    kind: str                      # "program", "loop", "scaling" or "own"
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    stdin: str = os.devnull
    prepare: object = None         # called before each run, not measured
    driver: object = None          # for a server: called with the started process, asks it to end when done
    operations: int = 0            # of allocating and freeing, where they can be counted
    bar: float = 0                 # aimed at: the meter's CPU time as a multiple of bare mimalloc's
    needs_kib: int = 0             # memory that must be free, or the machine would swap or kill

    def missing(self):
        program = self.command[0]
        if not shutil.which(program):
            return f"{program} is not installed"
        free = int(re.search(r"MemAvailable:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
        if free < self.needs_kib:
            return f"it needs {self.needs_kib >> 10} MiB free, and {free >> 10} are"
        return None


def redis_driver(directory):
    socket = os.path.join(directory, "redis.sock")

    def drive(server):
        deadline = time.monotonic() + 60
        while not os.path.exists(socket):
            if server.poll() is not None:
                raise measuring.Failed(f"ended with {server.returncode} before it served")
            if time.monotonic() > deadline:
                raise measuring.Failed("did not serve within 60 s")
            time.sleep(0.02)
        subprocess.run(["redis-benchmark", "-s", socket, "-n", "150000", "-r", "100000", "-P", "16", "-q", "-t",
                        "set,get,lpush,hset"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["redis-cli", "-s", socket, "shutdown", "nosave"], check=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while os.path.exists(socket) and time.monotonic() < deadline:
            time.sleep(0.02)

    program = shutil.which("redis-server")
    if not program and shutil.which("redis-check-rdb"):  # Debian's redis-tools: one program under several names
        program = os.path.join(directory, "redis-server")
        os.symlink(shutil.which("redis-check-rdb"), program)
    return drive, [program or "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir",
                   directory]


def git_repository(directory):
    """A repository of a few thousand loose objects, and what lays a fresh copy for each run."""
    origin, copy = os.path.join(directory, "origin"), os.path.join(directory, "copy")
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "a", f"GIT_{name}_EMAIL": "a@b"}

    def git(*words):
        subprocess.run(["git", "-C", origin, *words], check=True, env=environment, stdout=subprocess.DEVNULL)

    def prepare():
        if not os.path.exists(origin):
            subprocess.run(["git", "init", "-q", origin], check=True, env=environment)
            for commit in range(25):
                for number in range(60):
                    pathlib.Path(origin, f"file{number}").write_text(
                        "".join(f"line {n * (number + 3)} of {commit // (1 + number % 4)}\n" for n in range(300)))
                git("add", "-A")
                git("commit", "-q", "-m", f"step {commit}", "--allow-empty")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(origin, copy)

    return prepare, ["git", "-C", copy, "-c", "gc.auto=0", "-c", "pack.threads=2", "gc", "-q", "--aggressive"]


def programs(directory, strings):
    def file(name, text):
        path = pathlib.Path(directory, name)
        path.write_text(text)
        return str(path)

    drive, redis = redis_driver(tempfile.mkdtemp(dir=directory))
    prepare_git, git = git_repository(directory)
    found = [
        Workload("python3 JSON", "program", ["/usr/bin/python3", file("build_and_parse.py", PYTHON_JSON)],
                 {"PYTHONMALLOC": "malloc"}),
        Workload("g++", "program", ["g++", "-std=c++20", "-O1", "-c", file("large.cpp", CPP), "-o", os.devnull]),
        Workload("perl hashes", "program", ["perl", file("hashes.pl", PERL_HASHES)]),
        Workload("sqlite3", "program", ["sqlite3", ":memory:"], stdin=file("bulk.sql", SQLITE)),
        Workload("redis", "program", redis, driver=drive),
        Workload("git gc", "program", git, prepare=prepare_git),
        Workload("node", "program", ["node", file("work.js", NODE)]),
    ]
    compiler = subprocess.run(["g++", "-print-prog-name=cc1plus"], capture_output=True, text=True, check=False).stdout.strip() \
        if shutil.which("g++") else ""
    found.append(Workload("cc1plus", "program", [compiler or "cc1plus", "-quiet", "-imultiarch", f"{os.uname().machine}-linux-gnu",
                                                 "-D_GNU_SOURCE", "-std=c++20", "-O1", file("large.cpp", CPP), "-o", os.devnull]))
    if strings:
        found.append(Workload("C++ strings", "program", [os.path.abspath(strings)]))
    for one in found:
        one.bar = 1.06
    return found


# Those whose stacks are compared: heaptrack does not follow g++ into its compiler, which therefore is there by itself, and only there.
STACKS = ["python3 JSON", "cc1plus", "perl hashes", "sqlite3", "C++ strings"]
ONLY_STACKS = ["cc1plus"]


def loops(micro):
    """Each a name of the loops program with its arguments."""
    if not micro:
        return []
    table = [
        ("same size pairs", "same-size", 20_000_000, 1, 1, 1.35),
        ("same size, batches", "batches", 20_000_000, 10_000, 1, 1.35),
        ("1 to 8 bytes", "random-8", 10_000_000, 1_000, 1, 1.40),
        ("1 to 64 bytes", "random-64", 10_000_000, 1_000, 1, 1.40),
        ("1 to 1000 bytes", "random-1000", 10_000_000, 1_000, 1, 1.40),
        ("random, 1000 live", "random", 10_000_000, 1_000, 1, 1.40),
        ("random, 100000 live", "random", 5_000_000, 100_000, 1, 1.40),
        ("random, 4000000 live", "random", 6_000_000, 4_000_000, 1, 0),
        ("new and sized delete", "new", 10_000_000, 1_000, 1, 1.40),
        ("new and delete by class", "classes", 10_000_000, 1_000, 1, 1.40),
        ("calloc", "calloc", 10_000_000, 1_000, 1, 1.40),
        ("malloc, realloc, free", "realloc", 8_000_000, 1, 1, 1.50),
        ("strings of 5 to 40", "strings", 10_000_000, 1_000, 1, 1.40),
        ("JSON into std::map", "json", 1_000, 1, 1, 1.40),
        ("handed to another thread", "handover", 4_000_000, 1, 2, 0),
        ("realloc growth", "growth", 60_000, 1, 1, 0),
        ("aligned blocks", "aligned", 5_000_000, 1_000, 1, 1.40),
        ("thread churn", "thread-churn", 12_000, 1, 1, 0),
    ]
    return [Workload(name, "loop", [os.path.abspath(micro), loop, str(count), str(live), str(threads)], bar=bar)
            for name, loop, count, live, threads, bar in table]


def scaling(micro):
    """The same work by more threads, and with more blocks live: cost an operation must stay flat."""
    if not micro:
        return []
    micro = os.path.abspath(micro)
    found = [Workload(f"{threads} threads", "scaling", [micro, "random", str(8_000_000 // threads), "1000", str(threads)],
                      operations=8_000_000)
             for threads in (1, 2, 4, 16, 64)]
    for megabytes in (1, 64, 1024, 8192):
        live = megabytes * 4096  # of 256 bytes on average
        operations = 2_000_000 + 2 * live
        found.append(Workload(f"{megabytes} MiB live", "scaling",
                              [micro, "random", str(operations), str(live), "1"], operations=operations,
                              needs_kib=megabytes * 2048))
    return found
