#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who uses a name of the standard library includes its header, or a header of ours that does: what those of one compiler bring
along by chance, the next one's do not."""
import functools
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
NAMES = {
    "algorithm": """adjacent_find all_of any_of binary_search clamp copy_if copy_n count_if equal_range fill_n find_if generate
        is_sorted lower_bound max max_element merge min min_element minmax mismatch none_of nth_element partial_sort remove_if
        replace reverse rotate search shuffle sort stable_sort transform unique upper_bound""",
    "cmath": "ceil floor isfinite isnan llround log2 lround pow sqrt",
    "cstring": "memcmp memcpy memset strcmp strlen",
    "fstream": "ifstream ofstream",
    "functional": "function",
    "iterator": "back_inserter",
    "numeric": "accumulate iota reduce",
    "sstream": "istringstream ostringstream stringstream",
}
USES = {header: re.compile(r"\bstd::(" + "|".join(names.split()) + r")\b(?=\s*[(<{])") for header, names in NAMES.items()}
AREAS = [root / area for area in ("shim", "shim/include", "tools", "demo", "tests", "tests/unit", "tests/tools", "tests/preload")]


@functools.cache
def included(file):
    """The headers of the standard library that it brings along for certain."""
    text = file.read_text()
    all_of_them = set(re.findall(r"#include <(\w+)>", text))
    for name in re.findall(r'#include "([^"]+)"', text):
        for area in [file.parent, *AREAS]:
            if (area / name).is_file() and (area / name) != file:
                all_of_them |= included(area / name)
                break
    return all_of_them


faults = []
files = [file for area in ("shim", "tools", "demo", "tests") for end in ("cpp", "h") for file in sorted((root / area).rglob(f"*.{end}"))]
for file in files:
    text = re.sub(r"//.*", "", file.read_text())
    for header, use in USES.items():
        missed = sorted(set(use.findall(text)))
        if missed and header not in included(file):
            faults.append(f"{file.relative_to(root)}: std::{', std::'.join(missed)}, but no <{header}>")
print(*faults, f"{len(files)} files include what they use" if not faults else f"{len(faults)} faults", sep="\n")
sys.exit(bool(faults) or not files)
