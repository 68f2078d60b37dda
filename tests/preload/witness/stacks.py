#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Call stacks against two independent witnesses: for deterministic programs heaptrack and valgrind's DHAT must have the
same allocations and bytes at each stack, address by address, as the meter with every allocation attributed.

    stacks.py BUILD [PROGRAM…]

What is expected to differ, and is taken into account:
- operator new: heaptrack meets the malloc in it, so its stacks have frames of operator new that neither of the others has.
- strdup: where mimalloc has one (from its 3.0 on), the meter has, which no frame tells of; the witnesses meet libc's.
- realloc: heaptrack counts one more allocation where the meter counts a reallocation. All of them together are the
  process's reallocations. DHAT leaves the block, with its new size, at the stack that first made it: which that is comes
  from heaptrack's list of events.
- nothing: a request for no bytes is one for one byte to DHAT.
- memalign, which heaptrack does not know; DHAT alone speaks for it.
- deep stacks: heaptrack has 64 frames at most.
- python3: it makes numbers of addresses, which take a digit more or less, and orders sets by them. So the meter takes libc's
  allocator, as the witnesses do, and of python3's stacks one in 80 may differ, by little; valgrind's addresses are others.
- the emergency pool of libstdc++, which is loaded with heaptrack into programs that have none.
"""
import collections
import os
import pathlib
import sys
import tempfile

import observers

# Of heaptrack's 64 the innermost are its own.
MOST_FRAMES = 60
PERL = ("my %h; $h{$_ % 977} .= 'x' x ($_ % 50) for 1..20000; my @k = sort { $a <=> $b } keys %h;"
        "my $s = 0; $s += length $h{$_} for @k; print \"$s\\n\";")
PYTHON = ("import json; rows = [{'id': i, 'tags': ['a', str(i)]} for i in range(300)];"
          "print(len(json.loads(json.dumps(rows))))")
SQLITE = ("create table t(a integer primary key, b text);"
          "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
          " insert into t select i, printf('%0*d', i % 90, i) from n;"
          "create index tb on t(b); select count(*), sum(length(b)) from t;")


def programs(build):
    victims = build / "tests" / "preload"
    return {
        "witness_c": [victims / "witness_c"],
        "witness_cpp": [victims / "witness_cpp"],
        "perl": ["/usr/bin/perl", "-e", PERL],
        "python3": ["/usr/bin/python3", "-S", "-c", PYTHON],
        "sqlite3": ["/usr/bin/sqlite3", "-batch", ":memory:", SQLITE],
    }


Count = collections.namedtuple("Count", "allocations bytes")


def is_pool(stack):
    return "/libstdc++.so." in stack[-1][0] and all("/ld-linux" in path for path, _ in stack[:-1])


def summed(pairs):
    """{stack: Count} of (stack, allocations, bytes)."""
    sums = collections.defaultdict(lambda: [0, 0])
    for stack, allocations, size in pairs:
        if is_pool(stack):
            continue
        stack = stack[-MOST_FRAMES:]
        sums[stack][0] += allocations
        sums[stack][1] += size
    return {stack: Count(*both) for stack, both in sums.items()}


def reallocations(ours, theirs):
    """How many more allocations heaptrack has at each stack."""
    return {stack: theirs[stack].allocations - ours[stack].allocations for stack in ours if stack in theirs and
            theirs[stack].allocations != ours[stack].allocations}


def kept_at_their_first(events, moved):
    """Heaptrack's events as DHAT counts them: what realloc makes is its block's, still at the stack that made that."""
    first, pairs, freed, seen = {}, [], None, collections.Counter()
    for kind, block, stack, size in events:
        if kind == "free":
            freed = block
            continue
        stack = stack[-MOST_FRAMES:]
        if freed in first and seen[stack] < moved.get(stack, 0):
            seen[stack] += 1
            stack = first.pop(freed)
        freed = None
        first[block] = stack
        pairs.append((stack, 1, max(size, 1)))
    return summed(pairs)


def differences(ours, theirs):
    return [(stack, ours.get(stack), theirs.get(stack)) for stack in sorted(ours.keys() | theirs.keys())
            if ours.get(stack) != theirs.get(stack)]


def are_few(found, stacks, of_addresses):
    return len(found) <= (stacks // 80 if of_addresses else 0)


def show(name, who, found):
    for stack, ours, theirs in found[:5]:
        print(f"{name}: ours {ours}, {who}'s {theirs} at\n    " +
              "\n    ".join(f"{module}+{offset:#x}" for module, offset in reversed(stack)))


def compare(name, command, directory):
    """Whether all three agree."""
    page = observers.meter(command, directory)
    events = observers.heaptrack(command, directory)
    dhat = summed(observers.dhat(command, directory))
    ours = summed(page.sites)
    heaptrack = summed((stack, 1, size) for kind, _, stack, size in events if kind == "new")
    moved = reallocations(ours, heaptrack)
    of_addresses = name == "python3"
    good = (page.cut_short == 0 and min(moved.values(), default=0) >= 0 and
            abs(sum(moved.values()) - page.reallocations) <= of_addresses)
    if not good:
        print(f"{name}: {page.cut_short} cut short, {sum(moved.values())} of {page.reallocations} reallocations, "
              f"at the least {min(moved.values(), default=0)}")
    unseen = {stack: count for stack, count in ours.items() if stack not in heaptrack and dhat.get(stack) == count}
    ours = {stack: count for stack, count in ours.items() if stack not in unseen}
    expected = {stack: Count(count.allocations + moved.get(stack, 0), count.bytes) for stack, count in ours.items()}
    by_heaptrack = differences(expected, heaptrack)
    by_dhat = differences(kept_at_their_first(events, moved) | unseen, dhat)
    few = are_few(by_heaptrack, len(ours), of_addresses) and are_few(by_dhat, len(ours), of_addresses)
    if not few:
        show(name, "heaptrack", by_heaptrack)
        show(name, "DHAT", by_dhat)
    allocations, size = (sum(part) for part in zip(*expected.values()))
    print(f"{name}: {len(ours)} stacks, {allocations:,} allocations and reallocations, {size:,} bytes; "
          f"{len(by_heaptrack)} stacks differ from heaptrack's, {len(by_dhat)} from DHAT's", flush=True)
    return good and few and len(ours) > 5 and len(unseen) == (name == "witness_c")


def main():
    # By a name that LD_PRELOAD can have, whatever the build's own is.
    with tempfile.TemporaryDirectory() as place:
        build = pathlib.Path(place, "build")
        build.symlink_to(pathlib.Path(sys.argv[1]).resolve())
        observers.build = build
        missing = observers.missing()
        if missing:
            print(f"skipped: {missing}")
            sys.exit(77)
        results = []
        for name, command in programs(build).items():
            if sys.argv[2:] and name not in sys.argv[2:]:
                continue
            with tempfile.TemporaryDirectory() as directory:
                results.append(compare(name, [os.fspath(word) for word in command], pathlib.Path(directory)))
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
