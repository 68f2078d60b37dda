#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts the cases in Meson's test logs (testlog.json): names what failed, gives the reason of each skip, and ends
with the one line "N passed, N failed, N skipped". Exit code 1 when a case failed or none passed.

A GoogleTest program's cases are counted one by one from what it printed, every other program as one case. A program
that failed without a failed case (it crashed, or ran out of time) is a failure of its own."""
import json
import re
import sys

CASE = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (\S+?)(?:, where .*)? \(\d+ ms\)$", re.MULTILINE)
counts = {"passed": 0, "failed": 0, "skipped": 0}


def count(verdict, name, reason=""):
    counts[verdict] += 1
    if verdict != "passed":
        print(f"{verdict}: {name}" + (f": {reason}" if reason else ""))


def reason_of_skip(output, case):
    """What the case printed between its start and its end, without the file and line GoogleTest puts before it."""
    said = output.split(f"[ RUN      ] {case}\n")[-1].split("[  SKIPPED ]")[0]
    lines = [line for line in said.splitlines() if line.strip() and not re.match(r"\S+:\d+: Skipped", line)]
    return " ".join(lines) or "no reason given"


for log in sys.argv[1:]:
    for line in open(log, encoding="utf-8", errors="replace"):
        test = json.loads(line)
        output = test.get("stdout", "")
        name = f"{log.split('/')[0]}: {test['name'].split(':', 1)[-1]}"
        cases = CASE.findall(output)
        for verdict, case in cases:
            word = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}[verdict]
            count(word, f"{name}: {case}", reason_of_skip(output, case) if word == "skipped" else "")
        if test["result"] in ("OK", "EXPECTEDFAIL"):
            if not cases:
                count("passed", name)
        elif test["result"] == "SKIP":
            if not cases:
                count("skipped", name, output.strip().splitlines()[-1] if output.strip() else "no reason given")
        elif not any(verdict == "FAILED" for verdict, _ in cases):
            count("failed", name, f"{test['result']}, exit code {test.get('returncode')}")

print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
