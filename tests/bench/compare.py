#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs programs in turns under allocators, the meter and its peers, and prints the ratios.

    compare.py --library LIB [OPTIONS]                        the workloads
    compare.py --library LIB [OPTIONS] -- PROGRAM ARGUMENT…   a program of your own

CPU time (user and system, of the program and its children), wall time and peak resident memory; medians over the runs.
Machines are shared and noisy: only ratios within one call mean anything. Whoever takes no part is named, with the reason.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

import contenders
import measuring
import plot
import results
import workloads


def machine():
    names = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {"processor": names[0] if names else platform.machine(), "cores": os.cpu_count(),
            "memory_gib": round(memory, 1), "kernel": platform.release(), "load": os.getloadavg()[0]}


def versions():
    packages = ["libc6", "libmimalloc2.0", "libmimalloc3", "libjemalloc2", "libgoogle-perftools4", "heaptrack", "valgrind", "libc-devtools"]
    found = {}
    for package in packages:
        said = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout:
            found[package] = said.stdout
    return found


def split(everyone):
    """Those who can take part, and why the others cannot."""
    missing = {one.name: why for one in everyone if (why := one.missing())}
    return [one for one in everyone if one.name not in missing], missing


def choose(everyone, names, what, parser):
    known = [one.name for one in everyone]
    for name in names:
        if name not in known:
            parser.error(f"no {what} {name!r}; there are: {', '.join(known)}")
    return [one for one in everyone if not names or one.name in names]


def arguments_of(words):
    own = words[words.index("--") + 1:] if "--" in words else []
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True, type=pathlib.Path, help="libheapmeter.so")
    parser.add_argument("--micro", help="the built program of the loops")
    parser.add_argument("--strings", help="the built C++ strings program")
    parser.add_argument("--only", action="append", default=[], metavar="CONTENDER", help="again for more; default: all")
    parser.add_argument("--stacks", action="store_true", help="only who takes call stacks, beside glibc and the meter that takes none")
    parser.add_argument("--workload", action="append", default=[], help="again for more; default: all")
    parser.add_argument("--kind", action="append", choices=["program", "loop", "scaling"], default=[],
                        help="again for more; default: program and loop")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=1, help="of heaptrack, massif and gperftools' profiler; 0: none")
    parser.add_argument("--add-to", type=pathlib.Path, help="results of an earlier call, of which these become part")
    parser.add_argument("--json", type=pathlib.Path, help="write every figure to this file")
    parser.add_argument("--svg", type=pathlib.Path, help="draw the real programs (or your own) into this file")
    arguments = parser.parse_args(words[:words.index("--")] if "--" in words else words)
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    if "--" in words and not own:
        parser.error("no program after --")
    return parser, arguments, own


def chosen_workloads(parser, arguments, own, directory):
    if own:
        return [workloads.Workload(" ".join(own)[:40], "own", own)]
    everyone = (workloads.programs(directory, arguments.strings) + workloads.loops(arguments.micro) +
                workloads.scaling(arguments.micro))
    if arguments.workload or arguments.stacks:
        names = arguments.workload or [name for name in workloads.STACKS if any(one.name == name for one in everyone)]
        return choose(everyone, names, "workload", parser)
    kinds = arguments.kind or ["program", "loop"]
    return [one for one in everyone if one.kind in kinds and one.name not in workloads.ONLY_STACKS]


def main():
    parser, arguments, own = arguments_of(sys.argv[1:])
    if not arguments.library.is_file():
        parser.error(f"{arguments.library}: no such library; build it with ninja -C build")
    names = arguments.only + (contenders.STACKS if arguments.stacks else [])
    everyone = choose(contenders.all_contenders(arguments.library), names, "contender", parser)
    taking_part, missing = split(everyone)
    with tempfile.TemporaryDirectory() as directory:
        loads, missing_loads = split(chosen_workloads(parser, arguments, own, directory))
        missing |= missing_loads
        for name, why in missing.items():
            print(f"{name} takes no part: {why}", file=sys.stderr)
        taken = measuring.run_all(loads, taking_part, arguments.runs, arguments.slow_runs, directory)
    data = {"schema": results.SCHEMA, "date": datetime.date.today().isoformat(), "machine": machine(),
            "versions": versions(), "runs": arguments.runs, "kinds": {one.name: one.kind for one in loads},
            "operations": {one.name: one.operations for one in loads if one.operations and one.name in taken},
            "bars": {one.name: one.bar for one in loads if one.bar}, "missing": missing, "results": taken}
    if arguments.add_to and arguments.add_to.exists():
        earlier = json.loads(arguments.add_to.read_text())
        data |= {part: earlier.get(part, {}) | data[part] for part in ("kinds", "operations", "bars", "missing")}
        data["results"] = results.merged(earlier.get("results", {}), data["results"])
    print(results.report(data))
    if arguments.json:
        arguments.json.write_text(json.dumps(data, indent=1) + "\n")
    if arguments.svg:
        arguments.svg.write_text(plot.svg(data, "own" if own else "program"))
    if not taken or any("failed" in figures for each in taken.values() for figures in each.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
