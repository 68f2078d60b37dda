# SPDX-License-Identifier: MIT
"""A terminal's picture as SVG, from what `tmux capture-pane -epN` says of it. Text is text, every run of it as wide as its
columns whatever the font; blocks and lines are drawn, since few fonts have them all. The terminal brings its own dark ground
and a border, so that it is readable on a light page and on a dark one."""
import html
import re

WIDTH, HEIGHT, MARGIN = 8.4, 18, 12  # of a cell; of the border around all
GROUND, PLAIN, BORDER = "#161b22", "#d0d7de", "#6e7681"
COLOURS = ["#161b22", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#39c5cf", "#d0d7de"]


class Look:
    """What the escapes so far say of the letters that follow."""

    def __init__(self):
        self.ink, self.ground, self.bold, self.dim, self.swapped = None, None, False, False, False

    def hear(self, codes):
        for code in [int(code or 0) for code in codes.split(";")]:
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif code == 7:
                self.swapped = True
            elif 30 <= code <= 37 or code == 39:
                self.ink = COLOURS[code - 30] if code < 39 else None
            elif 40 <= code <= 47 or code == 49:
                self.ground = COLOURS[code - 40] if code < 49 else None
            else:
                raise ValueError(f"what does the escape {codes!r} mean?")

    def drawn(self):
        """Letters, ground, bold; a ground of None is the terminal's own."""
        ink, ground = self.ink or PLAIN, self.ground
        if self.swapped:
            ink, ground = ground or GROUND, ink
        return "#8b949e" if self.dim and ink == PLAIN else ink, ground, self.bold


def cells(line, look):
    """[(letter, ink, ground, bold)] of a line with its escapes; a look lasts across lines."""
    found = []
    for escape, shift, letter in re.findall(r"\x1b\[([0-9;]*)m|([\x0e\x0f])|(.)", line):
        if letter:
            found.append((letter, *look.drawn()))
        elif not shift:
            look.hear(escape)
    return found


def block(letter):
    """(left, top, width, height) in parts of a cell, of a letter that is a part of a full block."""
    code = ord(letter)
    if 0x2581 <= code <= 0x2588:
        part = (code - 0x2580) / 8
        return 0, 1 - part, 1, part
    if 0x2589 <= code <= 0x258F:
        return 0, 0, (0x2590 - code) / 8, 1
    return {"│": (0.45, 0, 0.1, 1)}.get(letter)


LINES = {"┤": "M0 {m}H{c}M{c} 0V{h}", "└": "M{c} 0V{m}H{w}", "├": "M{c} 0V{h}M{c} {m}H{w}", "─": "M0 {m}H{w}"}


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


def rectangle(x, y, width, height, colour):
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" fill="{colour}"/>'


def runs(row, same):
    """(first column, cells) of neighbours that are alike by `same`."""
    begin = 0
    for at in range(1, len(row) + 1):
        if at == len(row) or same(row[at]) != same(row[begin]):
            yield begin, row[begin:at]
            begin = at


def drawn_row(row, top):
    parts = []
    for begin, run in runs(row, lambda cell: cell[2]):
        if run[0][2]:
            parts.append(rectangle(MARGIN + begin * WIDTH, top, len(run) * WIDTH, HEIGHT, run[0][2]))
    for begin, run in runs(row, lambda cell: (block(cell[0]), cell[1])):
        shape = block(run[0][0])
        if shape and shape[2] == 1:
            left, down, _, high = shape
            parts.append(rectangle(MARGIN + begin * WIDTH, top + down * HEIGHT, len(run) * WIDTH, high * HEIGHT, run[0][1]))
        elif shape:
            parts += [rectangle(MARGIN + (at + shape[0]) * WIDTH, top, shape[2] * WIDTH, HEIGHT, run[0][1])
                      for at in range(begin, begin + len(run))]
    for at, (letter, ink, _, _) in enumerate(row):
        if letter in LINES:
            path = LINES[letter].format(w=WIDTH, h=HEIGHT, m=HEIGHT / 2, c=WIDTH / 2)
            parts.append(f'<path transform="translate({number(MARGIN + at * WIDTH)} {number(top)})" d="{path}" stroke="{ink}" '
                         'fill="none"/>')
    for begin, run in runs(row, lambda cell: (cell[1], cell[3])):
        text = "".join(" " if block(cell[0]) or cell[0] in LINES else cell[0] for cell in run)
        bold = ' font-weight="bold"' if run[0][3] else ""
        for words in re.finditer(r"\S+(?: \S+)*", text):
            parts.append(f'<text x="{number(MARGIN + (begin + words.start()) * WIDTH)}" y="{number(top + HEIGHT * 0.75)}" '
                         f'fill="{run[0][1]}"{bold} textLength="{number(len(words[0]) * WIDTH)}" '
                         f'lengthAdjust="spacingAndGlyphs">{html.escape(words[0])}</text>')
    return parts


def svg(captured, title):
    look = Look()
    rows = [cells(line, look) for line in captured.rstrip("\n").split("\n")]
    width = MARGIN * 2 + WIDTH * max(map(len, rows))
    height = MARGIN * 2 + HEIGHT * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" '
             f'height="{number(height)}" role="img" shape-rendering="crispEdges">',
             f"<title>{html.escape(title)}</title>",
             f'<rect x="0.5" y="0.5" width="{number(width - 1)}" height="{number(height - 1)}" rx="8" fill="{GROUND}" '
             f'stroke="{BORDER}"/>',
             '<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="14">']
    for at, row in enumerate(rows):
        parts += drawn_row(row, MARGIN + at * HEIGHT)
    return "\n".join(parts) + "\n</g>\n</svg>\n"
