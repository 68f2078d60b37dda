#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Puts the comparison's tables between the two marks of README.md beside it, from the JSON that compare.py wrote, with
machine, versions and date; the rest stays as it is.

    readme_table.py RESULTS.json [--stacks]     with --stacks, what compare.py --stacks wrote, to marks of its own
"""
import json
import pathlib
import sys

import results

def marks(name):
    return f"<!-- {name}: made by tests/bench/readme_table.py -->\n", f"<!-- end of {name} -->\n"


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


def table_of_stacks(data, figure, unit):
    taken = results.of_kind(data, "program")
    table = results.rows(taken, results.contenders_of(data), "glibc", figure, unit, min)
    return results.markdown_table(table)


def section_of_stacks(data):
    every = [results.ratio(figures, "heapmeter every", "heaptrack", of=min) for figures in data["results"].values()]
    machine = data["machine"]
    return "\n".join([
        table_of_stacks(data, "cpu", "s"),
        f"Every allocation attributed takes {results.cell(results.geometric_mean(every))} of heaptrack's time, "
        "geometric mean. Peak resident memory, likewise:\n",
        table_of_stacks(data, "rss_kib", "KiB"),
        results.markdown_table(results.verdicts_of_stacks(data, min)),
        *(f"{name} took no part: {why}.\n" for name, why in data["missing"].items()),
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.0f}; {data['date']}, the least of {data['runs']}, of "
        "one or two where a peer takes many times as long.\n"])


def replaced(readme, text, begin, end):
    before, found_begin, rest = readme.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise SystemExit(f"readme_table.py: the README lacks the lines\n{begin}{end}")
    return before + begin + text + end + after


def main():
    stacks = sys.argv[2:] == ["--stacks"]
    if len(sys.argv) != 2 and not stacks:
        raise SystemExit(__doc__)
    data = json.loads(pathlib.Path(sys.argv[1]).read_text())
    text = section_of_stacks(data) if stacks else section(data)
    README.write_text(replaced(README.read_text(), text, *marks("stacks" if stacks else "costs")))


if __name__ == "__main__":
    main()
