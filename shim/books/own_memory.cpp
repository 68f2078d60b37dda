// SPDX-License-Identifier: MIT
#include "books/own_memory.h"

#include <stdint.h>

#include "base/compiler.h"
#include "base/memory_use.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"

namespace heapmeter::own_memory {
namespace {

// A page, to be looked through, or to be asked of the kernel among others.
constexpr uint64_t kLookNs = 100, kAskNs = 10;

// Others write to it meanwhile, in words of any size: whatever is seen, a page that was empty may count or
// not.
__attribute__((no_sanitize("thread"))) bool has_anything(uintptr_t page) noexcept {
  constexpr size_t kAtOnce = 64;
  const size_t page_words = sys::page_bytes() / sizeof(uint64_t);
  const auto *words = reinterpret_cast<const uint64_t *>(page);
  for (size_t from = 0; from < page_words; from += kAtOnce) {
    uint64_t seen = 0;
    for (size_t at = from; at < from + kAtOnce; ++at) seen |= words[at];
    if (seen != 0) return true;
  }
  return false;
}

// Pages found in slabs whose slots nobody owned, with the changes of their owners when they were looked
// through, in one word: until an owner changes they need not be looked through again.
constinit uint64_t looked_through[Slots::kMost / Slots::kSlab] HEAPMETER_APART("looked_through") = {};
constexpr unsigned kChangesShift = 16;

// The changes by which the slab is known, none of whose slots is owned; 0 where one is.
uint64_t idle_since(size_t slab) noexcept {
  const size_t first = slab * Slots::kSlab, group = first / Slots::kGroup;
  const uint64_t changes = meter.slots.changes(group) << kChangesShift;
  const uint64_t owned = meter.slots.owned_of(group) >> first % Slots::kGroup;
  return (owned & ((uint64_t{1} << Slots::kSlab) - 1)) == 0 ? changes : 0;
}

size_t pages_with_anything(const void *start, size_t pages) noexcept {
  size_t count = 0;
  for (size_t page = 0; page < pages; ++page) {
    count += has_anything(reinterpret_cast<uintptr_t>(start) + page * sys::page_bytes());
  }
  return count;
}

// Whole pages only: what the slots share with other data of the library is the library's.
Mapping slots_of_library() noexcept {
  const auto start = sys::whole_pages(reinterpret_cast<uintptr_t>(&meter));
  const auto end = sys::page_of(reinterpret_cast<uintptr_t>(&meter) + sizeof meter);
  // Behind the sums of the groups that were ever used there is nothing.
  const auto used = reinterpret_cast<uintptr_t>(&meter.kept.groups[meter.slots.groups_used()]);
  const size_t in_use = used > start ? used - start : 0;
  return {Part::kSlots, reinterpret_cast<const void *>(start), end - start,
          in_use < end - start ? in_use : end - start, kNoSlab};
}

size_t pages_in_use(const Mapping &mapping) noexcept {
  return sys::whole_pages(mapping.in_use) / sys::page_bytes();
}

}  // namespace

const char *name(Part part) noexcept {
  constexpr const char *kNames[kParts] = {"ledger", "slots", "service", "sites", "tables"};
  return kNames[static_cast<size_t>(part)];
}

bool next(size_t &cursor, Mapping &mapping) noexcept {
  // The places of slabs and ledger parts among all: neither moves when the other grows.
  constexpr size_t kFirstTable = 2, kFirstSlab = kFirstTable + Ledger::kTables;
  constexpr size_t kFirstLedgerPart = size_t{1} << 32, kFirstOfSites = size_t{1} << 40;
  if (cursor == 0) {
    const auto &service = memory_use::service;
    mapping = {Part::kService, service.start, service.bytes, service.bytes, kNoSlab};
    if (cursor++; service.start != nullptr) return true;
  }
  if (cursor == 1) {
    mapping = slots_of_library();
    return ++cursor;
  }
  if (cursor < kFirstSlab) {
    const Ledger::Memory table = the_ledger.table(cursor++ - kFirstTable);
    mapping = {Part::kTables, table.start, table.bytes, table.bytes, kNoSlab};
    return true;
  }
  if (cursor < kFirstLedgerPart) {
    size_t slab = cursor - kFirstSlab;
    size_t used = 0;
    const Slots::Place *start = meter.slots.next_slab(slab, used);
    mapping = {Part::kSlots, start, Slots::kSlabBytes, used * sizeof(Slots::Place), slab - 1};
    cursor = start != nullptr ? slab + kFirstSlab : kFirstLedgerPart;
    if (start != nullptr) return true;
  }
  if (cursor < kFirstOfSites) {
    size_t at = cursor - kFirstLedgerPart;
    ledger::Part part;
    const bool any = the_ledger.next(at, part);
    cursor = any ? at + kFirstLedgerPart : kFirstOfSites;
    if (any) mapping = {Part::kLedger, part.mapping(), part.mapped(), part.mapped(), kNoSlab};
    if (any) return true;
  }
  if (memory_use::next_of_sites == nullptr) return false;
  size_t at = cursor - kFirstOfSites;
  memory_use::Mapping of_sites{};
  const bool any = memory_use::next_of_sites(at, of_sites);
  cursor = at + kFirstOfSites;
  if (any) mapping = {Part::kSites, of_sites.start, of_sites.bytes, of_sites.bytes, kNoSlab};
  return any;
}

size_t resident_bytes(const Mapping &mapping) noexcept {
  if (mapping.part != Part::kSlots) return sys::resident_bytes(mapping.start, mapping.in_use);
  const uint64_t since = mapping.slab != kNoSlab ? idle_since(mapping.slab) : 0;
  if (since == 0) return pages_with_anything(mapping.start, pages_in_use(mapping)) * sys::page_bytes();
  constexpr uint64_t kPagesMask = (uint64_t{1} << kChangesShift) - 1;
  const uint64_t known = load_whole(looked_through[mapping.slab]);
  if ((known & ~kPagesMask) == since) return (known & kPagesMask) * sys::page_bytes();
  const size_t pages = pages_with_anything(mapping.start, pages_in_use(mapping));
  if (idle_since(mapping.slab) == since) store_whole(looked_through[mapping.slab], since | pages);
  return pages * sys::page_bytes();
}

Cost cost() noexcept {
  Cost sum{};
  size_t cursor = 0;
  for (Mapping mapping; next(cursor, mapping);) {
    if (!mapping.counted()) continue;
    sum.bytes[static_cast<size_t>(mapping.part)] += resident_bytes(mapping);
    sum.nanoseconds += pages_in_use(mapping) * (mapping.part == Part::kSlots ? kLookNs : kAskNs);
  }
  return sum;
}

}  // namespace heapmeter::own_memory
