#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What tools/check's last line is counted from: cases one by one, crashes as failures, skips with their reason."""
import json
import pathlib
import subprocess
import sys
import tempfile

RUN = "[ RUN      ] A.B\n"


def counted(*tests):
    with tempfile.TemporaryDirectory() as directory:
        log = pathlib.Path(directory, "testlog.json")
        log.write_text("".join(json.dumps(test) + "\n" for test in tests))
        done = subprocess.run([sys.argv[1], log], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()


def test(result, output, code=0):
    return {"name": "heapmeter:unit / x", "result": result, "stdout": output, "returncode": code}


good = test("OK", RUN + "[       OK ] A.B (1 ms)\n[       OK ] A.C/0 (0 ms)\n")
plain = test("OK", "fine\n")
assert counted(good, plain) == (0, ["3 passed, 0 failed, 0 skipped"]), counted(good, plain)

failed = test("FAIL", "[       OK ] A.B (1 ms)\n[  FAILED  ] A.C/0, where GetParam() = 3 (0 ms)\n[  FAILED  ] A.C/0\n", 1)
code, lines = counted(failed)
assert (code, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped"), lines
assert lines[0].startswith("failed: ") and lines[0].endswith("A.C/0"), lines

crashed = test("FAIL", "[       OK ] A.B (1 ms)\n[ RUN      ] A.C\n", -11)
assert counted(crashed)[1][-1] == "1 passed, 1 failed, 0 skipped", counted(crashed)
late = test("TIMEOUT", "", None)
assert counted(good, late)[0] == 1 and "TIMEOUT" in counted(good, late)[1][0], counted(good, late)

skipped = test("OK", RUN + "a.cpp:7: Skipped\nonly root can\n\n[  SKIPPED ] A.B (0 ms)\n[       OK ] A.C (0 ms)\n")
code, lines = counted(skipped, test("SKIP", "x is not installed\n", 77))
assert (code, lines[-1]) == (0, "1 passed, 0 failed, 2 skipped"), lines
assert lines[0].endswith("A.B: only root can") and lines[1].endswith("x is not installed"), lines

assert counted()[0] == 1, "no test at all is a failure"
print("cases, crashes and skips are counted")
