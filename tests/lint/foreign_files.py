#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What others may have made is opened in one place of the tool: system/foreign_file.cpp (its head says why).

Who opens a file otherwise is listed here, with what it is. And JSON that others wrote comes in by one door, text/foreign_json.cpp.
"""
import pathlib
import re
import sys

ALLOWED = {
    'system/foreign_file.cpp': 'the one place',
    'system/file_text.cpp': 'files of the kernel',
    'system/process.cpp': '/proc/PID/mem',
    'system/loader.cpp': '/dev/null',
    'system/page_map.cpp': '/proc/PID/pagemap',
    'readings/mark.cpp': '/proc/sys/kernel/random/boot_id',
    'client/socket_directory.cpp': 'directories, checked when they are open',
    'client/exchange.cpp': 'a place in the file system, which must be a socket',
    'verbs/run.cpp': 'where the user wants his output written',
    'record/recording_file.cpp': 'likewise',
    'text/saved_file.cpp': 'likewise',
    'text/output.cpp': 'the root directory, as a descriptor',
}
OPENING = re.compile(r'(?<![\w.>])(?:::)?(?:open|open64|openat|fopen|fdopen|creat|freopen|mmap)\s*\('
                     r'|\b(?:posix_spawn_file_actions_addopen|SYS_openat2?)\b'
                     r'|\b(?:std::)?(?:i|o)?fstream\b|\b(?:std::)?filebuf\b')
PARSING = re.compile(r'\bjson::(?:parse\(|stream_parser)')
DECLARES = re.compile(r'SocketDirectory::open\(|\bstatic std::shared_ptr<const SocketDirectory> open\(|#include')


def main():
    tools = pathlib.Path(sys.argv[1]) / 'tools'
    wrong, used = [], set()
    for path in sorted(tools.rglob('*.cpp')) + sorted(tools.rglob('*.h')):
        name = str(path.relative_to(tools))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split('//')[0]
            if PARSING.search(code) and name != 'text/foreign_json.cpp':
                wrong.append(f'{path}:{number}: parses JSON itself; take parse_foreign')
            if not OPENING.search(code) or DECLARES.search(code):
                continue
            used.add(name)
            if name not in ALLOWED:
                wrong.append(f'{path}:{number}: opens a file itself; take a ForeignFile, '
                             'or file_text for one of the kernel')
    wrong += [f'{name} opens no file any more: take it off the list' for name in sorted(set(ALLOWED) - used)]
    if len(used) < 3:
        wrong.append('too little was found: this test is blind')
    sys.exit('\n'.join(wrong) or 0)


if __name__ == '__main__':
    main()
