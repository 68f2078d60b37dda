// SPDX-License-Identifier: MIT
//
// Mappings.
#include <sys/auxv.h>
#include <sys/mman.h>

#include "base/sys.h"

namespace heapmeter::sys {
namespace {

long ask(long number, const void *a, long b = 0, long c = 0, long d = 0) noexcept {
  return call(number, reinterpret_cast<long>(a), b, c, d);
}
void *address_or_null(long start) noexcept {
  return failed(start) ? nullptr : reinterpret_cast<void *>(start);
}
void *map_as(size_t bytes, int protection, int more_flags) noexcept {
  return address_or_null(call(SYS_mmap, 0, static_cast<long>(bytes), protection,
                              MAP_PRIVATE | MAP_ANONYMOUS | more_flags, -1, 0));
}

constinit bool locking = false;

void *map_unlocked(size_t bytes, int more_flags) noexcept {
  if (!__atomic_load_n(&locking, __ATOMIC_RELAXED)) {
    return map_as(bytes, PROT_READ | PROT_WRITE, more_flags);
  }
  // A fresh mapping would be locked, and made resident, at once; one that grows is what it was: not locked.
  void *page = map_as(page_bytes(), PROT_READ | PROT_WRITE, more_flags);
  if (page == nullptr) return nullptr;
  ask(SYS_munlock, page, page_bytes());
  void *grown = remap_elsewhere(page, page_bytes(), bytes);
  if (grown == nullptr) unmap(page, page_bytes());
  return grown;
}

}  // namespace

void expect_locking() noexcept { __atomic_store_n(&locking, true, __ATOMIC_RELAXED); }

#if !defined(__x86_64__)
size_t page_bytes() noexcept { return getauxval(AT_PAGESZ); }
#endif

void *map(size_t bytes) noexcept { return map_unlocked(bytes, MAP_NORESERVE); }

void *map_stack(size_t bytes) noexcept { return map_unlocked(bytes, MAP_NORESERVE | MAP_STACK); }

void *map_reserved(size_t bytes) noexcept { return map_as(bytes, PROT_READ | PROT_WRITE, 0); }

void *map_shared(size_t bytes) noexcept {
  return address_or_null(call(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
}

bool remap(void *start, size_t bytes, size_t new_bytes) noexcept {
  return !failed(ask(SYS_mremap, start, static_cast<long>(bytes), static_cast<long>(new_bytes)));
}

void *remap_elsewhere(void *start, size_t bytes, size_t new_bytes) noexcept {
  return address_or_null(
      ask(SYS_mremap, start, static_cast<long>(bytes), static_cast<long>(new_bytes), MREMAP_MAYMOVE));
}

bool is_mapped(const void *address) noexcept {
  unsigned char resident;
  const auto page = static_cast<long>(page_of(reinterpret_cast<uintptr_t>(address)));
  return call(SYS_mincore, page, 1, reinterpret_cast<long>(&resident)) == 0;
}

void keep_out_of_core_dumps(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_DONTDUMP);
}

void keep_pages_small(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_NOHUGEPAGE);
}

void let_pages_be_huge(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_HUGEPAGE);
}

void wipe_on_fork(void *start, size_t bytes) noexcept {
  ask(SYS_madvise, start, static_cast<long>(bytes), MADV_WIPEONFORK);
}

void forget(void *start, size_t bytes) noexcept {
  const auto all = static_cast<long>(bytes);
  if (!failed(ask(SYS_madvise, start, all, MADV_DONTNEED))) return;
  ask(SYS_munlock, start, all);
  ask(SYS_madvise, start, all, MADV_DONTNEED);
}

void unmap(void *start, size_t bytes) noexcept { ask(SYS_munmap, start, static_cast<long>(bytes)); }

size_t resident_bytes(const void *start, size_t bytes) noexcept {
  constexpr size_t kPagesAtOnce = 1024;  // on the stack, which may be small
  unsigned char resident[kPagesAtOnce];
  const size_t at_once = kPagesAtOnce * page_bytes();
  size_t pages = 0;
  const size_t lead = reinterpret_cast<uintptr_t>(start) % page_bytes();
  start = static_cast<const char *>(start) - lead;
  bytes += lead;
  for (size_t done = 0; done < bytes; done += at_once) {
    const size_t part = bytes - done < at_once ? bytes - done : at_once;
    const auto *from = static_cast<const char *>(start) + done;
    if (ask(SYS_mincore, from, static_cast<long>(part), reinterpret_cast<long>(resident)) != 0) continue;
    for (size_t i = 0; i < whole_pages(part) / page_bytes(); ++i) pages += resident[i] & 1u;
  }
  return pages * page_bytes();
}

}  // namespace heapmeter::sys
