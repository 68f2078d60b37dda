#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every command a README shows: each block fenced as sh, from the top of the tree, must end well.

    readme_test.py SOURCE_ROOT BUILD_ROOT README
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

DEADLINE_S = 120


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def tree_with_build(source, build, directory):
    """The source tree with this build as its build/, whatever the build directory's real name."""
    top = pathlib.Path(directory)
    for entry in source.iterdir():
        if not entry.name.startswith((".", "build")):
            (top / entry.name).symlink_to(entry)
    (top / "build").symlink_to(build)
    return top


def main():
    source, build, readme = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    commands = blocks(readme.read_text())
    if not commands:
        raise SystemExit(f"{readme}: no command to run; is a fence missing?")
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        top = tree_with_build(source, build, directory)
        sockets = top / "sockets"
        sockets.mkdir(mode=0o700)
        # By a name that LD_PRELOAD can have, whatever the build's own is.
        environment = {**os.environ, "HEAPMETER_DIR": str(sockets), "HEAPMETER_LIBRARY": str(top / "build/shim/libheapmeter.so")}
        for block in commands:
            print(f"--- {block.strip()}", flush=True)
            # Jobs a block leaves in the background end by themselves; their output must not hold the test up.
            with tempfile.TemporaryFile() as output:
                result = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=top, env=environment,
                                        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                        timeout=DEADLINE_S, check=False)
                output.seek(0)
                print(output.read().decode(errors="replace"), flush=True)
            if result.returncode != 0:
                failed += 1
                print(f"FAILED with {result.returncode}", flush=True)
    print(f"{len(commands) - failed} of {len(commands)} blocks of {readme.name} ended well")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
