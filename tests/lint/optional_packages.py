#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What only tests want is never needed to configure: tools/quickstart installs no more than a build needs."""
import pathlib
import re
import sys

# The shell and the interpreter that Meson itself needs; scripts of the tree are found by their suffix.
ALWAYS_THERE = ("'sh'", "'/usr/bin/python3'")

faults = []
for path in sorted(pathlib.Path(sys.argv[1], "tests").glob("**/meson.build")):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for call, wanted in re.findall(r"\b(find_library|find_program|dependency)\(([^,)]*)", line):
            if wanted not in ALWAYS_THERE and not wanted.endswith((".py'", ".sh'")) and "required: false" not in line:
                faults.append(f"{path}:{number}: {call}({wanted}) is not 'required: false'")
if faults:
    sys.exit("\n".join(faults))
print("nothing is needed to configure that only tests want")
