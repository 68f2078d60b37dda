// SPDX-License-Identifier: MIT
//
// glibc's statistics and tuning calls, told from the meter's counters: a program that asks gets the truth
// about the heap it really has. Tuning is accepted and does nothing. Where the heap is libc's (HEAPMETER_OFF,
// the `next` backend), libc itself answers.
#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include <heapmeter/heapmeter.h>

#include "backend/allocator.h"
#include "backend/mapped_heap.h"
#include "base/compiler.h"
#include "base/search_order.h"
#include "books/snapshot.h"
#include "service/report.h"
#include "tracking/held_memory.h"
#include "tracking/surplus.h"

// mallinfo() itself is deprecated.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace {

template <typename Info>
Info info() noexcept {
  using Field = decltype(Info::uordblks);
  heapmeter_snapshot now;
  heapmeter::snapshot::take_counts(now);
  Info result{};
  // As glibc has it: what has a mapping of its own is apart from the rest.
  const size_t mapped = heapmeter::mapped_heap::bytes();
  const size_t others = now.usable_bytes > mapped ? now.usable_bytes - mapped : 0;
  const size_t held = heapmeter::held_memory::resident_bytes();
  const size_t free = held > others ? held - others : 0;
  result.hblks = static_cast<Field>(heapmeter::mapped_heap::blocks());
  result.hblkhd = static_cast<Field>(mapped);
  result.arena = static_cast<Field>(others + free);
  result.uordblks = static_cast<Field>(others);
  result.fordblks = static_cast<Field>(free);
  // In how many pieces it lies mimalloc does not say.
  result.ordblks = free != 0;
  return result;
}

// libc's function of that name when the heap is its own, or null.
template <typename Function>
Function *of_libc(Function *, const char *name) noexcept {
  const bool is_libcs = heapmeter::backend::is_the_programs();
  return is_libcs ? reinterpret_cast<Function *>(heapmeter::search_order::in_libc(name)) : nullptr;
}

}  // namespace

extern "C" {

HEAPMETER_EXPORT struct mallinfo mallinfo() noexcept {
  const auto theirs = of_libc(mallinfo, "mallinfo");
  return theirs != nullptr ? theirs() : info<struct mallinfo>();
}

HEAPMETER_EXPORT struct mallinfo2 mallinfo2() noexcept {
  const auto theirs = of_libc(mallinfo2, "mallinfo2");
  return theirs != nullptr ? theirs() : info<struct mallinfo2>();
}

HEAPMETER_EXPORT int mallopt(int parameter, int value) noexcept {
  const auto theirs = of_libc(mallopt, "mallopt");
  return theirs != nullptr ? theirs(parameter, value) : 1;
}

HEAPMETER_EXPORT int malloc_trim(size_t pad) noexcept {
  const auto theirs = of_libc(malloc_trim, "malloc_trim");
  return theirs != nullptr ? theirs(pad) : heapmeter::surplus::give_back();
}

HEAPMETER_EXPORT void malloc_stats() noexcept {
  const auto theirs = of_libc(malloc_stats, "malloc_stats");
  theirs != nullptr ? theirs() : heapmeter::report::to_stderr_now();
}

HEAPMETER_EXPORT int malloc_info(int options, FILE *stream) noexcept {
  if (const auto theirs = of_libc(malloc_info, "malloc_info")) return theirs(options, stream);
  if (options != 0) return EINVAL;
  heapmeter_snapshot now;
  heapmeter::snapshot::take_counts(now);
  fprintf(stream,
          "<malloc version=\"1\">\n<total type=\"rest\" count=\"%llu\" size=\"%llu\"/>\n"
          "<system type=\"current\" size=\"%llu\"/>\n<system type=\"max\" size=\"%llu\"/>\n</malloc>\n",
          static_cast<unsigned long long>(now.live_blocks), static_cast<unsigned long long>(now.live_bytes),
          static_cast<unsigned long long>(now.usable_bytes), static_cast<unsigned long long>(now.peak_bytes));
  return 0;
}

}  // extern "C"
