/* SPDX-License-Identifier: MIT
 *
 * heapmeter's C interface: read, from inside, the counters of this process and of this thread.
 *
 * Link with libheapmeter (pkg-config heapmeter), or preload it. A program that must also run without the
 * library looks the functions up with dlsym(RTLD_DEFAULT, ...), as heapmeter.hpp does for C++.
 * All functions may be called from any thread at any time, take no lock and allocate nothing.
 */
#ifndef HEAPMETER_HEAPMETER_H
#define HEAPMETER_HEAPMETER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEAPMETER_ABI_VERSION 1u
#define HEAPMETER_KINDS 12

/* One reading of everything, for the whole process since it started. The books: live_blocks = allocations -
 * frees; live_bytes = allocated_bytes - freed_bytes, always. Sizes are requested bytes unless they say
 * otherwise. Threads that allocate during the reading are counted to some moment within it; with all of them
 * at rest the numbers are exact. Grows at the end only: a field stays where it is. */
typedef struct heapmeter_snapshot {
  uint32_t size;    /* bytes of this struct that were filled */
  uint32_t version; /* HEAPMETER_ABI_VERSION of the library */
#define HEAPMETER_COUNTER(type, name, unit, help) uint64_t name;
#define HEAPMETER_ARRAYS_BY_KIND /* in the order of kinds.def, unused places 0 */ \
  uint64_t allocations_by_kind[HEAPMETER_KINDS];                                  \
  uint64_t frees_by_kind[HEAPMETER_KINDS];
#include <heapmeter/counters.def>
#undef HEAPMETER_ARRAYS_BY_KIND
#undef HEAPMETER_COUNTER
} heapmeter_snapshot;

/* What the calling thread itself did since it started: exact. Blocks may be freed by other threads than the
 * one that allocated them, so a thread can have more frees than allocations. */
typedef struct heapmeter_thread_counters {
  uint32_t size;
  uint32_t version;
  uint64_t allocations;
  uint64_t frees;
  uint64_t reallocations;
  uint64_t allocated_bytes;
  uint64_t freed_bytes;
} heapmeter_thread_counters;

/* What one look found: blocks that nothing in the process points at any more. Grows at the end only. */
typedef struct heapmeter_look {
  uint32_t size;
  uint32_t version;
  uint64_t lost_blocks, lost_bytes;                       /* at least; those that only others point at, too */
  uint64_t lost_indirectly_blocks, lost_indirectly_bytes; /* of these: only other lost ones point at them */
  uint64_t perhaps_blocks,
      perhaps_bytes;                /* so many more, unless a register of a sleeping thread holds them */
  uint64_t not_looked_at_bytes;     /* memory that could not be read */
  uint64_t live_blocks, live_bytes; /* that were looked at */
  uint64_t root_bytes;              /* data, stacks and mappings in which pointers were looked for */
  const char *error;                /* why there was none, static; null: there was */
} heapmeter_look;

/* Fill *out, whose room is `size` bytes (sizeof *out); a library that knows more counters than the caller
 * fills just those that fit, one that knows fewer sets the rest to 0. Returns 0, or EINVAL (null or too small
 * for the two leading fields), or ENOTSUP (the library is loaded but meters nothing, HEAPMETER_OFF=1). */
int heapmeter_read_process(heapmeter_snapshot *out, size_t size);
int heapmeter_read_thread(heapmeter_thread_counters *out, size_t size);

/* One look, now, at a copy of this process in which nothing runs: milliseconds, and more where the heap is
 * large. What the calling thread has in registers and on its stack is held. Blocks that other threads have
 * just then in their hands may count as lost: look while they rest. Returns as above, with 0 for all counts
 * unless it returns 0; or EAGAIN: there was no look, *out says why in `error` (another is under way, no
 * memory). */
int heapmeter_look_for_leaks(heapmeter_look *out, size_t size);

/* A step of a call stack: where a call returns to, in which file, how far from what the file has as 0; or,
 * with `returns_to` null, what stands in its place: a tag, or why there is no more. */
typedef struct heapmeter_frame {
  const void *returns_to;
  const char *module; /* "" for the program itself, null where it is not known */
  uint64_t offset;
  const char *mark;
} heapmeter_frame;

/* A distinct call stack, and what it allocated. Where allocations are sampled all are estimates, live_bytes
 * with the standard error whose square is variance_bytes; else they are exact, and that is 0. Grows at the
 * end only. */
typedef struct heapmeter_site {
  uint32_t size;
  uint32_t frame_count;          /* 0: of several stacks for which there was no room */
  const heapmeter_frame *frames; /* innermost first */
  uint64_t live_blocks, live_bytes;
  uint64_t allocations, allocated_bytes; /* since attribution began; a resized block is no allocation, but its
                                            bytes come to whoever resized it */
  uint64_t temporary;                    /* freed by the very next call of their thread; not sampled */
  uint64_t peak_blocks, peak_bytes;      /* when the process held most since then */
  uint64_t live_samples, variance_bytes;
} heapmeter_site;

/* Calls `visit` for each site there is now, in no order, until it returns another value than 0. What it is
 * given lasts until it returns; it may allocate. Sites are there while HEAPMETER_SAMPLE, or a reader, has
 * allocations attributed. Returns 0; EINVAL (null), ENOTSUP (nothing is attributed), ENOMEM (no room to
 * gather them; none was visited) or EAGAIN (attribution ended, or began anew, meanwhile: those visited were
 * the last there were). */
typedef int (*heapmeter_site_visitor)(const heapmeter_site *site, void *context);
int heapmeter_sites(heapmeter_site_visitor visit, void *context);

/* A name for what the calling thread does from here on, until it is popped: where stacks are attributed it is
 * a frame of its own, "[parser]", inside the function that pushed it. For interpreters, generated code, kinds
 * of requests. Tags nest, 32 deep; deeper ones are left out. The name is copied, once for the process, which
 * has room for 1,023 of them of 55 letters; further ones all stand as one that says so. Pop in the thread
 * that pushed, as often; a longjmp past a pop is the caller's to make good. The tag stands in the function
 * that calls this; once that has returned, in the one that it returned to. Without effect where nothing is
 * metered. */
void heapmeter_tag_push(const char *name);
void heapmeter_tag_pop(void);

/* "MAJOR.MINOR.PATCH", static. */
const char *heapmeter_version(void);

#ifdef __cplusplus
}
#endif

#endif
