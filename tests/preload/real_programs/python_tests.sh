# SPDX-License-Identifier: MIT
# A broad, fixed part of Python's own regression tests, with every object on the heap; those that mostly wait, on processes
# and sockets, beside the others.
export PYTHONMALLOC=malloc
unset PYTHONHASHSEED
working=(test_array test_ast test_base64 test_binascii test_bool test_bufio test_bytes test_bz2 test_class test_collections
  test_compile test_context test_contextlib test_copy test_coroutines test_csv test_ctypes test_dataclasses test_decimal
  test_deque test_dict test_dictviews test_email test_enum test_exceptions test_fcntl test_fork1 test_format test_fractions
  test_functools test_gc test_generators test_gzip test_hashlib test_heapq test_io test_itertools test_json test_list
  test_long test_lzma test_marshal test_math test_memoryio test_memoryview test_mmap test_ordered_dict test_os test_pickle
  test_posix test_pprint test_pty test_queue test_random test_re test_sched test_select test_selectors test_set test_shelve
  test_signal test_slice test_sort test_statistics test_struct test_sys test_tempfile test_thread test_threading
  test_threading_local test_traceback test_tuple test_types test_typing test_unicode test_userdict test_weakref
  test_xml_etree test_xml_etree_c test_zipfile test_zlib)
waiting=(test_asyncgen test_bigmem test_concurrent_futures test_logging test_multiprocessing_fork test_socket
  test_socketserver test_subprocess test_tarfile test_threadsignals)
run() { /usr/bin/python3 -m test --quiet --timeout 600 "${@:2}" > "$1" 2>&1 || true; }
run waiting "${waiting[@]}" &
run working "${working[@]}"
wait
for log in working waiting; do
  grep -avE 'passed in|^Total duration|^\(?[0-9.]+ ?(s|min|ms)' "$log" | grep -aE '^Tests result|^== Tests|tests? (failed|skipped|OK)|^    test_' || true
  grep -aq '^Tests result: SUCCESS' "$log" || tail -60 "$log" >&2
done
