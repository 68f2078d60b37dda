#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""units.py ROOT FOLDER SOURCE...: puts the sources into nine files of #include lines, FOLDER/unit_N.cpp, which compile in half
of the time that the sources take one by one. No two of a unit give one name to things of their own; a unit that has not
changed is left as it is, so that nothing is compiled again for it."""
import pathlib
import re
import sys

DECLARED = re.compile(r"(?:(?:struct|class|enum class|enum|using) (\w+))|[^=({]*?\b(\w+)(?:\[[^\]]*\])?\s*(?:=|\{|\(|;)")

COUNT = 9


def own_names(text):
    """What stands in its unnamed namespaces, with the namespaces around it."""
    names, around, unnamed = set(), [], False
    for line in text.splitlines():
        if line == "namespace {":
            unnamed = True
        elif line == "}  // namespace":
            unnamed = False
        elif opened := re.match(r"namespace ([\w:]+) \{$", line):
            around.append(opened[1])
        elif line.startswith("}  // namespace "):
            around.pop()
        elif unnamed and line[:1].isalpha() and not line.startswith(("template", "using namespace", "namespace")):
            if declared := DECLARED.match(line):
                names.add("::".join([*around, declared[1] or declared[2]]))
                names |= {"::".join([*around, name]) for name in re.findall(r", (k\w+)[ {]", line)}
    return names


def main():
    root, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    sources = [pathlib.Path(word).resolve() for word in sys.argv[3:]]
    units = [{"lines": 0, "names": set(), "sources": []} for _ in range(COUNT)]
    texts = {source: source.read_text() for source in sources}
    share = sum(text.count("\n") for text in texts.values()) / COUNT
    for source, text in texts.items():
        names = own_names(text)
        free = [unit for unit in units if not unit["names"] & names]
        if not free:
            sys.exit(f"{source}: of its names {', '.join(sorted(names))} each unit has one; it wants another name, or one unit more")
        # Rooms stay together: their files include the same.
        unit = next((unit for unit in free if unit["lines"] < share), min(free, key=lambda unit: unit["lines"]))
        unit["lines"] += text.count("\n")
        unit["names"] |= names
        unit["sources"].append(source)
    for number, unit in enumerate(units):
        file = folder / f"unit_{number}.cpp"
        text = "".join(f'#include "{source.relative_to(root)}"\n' for source in unit["sources"])
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


main()
