/* SPDX-License-Identifier: MIT
 *
 * For victims: what one step changed in the counters, printed as one line. Looks the library up, so the same
 * program runs unmetered, where every line is its label alone. Allocates nothing: stdout has a static buffer.
 * Left out are the counters that follow from others (checked instead) or depend on the allocator.
 */
#ifndef DELTA_H
#define DELTA_H
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heapmeter/heapmeter.h>

typedef int (*read_process_function)(heapmeter_snapshot *, size_t);
static read_process_function read_process;
static heapmeter_snapshot before_step;
static char stdout_buffer[65536];

static heapmeter_snapshot reading(void) {
  heapmeter_snapshot now;
  memset(&now, 0, sizeof now);
  if (read_process && read_process(&now, sizeof now) != 0) {
    fputs("heapmeter_read_process failed\n", stderr);
    abort();
  }
  if (now.live_blocks != now.allocations - now.frees ||
      now.live_bytes != now.allocated_bytes - now.freed_bytes) {
    fputs("the books do not balance\n", stderr);
    abort();
  }
  return now;
}

static void delta_start(void) {
  setvbuf(stdout, stdout_buffer, _IOFBF, sizeof stdout_buffer);
  void *symbol = dlsym(RTLD_DEFAULT, "heapmeter_read_process");
  memcpy(&read_process, &symbol, sizeof symbol);
}

static int is_derived(const char *name) {
  static const char *const names[] = {"live_bytes",       "live_blocks", "usable_bytes",       "peak_bytes",
                                      "peak_error_bytes", "threads",     "reallocations_moved"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    if (strcmp(name, names[i]) == 0) return 1;
  }
  return strncmp(name, "meter_", 6) == 0;
}

static void print_change(const char *name, uint64_t before, uint64_t after) {
  if (after != before && !is_derived(name)) printf(" %s %+lld", name, (long long)(after - before));
}

static void step_begin(void) { before_step = reading(); }

static void step_end(const char *label) {
  const heapmeter_snapshot now = reading();
  int kind = 0;
  printf("%s:", label);
#define HEAPMETER_COUNTER(type, name, unit, help) print_change(#name, before_step.name, now.name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
#define HEAPMETER_ALLOCATION_KIND(name, help)                                                      \
  print_change("by:" #name, before_step.allocations_by_kind[kind], now.allocations_by_kind[kind]); \
  ++kind;
#include <heapmeter/kinds.def>
#undef HEAPMETER_ALLOCATION_KIND
  kind = 0;
#define HEAPMETER_FREE_KIND(name, help)                                                   \
  print_change("freed:" #name, before_step.frees_by_kind[kind], now.frees_by_kind[kind]); \
  ++kind;
#include <heapmeter/kinds.def>
#undef HEAPMETER_FREE_KIND
  printf("\n");
}

#define STEP(label, ...) (step_begin(), (void)(__VA_ARGS__), step_end(label))
#endif
