# SPDX-License-Identifier: MIT
# A fixed part of Python's own regression tests, with every object on the heap: what ends in minutes. Those of sockets,
# subprocesses and futures take many, and fail without the meter, too, where the machine is busy.
export PYTHONMALLOC=malloc
unset PYTHONHASHSEED
tests=(test_array test_ast test_base64 test_binascii test_bytes test_class test_collections test_copy test_csv
  test_ctypes test_dataclasses test_deque test_dict test_enum test_exceptions test_fork1 test_format test_functools
  test_gc test_generators test_heapq test_itertools test_json test_list test_long test_marshal test_memoryview
  test_mmap test_ordered_dict test_pickle test_posix test_pty test_queue test_re test_set test_slice test_sort
  test_struct test_thread test_threading test_threading_local test_tuple test_types test_unicode test_weakref
  test_zlib)
/usr/bin/python3 -m test --quiet --timeout 600 "${tests[@]}" > log 2>&1 || true
grep -avE 'passed in|^Total duration|^\(?[0-9.]+ ?(s|min|ms)' log | grep -aE '^Tests result|^== Tests|tests? (failed|skipped|OK)|^    test_' || true
grep -aq '^Tests result: SUCCESS' log || tail -60 log >&2
