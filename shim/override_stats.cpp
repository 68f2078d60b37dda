// SPDX-License-Identifier: MIT
//
// glibc's statistics and tuning calls, told from the meter's counters: a program that asks gets the truth
// about the heap it really has. Tuning is accepted and does nothing.
#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include <heapmeter/heapmeter.h>

#include "compiler.h"
#include "report.h"
#include "snapshot.h"

namespace {

template <typename Info>
Info info() noexcept {
  using Field = decltype(Info::uordblks);
  heapmeter_snapshot now;
  heapmeter::snapshot::take(now);
  Info result{};
  result.arena = static_cast<Field>(now.usable_bytes);
  result.uordblks = static_cast<Field>(now.usable_bytes);
  return result;
}

}  // namespace

extern "C" {

HEAPMETER_EXPORT struct mallinfo mallinfo() noexcept { return info<struct mallinfo>(); }
HEAPMETER_EXPORT struct mallinfo2 mallinfo2() noexcept { return info<struct mallinfo2>(); }
HEAPMETER_EXPORT int mallopt(int, int) noexcept { return 1; }
HEAPMETER_EXPORT int malloc_trim(size_t) noexcept { return 0; }
HEAPMETER_EXPORT void malloc_stats() noexcept { heapmeter::report::to_stderr(); }

HEAPMETER_EXPORT int malloc_info(int options, FILE *stream) noexcept {
  if (options != 0) return EINVAL;
  heapmeter_snapshot now;
  heapmeter::snapshot::take(now);
  fprintf(stream,
          "<malloc version=\"1\">\n<total type=\"rest\" count=\"%llu\" size=\"%llu\"/>\n"
          "<system type=\"current\" size=\"%llu\"/>\n<system type=\"max\" size=\"%llu\"/>\n</malloc>\n",
          static_cast<unsigned long long>(now.live_blocks), static_cast<unsigned long long>(now.live_bytes),
          static_cast<unsigned long long>(now.usable_bytes), static_cast<unsigned long long>(now.peak_bytes));
  return 0;
}

}  // extern "C"
