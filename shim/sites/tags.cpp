// SPDX-License-Identifier: MIT
#include "sites/tags.h"

#include <string.h>

#include "base/sys.h"

namespace heapmeter::sites {

namespace {

uint64_t hash_of(const char *name, size_t length) noexcept {
  uint64_t hash = length;
  for (size_t i = 0; i < length; ++i) hash = (hash ^ static_cast<uint8_t>(name[i])) * 0x100000001B3;
  return hash * 0x9E3779B97F4A7C15u >> 32;
}

}  // namespace

uint32_t TagNames::count() const noexcept {
  const uint32_t given = load_whole(given_) + 1;
  return names_ == nullptr ? 1 : given < kMost ? given : kMost;
}

const char *TagNames::at(uint32_t number) const noexcept {
  const Entry &entry = names_->entries[number];
  return __atomic_load_n(&entry.written, __ATOMIC_ACQUIRE) != 0 ? entry.name : "";
}

bool TagNames::map() noexcept {
  if (__atomic_load_n(&names_, __ATOMIC_ACQUIRE) != nullptr) return true;
  auto *names = static_cast<Names *>(sys::map(sizeof(Names)));
  Names *none = nullptr;
  if (names == nullptr) return false;
  if (!__atomic_compare_exchange_n(&names_, &none, names, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    sys::unmap(names, sizeof(Names));
  return true;
}

uint32_t TagNames::new_name(const char *name, size_t length) noexcept {
  if (load_whole(given_) + 1 >= kMost) return kNone;
  const uint32_t number = __atomic_add_fetch(&given_, 1, __ATOMIC_RELAXED);
  if (number >= kMost) return kNone;
  Entry &entry = names_->entries[number];
  memcpy(entry.name, name, length);
  __atomic_store_n(&entry.written, 1u, __ATOMIC_RELEASE);
  return number;
}

// No more than half of the places are ever taken, so that there is a free one.
uint32_t TagNames::number_of(const char *name) noexcept {
  if (name == nullptr || *name == '\0' || !map()) return kNone;
  const size_t length = strnlen(name, kLongest);
  uint32_t fresh = kNone;
  for (uint64_t place = hash_of(name, length);; ++place) {
    uint16_t &number = names_->by_hash[place % kPlaces];
    uint16_t known = __atomic_load_n(&number, __ATOMIC_ACQUIRE);
    if (known == kNone) {
      if (fresh == kNone) fresh = new_name(name, length);
      if (fresh == kNone) return kNone;
      if (__atomic_compare_exchange_n(&number, &known, static_cast<uint16_t>(fresh), false, __ATOMIC_ACQ_REL,
                                      __ATOMIC_ACQUIRE))
        return fresh;
    }
    const char *other = at(known);
    if (memcmp(other, name, length) == 0 && other[length] == '\0') return known;
  }
}

void Tags::push(uint32_t name, const Entered &entered) noexcept {
  const uint32_t here = depth;
  if (here < kMost) {
    const uint64_t outer = here == 0 ? 0 : tags[here - 1].hash;
    uint64_t hash = (outer ^ name ^ entered.from << 16) * 0x9FB21C651E98DF25u;
    hash = (hash ^ hash >> 29 ^ entered.outer_from) * 0x9FB21C651E98DF25u;
    tags[here] = {hash ^ hash >> 29, entered, name};
  }
  // A signal handler that comes now finds it whole.
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  store_whole(depth, here + 1);
}

void Tags::pop() noexcept {
  if (depth != 0) store_whole(depth, depth - 1);
}

}  // namespace heapmeter::sites
