# SPDX-License-Identifier: MIT
"""The results as a picture: for every contender a row, for every workload a dot at its ratio to glibc, on a logarithmic scale,
the geometric mean as a bar. Plain SVG, no library."""
import math
from xml.sax.saxutils import escape

import results

LEFT, TOP, ROW, WIDTH = 190, 64, 34, 860
COLOURS = {"glibc": "#888888", "heapmeter": "#c0392b", "heapmeter next": "#e08e79"}


def ticks(low, high):
    steps = [a * 10 ** power for power in range(-2, 4) for a in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def svg(data, kind="program"):
    taken = results.of_kind(data, kind)
    names = [name for name in results.contenders_of(data) if any("cpu" in f.get(name, {}) for f in taken.values())]
    values = {name: {w: results.ratio(f, name, "glibc") for w, f in taken.items()} for name in names}
    known = [value for row in values.values() for value in row.values() if value]
    low, high = min([0.5, *known]) / 1.1, max([2, *known]) * 1.15

    def x(value):
        return LEFT + (WIDTH - LEFT - 60) * math.log(value / low) / math.log(high / low)

    height = TOP + ROW * len(names) + 40
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
             f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
             f'<text x="16" y="26" font-size="16">{escape(results.TITLES[kind])}: CPU time ÷ glibc, less is better</text>',
             f'<text x="16" y="46" fill="#666">a dot is a workload, a bar the geometric mean; {escape(data["date"])}, '
             f'median of {data["runs"]}</text>']
    for tick in ticks(low, high):
        colour = "#555" if tick == 1 else "#ddd"
        lines.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{height - 34}" stroke="{colour}"/>')
        lines.append(f'<text x="{x(tick):.1f}" y="{height - 16}" text-anchor="middle" fill="#555">{tick:g}</text>')
    for number, name in enumerate(names):
        y = TOP + ROW * number + ROW / 2
        colour = COLOURS.get(name, "#2c6e9b")
        mean = results.geometric_mean(values[name].values())
        lines.append(f'<text x="{LEFT - 10}" y="{y + 5:.1f}" text-anchor="end">{escape(name)}</text>')
        lines.append(f'<line x1="{x(mean):.1f}" x2="{x(mean):.1f}" y1="{y - 11:.1f}" y2="{y + 11:.1f}" '
                     f'stroke="{colour}" stroke-width="4"/>')
        lines.append(f'<text x="{WIDTH - 8}" y="{y + 5:.1f}" text-anchor="end" fill="{colour}">'
                     f'{results.cell(mean)}</text>')
        for workload, value in values[name].items():
            if value:
                lines.append(f'<circle cx="{x(value):.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.55">'
                             f'<title>{escape(workload)}: {results.cell(value)}</title></circle>')
    return "\n".join(lines) + "\n</svg>\n"
