#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An include goes downward only: within shim/ by layers.txt, between the areas by the rules at the end."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
order = []
for line in (root / "tests/lint/layers.txt").read_text().splitlines():
    if not line.startswith("#"):
        order += line.split()[1:]
rank = {name: place for place, name in enumerate(order)}
faults = []


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line):
            yield number, match[1], match[2]


def sources(area):
    return sorted(p for p in (root / area).rglob("*") if p.suffix in {".c", ".h", ".cpp", ".hpp", ".def"})


def fault(path, number, text):
    faults.append(f"{path.relative_to(root)}:{number}: {text}")


for path in (root / "shim").glob("*"):
    if path.suffix not in {".h", ".cpp"}:
        continue
    if path.stem not in rank:
        fault(path, 1, f"{path.stem} has no layer: give it a place in tests/lint/layers.txt")
        continue
    for number, bracket, name in includes(path):
        target = pathlib.PurePath(name).stem
        if bracket == "<" or target == path.stem:
            continue
        if target not in rank:
            fault(path, number, f"{name} has no layer: give it a place in tests/lint/layers.txt")
        elif rank[target] < rank[path.stem]:
            fault(path, number, f"{path.stem} may not include {target}, which lies above it")

for path in sources("shim/include"):
    for number, bracket, name in includes(path):
        if bracket == '"':
            fault(path, number, f"a public header may not include the private {name}")

for area in ("tools", "demo"):
    for path in sources(area):
        for number, bracket, name in includes(path):
            if bracket == '"' and not ((root / area / name).exists() or (path.parent / name).exists()):
                fault(path, number, f"{area} may include its own files and <heapmeter/...>, not {name}")

seen = sum(1 for _ in (root / "shim").glob("*.cpp"))
print("\n".join(faults) or f"{seen} sources of the shim keep to their layers")
sys.exit(1 if faults or seen == 0 else 0)
