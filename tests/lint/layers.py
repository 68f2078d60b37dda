#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An include goes downward only: between rooms in the order of layers.txt, within a room without a circle, between the
areas not at all but for the public headers; a library that one room hides is included there only. And the library, the tool and every room of them have a page of a screen."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
faults = []
SCREEN = 40


def fault(path, number, text):
    faults.append(f"{path.relative_to(root)}:{number}: {text}")


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line):
            yield number, match[1], match[2]


def sources(folder):
    return sorted(p for p in (root / folder).rglob("*") if p.suffix in {".c", ".h", ".cpp", ".hpp", ".def"})


def circle(graph, stem, way=()):
    if stem in way:
        return [*way[way.index(stem):], stem]
    return next((found for next_stem in sorted(graph.get(stem, ())) if (found := circle(graph, next_stem, (*way, stem)))), None)


def check_page(room):
    page = room / "README.md"
    lines = page.read_text().splitlines() if page.exists() else []
    if not 0 < len(lines) <= SCREEN:
        fault(page, 1, f"a room says what it is, who may include it and what is always true, in 1 to {SCREEN} lines")
    stems = {path.stem for path in room.iterdir()}
    for number, line in enumerate(lines, 1):
        if line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", line.split("|")[1]):
                if name not in stems:
                    fault(page, number, f"no file here is called {name}")


def check_area(area, rooms):
    rank = {name: place for place, name in enumerate(rooms)}
    neighbours = {name: {} for name in rooms}
    files = [p for p in sources(area) if not p.is_relative_to(root / "shim/include")]
    for path in files:
        place = path.relative_to(root / area)
        room = str(place.parent)
        if room not in rank:
            fault(path, 1, f"the room {room} has no place in tests/lint/layers.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines() if area == "shim" else (), 1):
            for word in (word for word, owner in hidden_words.items() if owner != room and word in line):
                fault(path, number, f"{word} is asked for in {hidden_words[word]} only")
        for number, bracket, name in includes(path):
            if bracket == "<":
                if area == "shim" and room != hidden.get(name, room):
                    fault(path, number, f"{name} is known to {hidden[name]} only")
                continue
            if not (root / area / name).exists():
                fault(path, number, f"{area} may include its own files, named by their room, and <heapmeter/...>, not {name}")
                continue
            target = pathlib.PurePath(name)
            there = str(target.parent)
            if there == room:
                if target.stem != place.stem and (area, room, target.stem, place.stem) not in pairs:
                    neighbours[room].setdefault(place.stem, set()).add(target.stem)
            elif rank.get(there, -1) < rank[room]:
                fault(path, number, f"{room} may not include {name}, which lies above it")
    for room in sorted({".", *rooms} if area != "demo" else ()):
        check_page(root / area / room)
    for room, graph in neighbours.items():
        for stem in sorted(graph):
            if found := circle(graph, stem):
                fault(root / area / room, 1, "a circle: " + " → ".join(found))
                break
    return len(files)


lines = [line.partition("#")[0].split() for line in (root / "tests/lint/layers.txt").read_text().splitlines()]
pairs, hidden, hidden_words = set(), {}, {}
for word, *rest in filter(None, lines):
    if word == "pair":
        area, _, room = rest[0].partition("/")
        pairs |= {(area, room, *rest[1:]), (area, room, *reversed(rest[1:]))}
    elif word == "only":
        area, header, *words = rest
        room = area.partition("/")[2]
        hidden[header] = room
        hidden_words |= dict.fromkeys(words, room)
seen = {area: check_area(area, rooms) for area, *rooms in filter(None, lines) if area not in {"pair", "only"}}

for path in sources("shim/include"):
    for number, bracket, name in includes(path):
        if bracket == '"':
            fault(path, number, f"a public header may not include the private {name}")

print("\n".join(faults) or ", ".join(f"{count} files of {area}" for area, count in seen.items()) + " keep to their order")
sys.exit(1 if faults or set(seen) != {"shim", "tools", "demo"} or not all(seen.values()) else 0)
