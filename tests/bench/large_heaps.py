#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Large heaps with HEAPMETER_HUGE_PAGES=on: CPU time beside bare mimalloc, in turns, the least of the runs; resident memory and
page faults of the last one; a verdict on each bar."""
import argparse
import mmap
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SQLITE = """create table t(id integer primary key, name text, score real); create index n on t(name); begin;
with recursive c(x) as (select 1 union all select x+1 from c where x < 3300000)
  insert into t select x, 'user ' || (x * 7919 % 1500000), x / 7.0 from c;
commit; select count(*), sum(score) from t where name like 'user 1%';
"""
PERL = """my %h; $h{"key$_"} = [ $_, "value $_" ] for 1..600000; my $n = 0;
for my $round (1..2) { $n += $h{$_}[0] for keys %h; } print "$n\\n";
"""
NODE = """const held = []; let sum = 0;
for (let i = 0; i < 60000; i++) { const b = Buffer.allocUnsafeSlow(4096 + (i * 7919) % 4096); b.fill(i & 255); held.push(b); }
for (let round = 0; round < 4; round++) for (let i = 0; i < held.length; i++) {
  const b = Buffer.allocUnsafeSlow(4096 + (i * 104729) % 4096); b.fill(i & 255); held[(i * 7919) % held.length] = b; sum += b[17]; }
console.log(held.length, sum);
"""
MIMALLOC = f"/usr/lib/{os.uname().machine}-linux-gnu/libmimalloc.so.2"


def touch():
    """The host of a virtual machine may have taken large pages back, and their next touch would be measured as the program's."""
    with mmap.mmap(-1, 1500 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, len(memory), mmap.PAGESIZE):
            memory[at] = 1


def once(command, source, environment):
    with open(source) as text:
        process = subprocess.Popen(command, stdin=text, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10, usage.ru_minflt


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", required=True)
    parser.add_argument("--micro", required=True)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    library = os.path.abspath(arguments.library)
    with tempfile.TemporaryDirectory() as directory:
        sql, perl, node = (pathlib.Path(directory, name) for name in ("large.sql", "large.pl", "large.js"))
        for path, text in ((sql, SQLITE), (perl, PERL), (node, NODE)):
            path.write_text(text)
        off = {"LD_PRELOAD": library, "HEAPMETER_DIR": directory}
        contenders = {"mimalloc": {"LD_PRELOAD": MIMALLOC}, "off": off, "on": {**off, "HEAPMETER_HUGE_PAGES": "on"}}
        for name, bar, command, source in (
                ("churn of 1 GiB", 0.80, [os.path.abspath(arguments.micro), "random", "10000000", "4000000", "1"], os.devnull),
                ("perl, a hash of 600,000", 1.05, ["perl", str(perl)], os.devnull),
                ("node, Buffers", 0.80, ["node", str(node)], os.devnull),
                ("sqlite3, 235 MB", 0.92, ["sqlite3", ":memory:"], sql)):
            if not shutil.which(command[0]):
                print(f"{name}: {command[0]} is not installed")
                continue
            taken = {who: [] for who in contenders}
            for _ in range(arguments.runs):
                for who, environment in contenders.items():
                    touch()
                    taken[who].append(once(command, source, environment))
            least = {who: min(run[0] for run in runs) for who, runs in taken.items()}
            ratio = least["on"] / least["mimalloc"]
            print(f"{name}: {ratio:.2f} of mimalloc's with huge pages, {least['off'] / least['mimalloc']:.2f} without; bar {bar}, "
                  f"{'met' if ratio <= bar else 'missed'}")
            for who, runs in taken.items():
                print(f"    {who:9} {least[who]:.2f} s, {runs[-1][1]} MiB, {runs[-1][2]} page faults", flush=True)


if __name__ == "__main__":
    main()
