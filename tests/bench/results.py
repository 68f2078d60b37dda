# SPDX-License-Identifier: MIT
"""From figures to what people read: medians, ratios, geometric means, tables. Pure functions over the results' JSON:

    {"schema": 1, "date": "2026-11-24", "machine": {...}, "versions": {...}, "runs": 5,
     "kinds": {workload: "program" | "loop" | "scaling" | "own"}, "operations": {workload: n}, "bars": {workload: ratio}, "missing": {contender or workload: why},
     "results": {workload: {contender: {"cpu": [s...], "wall": [s...], "rss_kib": [n...]} or {"failed": text}}}}
"""
import statistics

SCHEMA = 1


def median(figures, figure, of=statistics.median):
    """Of one workload under one contender; None when it failed or did not run. `of` may be min, where a machine is so busy
    that the least disturbed run says most."""
    values = (figures or {}).get(figure)
    return of(values) if values else None


def spread(figures):
    """Of the CPU times: how far apart the slowest and the fastest run are, as a share of the median."""
    values = figures["cpu"]
    return (max(values) - min(values)) / statistics.median(values)


def ratio(taken, contender, base, figure="cpu", of=statistics.median):
    over, under = median(taken.get(contender), figure, of), median(taken.get(base), figure, of)
    return over / under if over is not None and under else None


def geometric_mean(ratios):
    known = [value for value in ratios if value is not None]
    return statistics.geometric_mean(known) if known else None


def merged(earlier, later):
    """Of two calls: what the later one measured again is the later one's."""
    return {workload: earlier.get(workload, {}) | later.get(workload, {}) for workload in {**earlier, **later}}


def contenders_of(data):
    """In the order in which they ran."""
    return list(dict.fromkeys(name for taken in data["results"].values() for name in taken))


def of_kind(data, kind):
    return {name: taken for name, taken in data["results"].items() if data["kinds"][name] == kind}


def cell(value):
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 9.95 else f"{value:.0f}"


def rows(taken_by_workload, contenders, base, figure="cpu", unit="s", of=statistics.median):
    """A title row and one for each workload: the base's own figure, then everyone's ratio to it; last the means."""
    others = [name for name in contenders if name != base]
    table = [["", base, *others]]
    ratios = {name: [] for name in others}
    for workload, taken in taken_by_workload.items():
        own = median(taken.get(base), figure, of)
        row = [workload, "-" if own is None else f"{own:.{0 if unit == 'KiB' else 2}f} {unit}"]
        for name in others:
            value = ratio(taken, name, base, figure, of)
            ratios[name].append(value)
            row.append("failed" if "failed" in taken.get(name, {}) else cell(value))
        table.append(row)
    table.append(["geometric mean", ""] + [cell(geometric_mean(ratios[name])) for name in others])
    return table


def text_table(table):
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        first, rest = row[0].ljust(widths[0]), [value.rjust(width) for value, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines) + "\n"


def markdown_table(table):
    lines = ["| " + " | ".join(row) + " |" for row in table]
    lines.insert(1, "| --- |" + " ---: |" * (len(table[0]) - 1))
    return "\n".join(lines) + "\n"


TITLES = {"program": "Real programs", "loop": "Nothing but malloc and free", "scaling": "Scaling", "own": "Your program"}


def per_operation(data, contenders):
    """Nanoseconds of CPU for each operation, of the workloads that count them: flat where the cost is."""
    table = [["ns of CPU an operation", *contenders]]
    for workload, operations in data["operations"].items():
        taken = data["results"][workload]
        own = {name: median(taken.get(name), "cpu") for name in contenders}
        table.append([workload] + ["-" if own[name] is None else f"{own[name] / operations * 1e9:.1f}"
                                   for name in contenders])
    return table


def added_share(taken, of=statistics.median):
    """The CPU time that attributing every allocation adds, as a share of what heaptrack adds; None where one is not known."""
    plain, every, peer = (median(taken.get(name), "cpu", of) for name in ("glibc", "heapmeter every", "heaptrack"))
    return None if None in (plain, every, peer) or peer <= plain else max(0, every - plain) / (peer - plain)


def verdicts_of_stacks(data, of=statistics.median):
    """What was aimed at of attribution, in CPU time and peak resident memory, and whether it is reached."""
    taken = of_kind(data, "program")

    def ratios(contender, base, figure="cpu"):
        return {name: value for name, each in taken.items() if (value := ratio(each, contender, base, figure, of)) is not None}

    def worst(found):
        name = max(found, key=found.get)
        return f"{cell(found[name])} ({name})", found[name]

    every, peer = ratios("heapmeter every", "glibc"), ratios("heapmeter every", "heaptrack")
    sampled, memory = ratios("heapmeter 512K", "heapmeter"), ratios("heapmeter every", "heapmeter", "rss_kib")
    lean = {name: value for name, value in peer.items() if ratio(taken[name], "glibc", "heaptrack", "cpu", of) <= 0.2}
    added = {name: share for name in peer if name not in lean and (share := added_share(taken[name], of)) is not None}
    table = [["attribution", "aim", "measured", ""]]

    def add(what, aim, found, text=None):
        if found is not None:
            table.append([what, f"{aim:.2f}", text or cell(found), "met" if found <= aim else "missed"])

    add("every allocation ÷ glibc, geometric mean", 1.35, geometric_mean(every.values()))
    for what, aim, found in (("every allocation ÷ glibc, the worst", 1.5, every),
                             ("every allocation ÷ heaptrack, the worst where glibc takes less than 0.2 of it", 0.25, lean),
                             ("what every allocation adds ÷ what heaptrack adds, the worst of the others", 0.15, added),
                             ("peak resident memory, every allocation ÷ counting, the worst", 1.40, memory)):
        if found:
            text, value = worst(found)
            add(what, aim, value, text)
    add("one sample in 512 KiB ÷ counting, geometric mean", 1.01, geometric_mean(sampled.values()))
    return table


MEAN_BAR = 1.03  # of the real programs


def verdicts(data):
    """What was aimed at, of heapmeter's CPU time as a multiple of bare mimalloc's, and whether it is reached."""
    measured = [(name, ratio(data["results"].get(name, {}), "heapmeter", "mimalloc"), bar)
                for name, bar in data.get("bars", {}).items()]
    programs = [ratio(taken, "heapmeter", "mimalloc") for taken in of_kind(data, "program").values()]
    measured.append(("geometric mean of the programs", geometric_mean(programs), MEAN_BAR))
    return [["heapmeter ÷ mimalloc", "CPU", "bar", ""]] + [
        [name, cell(value), f"{bar:.2f}", "met" if value <= bar else "missed"]
        for name, value, bar in measured if value is not None]


def report(data):
    """All of it, as text."""
    parts = []
    contenders = contenders_of(data)
    for kind, title in TITLES.items():
        taken = of_kind(data, kind)
        if not taken:
            continue
        present = [name for name in contenders if any(name in figures for figures in taken.values())]
        parts.append(f"{title}: CPU time, ratio of medians of {data['runs']} to glibc's\n" +
                     text_table(rows(taken, present, "glibc")))
        if kind == "scaling":
            parts.append(text_table(per_operation(data, present)))
        if "heapmeter" in present and "mimalloc" in present:
            table = [["heapmeter ÷ mimalloc", "CPU", "wall", "RSS", "spread"]]
            for workload, figures in taken.items():
                ours = figures.get("heapmeter", {})
                table.append([workload] + [cell(ratio(figures, "heapmeter", "mimalloc", figure))
                                           for figure in ("cpu", "wall", "rss_kib")] +
                             ["-" if not ours.get("cpu") else
                              f"{max(spread(figures[one]) for one in figures if figures[one].get('cpu')):.0%}"])
            table.append(["geometric mean"] + [
                cell(geometric_mean(ratio(figures, "heapmeter", "mimalloc", figure) for figures in taken.values()))
                for figure in ("cpu", "wall", "rss_kib")] + [""])
            parts.append(text_table(table))
    table = verdicts(data)
    if len(table) > 1:
        parts.append(text_table(table))
    for name, why in data["missing"].items():
        parts.append(f"{name} took no part: {why}\n")
    return "\n".join(parts)
