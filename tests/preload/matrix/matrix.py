#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the published tables from what the matrix tests recorded: MATRIX.md, one line a row, and the summary in README.md
beside it.

    matrix.py BUILD            print the summary
    matrix.py BUILD --update   write both files; groups that were not run stay as they are published
    matrix.py BUILD --sample off|every|512K|BYTES [GROUP…]
                               run the groups, or all, with HEAPMETER_SAMPLE so, and print what differs
    matrix.py BUILD --run [GROUP…]
                               the same with each process told of, as under `heapmeter run`
"""
import collections
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MATRIX = HERE / "MATRIX.md"
README = HERE / "README.md"
MODES = ("bare_mimalloc", "mimalloc", "next")
BEGIN, END = "<!-- matrix: made by tests/preload/matrix/matrix.py -->", "<!-- end of matrix -->"


def group_order():
    listed = re.search(r"matrix_groups = \{(.*?)\}", (HERE / "meson.build").read_text(), re.S).group(1)
    return re.findall(r"'(\w+)'", listed)


def read(directory):
    """{group: [{mode: line}]} of the groups that were run, the rows in the order of the source."""
    groups = {}
    for group in group_order():
        files = directory.glob(f"{group}.*.jsonl")
        rows = [{line["mode"]: line for line in map(json.loads, file.read_text().splitlines())} for file in files]
        if rows:
            groups[group] = sorted(rows, key=lambda row: next(iter(row.values()))["position"])
    return groups


def package(name):
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def versions():
    os_name = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.M).group(1)
    return (f"{os_name}, Linux {platform.release().split('-')[0]}, {platform.machine()}, glibc {package('libc6')}, "
            f"mimalloc {package('libmimalloc[23]*')}, {datetime.date.today().isoformat()}")


def words(line):
    if line["result"] == "same":
        return "same"
    if line["result"] == "differs":
        return f"**{line['detail']}**"
    return line["result"]


def cells(row):
    if "all" in row:
        return [f"skipped: {row['all']['detail']}"] + ["skipped"] * 2
    return [words(row[mode]) if mode in row else "-" for mode in MODES]


def table(group, rows):
    lines = [f"## {group}", "", "| row | what works | bare mimalloc | metered | on `next` |", "| --- | --- | --- | --- | --- |"]
    notes = []
    for row in rows:
        first = next(iter(row.values()))
        mark = ""
        if first["because"]:
            if first["because"] not in notes:
                notes.append(first["because"])
            mark = f" ({notes.index(first['because']) + 1})"
        bare, *metered = cells(row)
        lines.append(f"| {first['row']} | {first['promise']} | {bare} | {metered[0]}{mark} | {metered[1]} |")
    numbered = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join(lines + [""] + numbered + [""] * bool(notes))


def count(rows, modes):
    """How many rows have each result; a row in several modes has the worst of them."""
    rank = ("differs", "skipped", "refused", "unmetered", "same")
    tally = collections.Counter()
    for row in rows:
        results = ["skipped"] if "all" in row else [row[mode]["result"] for mode in modes if mode in row]
        if results:
            tally[min(results, key=rank.index)] += 1
    return tally


HEADER = """| group | rows | same | not metered | refused | differ | skipped | bare mimalloc: same | differ |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def summary_line(group, rows):
    metered, bare = count(rows, ("mimalloc", "next")), count(rows, ("bare_mimalloc",))
    numbers = [len(rows), *(metered[key] for key in ("same", "unmetered", "refused", "differs", "skipped")),
               bare["same"], bare["differs"]]
    return f"| {group} | " + " | ".join(map(str, numbers)) + " |"


INTRODUCTION = """# The matrix

Every row is one behaviour: a small program, run without the meter, under bare mimalloc, metered on mimalloc and metered
on the program's own allocator (`HEAPMETER_BACKEND=next`). *same*: same output, messages, exit code and signal as without,
the counters balance and the row's own assertions hold. *unmetered*: the same, but there is nothing to count, for the
reason given. *refused*: it does not start, and says why. Bold: how it differs. Made from test results by `matrix.py`;
do not edit.
"""


def update(groups):
    """Groups that were not run stay as they are published."""
    old = MATRIX.read_text() if MATRIX.exists() else ""
    sections = {text.split("\n", 1)[0]: "## " + text.rstrip() + "\n" for text in old.split("\n## ")[1:]}
    head, rest = README.read_text().split(BEGIN, 1)
    published, tail = rest.split(END, 1)
    lines = {line.split()[1]: line for line in published.splitlines() if line.startswith("| ")}
    for group, rows in groups.items():
        sections[group] = table(group, rows)
        lines[group] = summary_line(group, rows)
    known = [group for group in group_order() if group in sections]
    MATRIX.write_text("\n".join([INTRODUCTION, versions() + ".\n", *(sections[group] for group in known)]))
    body = "\n".join([HEADER, *(lines[group] for group in known)])
    README.write_text(f"{head}{BEGIN}\n{body}\n\n{versions()}.\n{END}{tail}")


def run_in_mode(build, name, value, groups):
    """Whether all rows are what they are in the mode that is published. The variable's name goes on HEAPMETER_MATRIX_."""
    good = True
    for group in groups or group_order():
        test = build / "tests" / "preload" / "matrix" / f"matrix_{group}_test"
        done = subprocess.run([test, "--gtest_brief=1"], env=os.environ | {f"HEAPMETER_MATRIX_{name}": value},
                              capture_output=True, text=True)
        print(f"{group} with {name}={value}: {'same' if done.returncode == 0 else 'differs'}", flush=True)
        if done.returncode != 0:
            print(done.stdout + done.stderr)
            good = False
    return good


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    if sys.argv[2:3] == ["--sample"] and len(sys.argv) > 3:
        sys.exit(0 if run_in_mode(build, "SAMPLE", sys.argv[3], sys.argv[4:]) else 1)
    if sys.argv[2:3] == ["--run"]:
        sys.exit(0 if run_in_mode(build, "RUN", "1", sys.argv[3:]) else 1)
    if len(sys.argv) < 2 or len(sys.argv) > 3 or sys.argv[2:] not in ([], ["--update"]):
        raise SystemExit(__doc__)
    groups = read(build / "meson-logs" / "matrix")
    if len(sys.argv) == 3:
        update(groups)
    print("\n".join([HEADER, *(summary_line(group, rows) for group, rows in groups.items())]))


if __name__ == "__main__":
    main()
