#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program must be refused, and for the reason it names.

usage: rejected.py SOURCE COMMAND...

COMMAND checks the source. It must accept it as it is, and refuse it with -DMUST_NOT_COMPILE, with a message
that matches the pattern after `expect:` in the source. So a misspelt program cannot pass for a refused one.
"""
import re
import subprocess
import sys


def check(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode == 0, result.stdout


def main():
    source, command = sys.argv[1], sys.argv[2:]
    with open(source, encoding="utf-8") as file:
        expected = re.search(r"^// expect: (.+)$", file.read(), re.MULTILINE).group(1)

    accepted, output = check(command)
    if not accepted:
        sys.exit(f"{source} is refused even without its mistake:\n{output}")
    accepted, output = check([*command, "-DMUST_NOT_COMPILE"])
    if accepted:
        sys.exit(f"{source} is accepted with its mistake; it must be refused with: {expected}")
    if not re.search(expected, output):
        sys.exit(f"{source} is refused, but not with: {expected}\n{output}")
    print(f"refused as it should: {expected}")


main()
