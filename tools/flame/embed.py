#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page, put together of its files, as C++: what goes before the data, and what after. Only the style and the script
that are in it may take effect, by their hashes, whatever a foreign name might smuggle in.

    embed.py ROOM PAGE STYLES... SCRIPTS... > page_text.cpp"""
import base64
import hashlib
import pathlib
import sys

PART = 8192  # bytes; compilers need not take longer literals


def allowed(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def literal(text):
    parts = [text[at:at + PART] for at in range(0, len(text), PART)]
    return "\n".join(f'R"page({part})page"' for part in parts)


room = sys.argv[1]
page = pathlib.Path(sys.argv[2]).read_text()
style, script = ["\n".join(pathlib.Path(name).read_text() for name in sys.argv[3:] if name.endswith(ending)) for ending in (".css", ".js")]
script = "'use strict';\n" + script
for name, text in {"{style hash}": allowed(style), "{script hash}": allowed(script), "{style}": style, "{script}": script}.items():
    assert page.count(name) == 1, name
    page = page.replace(name, text)
before, after = page.split("{data}")
print(f"""#include "{room}/page_text.h"
namespace heapmeter::cli::{room} {{
const std::string_view kPageBeforeData = {literal(before)};
const std::string_view kPageAfterData = {literal(after)};
}}""")
