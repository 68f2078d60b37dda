# SPDX-License-Identifier: MIT
# man and its pipeline, sandboxed by seccomp as Debian has it.
{ printf '.TH HEAP 1 2020-01-01 test test\n.SH NAME\nheap \\- a page\n.SH DESCRIPTION\n'
  for i in $(seq 1 400); do printf '.SS "Part %d"\n.B bold %d\nand \\fIitalic\\fR text.\n' "$i" "$i"; done; } > heap.1
MANPAGER=cat MANWIDTH=80 man -l ./heap.1 | sha256sum
man -l ./heap.1 -Tutf8 | wc -l
MANPATH=. man no-such-page || echo "exit $?"
