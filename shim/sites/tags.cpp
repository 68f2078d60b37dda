// SPDX-License-Identifier: MIT
#include "sites/tags.h"

#include <string.h>

#include "base/sys.h"

namespace heapmeter::sites {

uint32_t TagNames::count() const noexcept {
  const uint32_t given = load_whole(given_) + 1;
  return entries_ == nullptr ? 1 : given < kMost ? given : kMost;
}

const char *TagNames::at(uint32_t number) const noexcept {
  const Entry &entry = entries_[number];
  return __atomic_load_n(&entry.written, __ATOMIC_ACQUIRE) != 0 ? entry.name : "";
}

uint32_t TagNames::find(const char *name) const noexcept {
  const uint32_t end = count();
  for (uint32_t number = 1; number < end; ++number) {
    const char *known = at(number);
    if (*known != '\0' && strncmp(known, name, kLongest) == 0) return number;
  }
  return kNone;
}

uint32_t TagNames::number_of(const char *name) noexcept {
  if (name == nullptr || *name == '\0') return kNone;
  if (__atomic_load_n(&entries_, __ATOMIC_ACQUIRE) == nullptr) {
    auto *entries = static_cast<Entry *>(sys::map(kMost * sizeof(Entry)));
    Entry *none = nullptr;
    if (entries == nullptr) return kNone;
    if (!__atomic_compare_exchange_n(&entries_, &none, entries, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      sys::unmap(entries, kMost * sizeof(Entry));
  }
  if (const uint32_t known = find(name)) return known;
  if (load_whole(given_) + 1 >= kMost) return kNone;
  const uint32_t number = __atomic_add_fetch(&given_, 1, __ATOMIC_RELAXED);
  if (number >= kMost) return kNone;
  Entry &entry = entries_[number];
  memcpy(entry.name, name, strnlen(name, kLongest));
  __atomic_store_n(&entry.written, 1u, __ATOMIC_RELEASE);
  return number;
}

void Tags::push(uint32_t name, uintptr_t at, uintptr_t from) noexcept {
  const uint32_t here = depth;
  if (here < kMost) {
    const uint64_t outer = here == 0 ? 0 : tags[here - 1].hash;
    const uint64_t hash = (outer ^ name ^ from << 16) * 0x9FB21C651E98DF25u;
    tags[here] = {hash ^ hash >> 29, at, name};
  }
  // A signal handler that comes now finds it whole.
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  store_whole(depth, here + 1);
}

void Tags::pop() noexcept {
  if (depth != 0) store_whole(depth, depth - 1);
}

}  // namespace heapmeter::sites
