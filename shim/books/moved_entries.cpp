// SPDX-License-Identifier: MIT
//
// What was written at the old place is newer than what was moved, and stays: whoever read an entry before the
// move, and released or resized its block after it, left a tombstone or another entry there. So an entry
// comes back where nothing is. It is claimed by its first two bytes, at once, and reads as none until both
// are there.
#include "books/moved_entries.h"

#include <string.h>

#include "books/entry.h"

namespace heapmeter::ledger {
namespace {

bool is_something(uint8_t byte) noexcept { return byte != entry::kNothing && byte != entry::kTombstone; }

// Atomic also against whoever stores plainly, as all others do, which TSan would call a race.
__attribute__((no_sanitize("thread"))) bool put(uint8_t *at, uint8_t byte) noexcept {
  uint8_t nothing = entry::kNothing;
  return __atomic_compare_exchange_n(at, &nothing, byte, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

// Atomic also against whoever stores plainly, for the eight bytes are one word. Where the two lie in two
// words a release may come in between, after which the second stays behind, which begins no entry.
__attribute__((no_sanitize("thread"))) bool put_pair(uint8_t *at, const uint8_t *pair) noexcept {
  const unsigned byte = reinterpret_cast<uintptr_t>(at) % sizeof(uint64_t);
  if (byte == sizeof(uint64_t) - 1) return put(at, pair[0]) && (put(at + 1, pair[1]), true);
  auto *word = reinterpret_cast<uint64_t *>(at - byte);
  const uint64_t both = (pair[0] | uint64_t{pair[1]} << 8) << 8 * byte, mask = uint64_t{0xFFFF} << 8 * byte;
  uint64_t now = __atomic_load_n(word, __ATOMIC_RELAXED);
  do {
    if ((now & mask) != 0) return false;
  } while (!__atomic_compare_exchange_n(word, &now, now | both, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
  return true;
}

}  // namespace

// The kernel puts the move between what was written there before and here after, which TSan does not know.
__attribute__((no_sanitize("thread"))) void MovedEntries::bring_back() const noexcept {
  constexpr uint64_t kTombstones = entry::kTombstone * 0x0101010101010101u;
  for (size_t at = 0; at < bytes;) {
    uint64_t word = ~uint64_t{0};
    if (at % sizeof word == 0) memcpy(&word, to + at, sizeof word);
    at += (word & ~kTombstones) == 0 ? sizeof word : bring_back(at);
  }
}

// What is noted there, and how many bytes it takes. What is back is gone there, so that whoever goes on with
// it finds little to do.
__attribute__((no_sanitize("thread"))) size_t MovedEntries::bring_back(size_t at) const noexcept {
  uint8_t *there = to + at, *here = from + at;
  if (!is_something(*there)) return 1;
  // An entry may reach over either end, where its other bytes never went away.
  const uint8_t first_two[entry::kWideBytes] = {*there, at + 1 < bytes ? there[1] : here[1]};
  const entry::Decoded noted = entry::decode(first_two);
  size_t length = 1;
  if (noted.live()) {
    length = noted.form == entry::Form::kWide ? entry::kWideBytes : 2;
    if (length > bytes - at) length = bytes - at;
    const bool claimed = length == 1 ? put(here, *there) : put_pair(here, first_two);
    // Whoever interrupted just here may go on.
    const bool half_way = !claimed && *here == *there;
    for (size_t i = claimed ? 2 : 1; (claimed || half_way) && i < length; ++i) put(here + i, there[i]);
  } else if (*there == entry::kInNoBook || (at < entry::kWideBytes && is_something(here[-1]))) {
    put(here, *there);
  }
  memset(there, entry::kNothing, length);
  return length;
}

}  // namespace heapmeter::ledger
