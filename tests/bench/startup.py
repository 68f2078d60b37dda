#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the start of a process costs: /bin/true, and a shell script with many execs, on glibc, on bare mimalloc and metered.

    startup.py --library LIB [--rounds 40] [--execs 1000]

CPU time, in turns, medians; page faults and system calls beside, which repeat where times do not. Bars: /bin/true ÷ mimalloc 1.15, the script
÷ mimalloc 1.10."""
import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile

import contenders
import measuring


def usage(command, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_minflt - before.ru_minflt)


def compare(title, per, rounds, commands, environments):
    """In turns; `per` is how many starts one command makes."""
    taken = {name: [] for name in commands}
    for number in range(rounds):
        measuring.progress(f"{title}: round {number + 1}/{rounds}")
        for name, command in commands.items():
            taken[name].append(usage(command, environments[name]))
    measuring.progress("")
    cpu = {name: statistics.median(run[0] for run in runs) for name, runs in taken.items()}
    faults = {name: statistics.median(run[1] for run in runs) for name, runs in taken.items()}
    print(title)
    for name in taken:
        print(f"  {name:<10} {cpu[name] * 1e3 / per:8.3f} ms cpu, {faults[name] / per:7.1f} page faults each; "
              f"÷ mimalloc {cpu[name] / cpu['mimalloc']:.3f}, ÷ glibc {cpu[name] / cpu['glibc']:.3f}")


def system_calls(library, environment, directory):
    """How many /bin/true makes, its exec included."""
    log = os.path.join(directory, "strace")
    subprocess.run(["strace", "-f", "-o", log, "-E", f"LD_PRELOAD={library}", "/bin/true"], env=environment, check=True)
    with open(log, encoding="utf-8", errors="replace") as lines:
        return sum(bool(re.match(r"\d+ +\w+\(", line)) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--execs", type=int, default=1000)
    arguments = parser.parse_args()
    libraries = {"glibc": "", "mimalloc": str(contenders.MIMALLOC),
                 "heapmeter": os.path.abspath(arguments.library)}
    with tempfile.TemporaryDirectory() as directory:
        plain = {**os.environ, "HEAPMETER_DIR": directory}
        if shutil.which("strace"):
            print("/bin/true, system calls: " + ", ".join(
                f"{name} {system_calls(library, plain, directory)}" for name, library in libraries.items()))
        else:
            print("system calls not counted: strace is not installed")
        # Only what is started is preloaded, not who starts it.
        hundred = 'i=0; while [ $i -lt 100 ]; do LD_PRELOAD="$0" /bin/true; i=$((i+1)); done'
        compare("/bin/true, each", 100, arguments.rounds,
                {name: ["sh", "-c", hundred, library] for name, library in libraries.items()},
                {name: plain for name in libraries})
        script = f"i=0; while [ $i -lt {arguments.execs} ]; do /bin/true; i=$((i+1)); done"
        compare(f"a shell script with {arguments.execs} execs", 1, max(5, arguments.rounds // 8),
                {name: ["sh", "-c", script] for name in libraries},
                {name: {**plain, "LD_PRELOAD": library} for name, library in libraries.items()})


if __name__ == "__main__":
    main()
