// SPDX-License-Identifier: MIT
#include "base/coarse_clock.h"

#include <sys/auxv.h>
#include <time.h>

#include "base/compiler.h"
#include "base/elf_symbols.h"

namespace heapmeter::coarse_clock {
namespace {

#if defined(__x86_64__)
constexpr const char *kName = "__vdso_clock_gettime";
#else
constexpr const char *kName = "__kernel_clock_gettime";
#endif

using Read = int (*)(clockid_t, timespec *);
constinit Read clock = nullptr;

}  // namespace

void find() noexcept {
  const link_map *page = elf_symbols::object_of(reinterpret_cast<const void *>(getauxval(AT_SYSINFO_EHDR)));
  if (page != nullptr) store_whole(clock, reinterpret_cast<Read>(elf_symbols::find(*page, kName)));
}

uint64_t ns() noexcept {
  const Read read = load_whole(clock);
  timespec now{};
  // Of all clocks this one never takes a system call.
  if (read == nullptr || read(CLOCK_MONOTONIC_COARSE, &now) != 0) return 0;
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace heapmeter::coarse_clock
