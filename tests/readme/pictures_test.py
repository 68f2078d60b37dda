#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The README's pictures show what `heapmeter top` shows today: the shop is looked at anew, for a shorter time, and what the
kept pictures say must be in the new ones, figures aside. The picture of the flame page is made anew, too: it is of the same size,
and has the server's functions in it.

    pictures_test.py TOOL LIBRARY SERVER DIRECTORY-OF-THE-KEPT"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import pictures

SECONDS = 15
UNTIL_LONG = {"the", "last", "for", "grows", "least", "steadily"}  # so it is said while it is short, and growth not yet
UNITS = re.compile(r"[KMG]iB(/s)?")


def texts(picture):
    return [element.text for element in xml.etree.ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def words(picture):
    """Of names and headings: neither figures nor what stands for more or fewer of them."""
    return {word for text in texts(picture) for word in re.findall(r"[A-Za-z/-]{3,}", text) if not UNITS.fullmatch(word)}


def names_of_others(library):
    """The kept pictures are of programs on mimalloc; off one that destroys blocks the library keeps."""
    with tempfile.TemporaryDirectory() as directory:
        report = pathlib.Path(directory, "report")
        subprocess.run(["true"], check=True, env=dict(os.environ, LD_PRELOAD=library, HEAPMETER_REPORT=str(report)))
        return set() if json.loads(report.read_text())["backend"] == "mimalloc" else {"mimalloc"}


def size_of(png):
    """Width and height, as its header says."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n"), png[:8]
    return struct.unpack(">II", png[16:24])


def flame_faults(tool, library, server, kept):
    if shutil.which("chromium") is None:
        print("not looked at: flame.png; chromium is not installed")
        return []
    with tempfile.TemporaryDirectory() as directory:
        anew = pathlib.Path(directory, "flame.png")
        names = pictures.flame(tool, library, server, anew)
        faults = [f"the flame page has no {name}; it has {sorted(names)}" for name in ("main", "demo::Server::accept") if not
                  any(each.startswith(name) for each in names)]
        if size_of(anew.read_bytes()) != size_of(kept.read_bytes()):
            faults.append("flame.png has another size than it had")
        return faults


def main():
    if shutil.which("tmux") is None:
        print("skipped: tmux is not installed")
        raise SystemExit(77)
    tool, library, server, kept = sys.argv[1:5]
    faults = []
    others = names_of_others(library)
    for name, new in pictures.drawn(*pictures.look(tool, library, SECONDS)).items():
        old = (pathlib.Path(kept) / name).read_text()
        missing = words(old) - words(new) - UNTIL_LONG - others
        if not words(old) or missing:
            faults.append(f"{name} shows {sorted(missing)}, which top does not; it shows {texts(new)}")
    faults += flame_faults(tool, library, server, pathlib.Path(kept) / "flame.png")
    if faults:
        raise SystemExit("\n".join(faults) + "\nIf top is right, make the pictures anew: tests/readme/pictures.py")
    print("the pictures show what top does")


if __name__ == "__main__":
    main()
