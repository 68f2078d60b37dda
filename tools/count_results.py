#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts the cases in Meson's JUnit logs: names what failed, gives the reason of each skip, and ends with the one
line "N passed, N failed, N skipped". Exit code 1 when a case failed or none passed."""
import re
import sys
import xml.etree.ElementTree as ElementTree


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        # A test may print control characters that XML does not know.
        return ElementTree.fromstring(re.sub("[^\t\n\r\x20-\ufffd]", "", file.read()))


def last_line(text):
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1] if lines else ""


passed = failed = skipped = 0
for log in sys.argv[1:]:
    for suite in read(log).iter("testsuite"):
        output = last_line(suite.findtext("system-out"))
        for case in suite.iter("testcase"):
            name = f"{log.split('/')[0]}: {suite.get('name')}: {case.get('classname', '')}.{case.get('name')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {name}")
            elif skip is not None or case.get("result") == "skipped":
                skipped += 1
                reason = skip.get("message") if skip is not None else None
                print(f"skipped: {name}: {reason or last_line(case.findtext('system-out')) or output or 'no reason given'}")
            else:
                passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
