// SPDX-License-Identifier: MIT
#include "books/own_memory.h"

#include <stdint.h>

#include "base/memory_use.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"

namespace heapmeter::own_memory {
namespace {

constexpr uintptr_t kPage = 4096;

// Others write to it meanwhile, in words of any size: whatever is seen, a page that was empty may count or
// not.
__attribute__((no_sanitize("thread"))) bool has_anything(uintptr_t page) noexcept {
  const auto *words = reinterpret_cast<const uint64_t *>(page);
  uint64_t seen = 0;
  for (size_t at = 0; at < kPage / sizeof *words; ++at) seen |= words[at];
  return seen != 0;
}

// Whole pages only: what the slots share with other data of the library is the library's.
Mapping slots_of_library() noexcept {
  const auto start = (reinterpret_cast<uintptr_t>(&meter) + kPage - 1) & -kPage;
  const auto end = (reinterpret_cast<uintptr_t>(&meter) + sizeof meter) & -kPage;
  // Behind the sums of the groups that were ever used there is nothing.
  const auto used = reinterpret_cast<uintptr_t>(&meter.kept.groups[meter.slots.groups_used()]);
  const size_t in_use = used > start ? used - start : 0;
  return {Part::kSlots, reinterpret_cast<const void *>(start), end - start,
          in_use < end - start ? in_use : end - start};
}

size_t pages_in_use(const Mapping &mapping) noexcept { return (mapping.in_use + kPage - 1) / kPage; }

}  // namespace

const char *name(Part part) noexcept {
  return part == Part::kLedger ? "ledger" : part == Part::kSlots ? "slots" : "service";
}

bool next(size_t &cursor, Mapping &mapping) noexcept {
  // The places of slabs and ledger parts among all: neither moves when the other grows.
  constexpr size_t kFirstSlab = 2, kFirstLedgerPart = size_t{1} << 32;
  if (cursor == 0) {
    const auto &service = memory_use::service;
    mapping = {Part::kService, service.start, service.bytes, service.bytes};
    if (cursor++; service.start != nullptr) return true;
  }
  if (cursor == 1) {
    mapping = slots_of_library();
    return ++cursor;
  }
  if (cursor < kFirstLedgerPart) {
    size_t slab = cursor - kFirstSlab;
    size_t used = 0;
    const Slot *start = meter.slots.next_slab(slab, used);
    mapping = {Part::kSlots, start, Slots::kSlab * sizeof(Slot), used * sizeof(Slot)};
    cursor = start != nullptr ? slab + kFirstSlab : kFirstLedgerPart;
    if (start != nullptr) return true;
  }
  size_t at = cursor - kFirstLedgerPart;
  ledger::Part part;
  const bool any = ledger::next(at, part);
  cursor = at + kFirstLedgerPart;
  mapping = {Part::kLedger, part.entries, part.bytes + ledger::kTail, part.bytes + ledger::kTail};
  return any;
}

size_t resident_bytes(const Mapping &mapping) noexcept {
  if (mapping.part != Part::kSlots) return sys::resident_bytes(mapping.start, mapping.in_use);
  const auto start = reinterpret_cast<uintptr_t>(mapping.start);
  size_t pages = 0;
  for (size_t page = 0; page < pages_in_use(mapping); ++page) {
    if (has_anything(start + page * kPage)) ++pages;
  }
  return pages * kPage;
}

Cost cost() noexcept {
  Cost sum{};
  size_t cursor = 0;
  for (Mapping mapping; next(cursor, mapping);) {
    sum.bytes[static_cast<size_t>(mapping.part)] += resident_bytes(mapping);
    if (mapping.part == Part::kSlots) sum.pages_looked_through += pages_in_use(mapping);
  }
  return sum;
}

}  // namespace heapmeter::own_memory
