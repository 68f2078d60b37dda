# SPDX-License-Identifier: MIT
"""Runs a workload under a contender and takes its figures: CPU seconds of the whole tree (of the server alone where one is
driven), wall seconds, and the largest peak resident memory of any of its processes in KiB. Contenders take turns, so that a
machine whose speed drifts is unfair to none. Linux counts the starter's own resident memory (some 20 MB of Python) in a
child's peak, so smaller peaks than that are not seen."""
import os
import resource
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    """The program did not end well; the text says how."""


def measure(workload, contender, scratch):
    """One run: {"cpu": s, "wall": s, "rss_kib": n}."""
    if workload.prepare:
        workload.prepare()
    with tempfile.TemporaryDirectory(dir=scratch) as directory:  # a peer's profile may be larger than the program
        output = os.path.join(directory, "output")
        inherited = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD" and
                     not name.startswith("HEAPMETER_")}
        environment = {**inherited, **workload.environment, **contender.variables(output), "HEAPMETER_DIR": directory}
        return run(workload, contender.command(workload.command, output), environment)


def run(workload, command, environment):
    with open(workload.stdin) as source, tempfile.TemporaryFile() as said:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        process = subprocess.Popen(command, env=environment, stdin=source, stdout=subprocess.DEVNULL, stderr=said)
        try:
            if workload.driver:
                workload.driver(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode != 0:
            said.seek(0)
            raise Failed(f"ended with {process.returncode}: {said.read().decode(errors='replace')[-300:].strip()}")
    if workload.driver:  # its driver's CPU is not the server's
        cpu = usage.ru_utime + usage.ru_stime
    else:
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "wall": wall, "rss_kib": usage.ru_maxrss}


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run_all(workloads, contenders, runs, slow_runs, scratch):
    """{workload: {contender: {"cpu": [...], "wall": [...], "rss_kib": [...]} or {"failed": text}}}"""
    results = {}
    for number, workload in enumerate(workloads, 1):
        taken = results[workload.name] = {}
        for turn in range(runs):
            for contender in contenders:
                if contender.slow and (turn >= slow_runs or workload.kind not in ("program", "own")):
                    continue
                figures = taken.setdefault(contender.name, {"cpu": [], "wall": [], "rss_kib": []})
                if "failed" in figures:
                    continue
                progress(f"{number}/{len(workloads)} {workload.name}, run {turn + 1}/{runs}, {contender.name}")
                try:
                    for name, value in measure(workload, contender, scratch).items():
                        figures[name].append(value)
                except Failed as failure:
                    taken[contender.name] = {"failed": str(failure)}
                    print(f"\n{workload.name} under {contender.name} {failure}", file=sys.stderr)
    progress("")
    return results
