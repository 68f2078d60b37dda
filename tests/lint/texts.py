#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the texts point to is there: every link leads to a file, or to a heading; every file named in backticks exists, seen
from the top, from the page, or from the area's include path."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:cpp|h|hpp|c|def|py|sh|md|txt|map|build))`")
faults = []


def pages():
    return sorted(path for path in root.rglob("*.md") if not path.relative_to(root).parts[0].startswith(("build", ".")))


def headings(text):
    """As GitHub names them."""
    return {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in text.splitlines() if line.startswith("#")}


for page in pages():
    text = page.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{page.relative_to(root)}:{number}"
        for link in re.findall(r"\]\(([^)\s]+)\)", line):
            if "://" in link:
                continue
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            if not target.exists():
                faults.append(f"{where}: there is no {link}")
            elif heading and heading not in headings(target.read_text()):
                faults.append(f"{where}: {path or 'this page'} has no heading for #{heading}")
        area = root / page.relative_to(root).parts[0]
        for name in NAMED.findall(line):
            if not any((base / name).exists() for base in (root, page.parent, area, root / "shim/include")):
                faults.append(f"{where}: there is no file {name}")

if not pages():
    faults.append("no page was found")
print("\n".join(faults))
sys.exit(1 if faults else 0)
