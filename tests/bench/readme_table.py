#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Puts the comparison's tables between the two marks of README.md beside it, from the JSON that compare.py wrote, with
machine, versions and date; the rest stays as it is.

    readme_table.py RESULTS.json
"""
import json
import pathlib
import sys

import results

BEGIN, END = "<!-- costs: made by tests/bench/readme_table.py -->\n", "<!-- end of costs -->\n"
README = pathlib.Path(__file__).resolve().with_name("README.md")


def section(data):
    parts = []
    for kind in ("program", "loop"):
        taken = results.of_kind(data, kind)
        if not taken:
            continue
        names = [name for name in results.contenders_of(data) if any(name in figures for figures in taken.values())]
        table = results.rows(taken, names, "glibc")
        table[0][0] = results.TITLES[kind]
        means = [results.geometric_mean(results.ratio(figures, "heapmeter", base) for figures in taken.values())
                 for base in ("glibc", "mimalloc")]
        spreads = [results.spread(one) for figures in taken.values() for one in figures.values() if one.get("cpu")]
        parts.append(results.markdown_table(table) + f"\nGeometric mean of heapmeter: {results.cell(means[0])} of glibc, "
                     f"{results.cell(means[1])} of bare mimalloc. Largest spread of one cell: {max(spreads):.0%}.\n")
    counted = [data["results"][workload] for workload in data["operations"]]
    if counted:
        names = [name for name in results.contenders_of(data) if any(name in figures for figures in counted)]
        parts.append(results.markdown_table(results.per_operation(data, names)))
    machine = data["machine"]
    parts += [f"{name} took no part: {why}.\n" for name, why in data["missing"].items()]
    parts.append(f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Linux {machine['kernel']}; " +
                 ", ".join(f"{name} {version}" for name, version in data["versions"].items()) +
                 f"; {data['date']}, median of {data['runs']}.\n")
    return "\n".join(parts)


def replaced(readme, text):
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"readme_table.py: the README lacks the lines\n{BEGIN}{END}")
    return before + BEGIN + text + END + after


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    README.write_text(replaced(README.read_text(), section(json.loads(pathlib.Path(sys.argv[1]).read_text()))))


if __name__ == "__main__":
    main()
