// SPDX-License-Identifier: MIT
//
// Names that the program gives to regions of its own: a frame each, where on the stack the region was
// entered. Names are kept for the process, and what a thread is in by itself, whether anything is attributed
// or not.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/budget.h"

namespace heapmeter::sites {

// Added only, by any thread; who looks meets whole names. Two that come at once may be there twice.
class TagNames {
 public:
  static constexpr uint32_t kNone = 0;
  static constexpr uint32_t kMost = 1024;
  static constexpr size_t kLongest = 55;  // the rest is cut off

  // From 1 on; kNone where there is no room for it. At once, however many there are.
  uint32_t number_of(const char *name) noexcept;

  // For readers: 1 to count() - 1; a name that is just being written is empty.
  uint32_t count() const noexcept;
  const char *at(uint32_t number) const noexcept;
  Memory memory() const noexcept { return {names_, names_ != nullptr ? sizeof(Names) : 0}; }

 private:
  static constexpr uint32_t kPlaces = 2 * kMost;

  struct Entry {
    uint32_t written;
    char name[kLongest + 1];
  };
  struct Names {
    Entry entries[kMost];
    uint16_t by_hash[kPlaces];  // numbers, each at its hash or at the next free place
  };
  bool map() noexcept;
  uint32_t new_name(const char *name, size_t length) noexcept;

  Names *names_ = nullptr;
  uint32_t given_ = 0;
};

// What one thread is in. Lives in memory that starts as zero.
struct Tags {
  static constexpr uint32_t kMost = 32;

  // Who entered a region, as it is when that call has returned: its sp, and where in it; and the function
  // that it returns to, likewise, or 0 where that is not known.
  struct Entered {
    uintptr_t at, from;
    uintptr_t outer_at, outer_from;
  };
  struct Tag {
    uint64_t hash;  // of it and those outside it
    Entered entered;
    uint32_t name;
  };

  uint32_t depth;  // may be more than are kept
  Tag tags[kMost];

  uint32_t kept() const noexcept { return depth < kMost ? depth : kMost; }
  uint64_t hash() const noexcept { return tags[kept() - 1].hash; }
  // The same name from elsewhere may stand elsewhere on an equal stack.
  void push(uint32_t name, const Entered &entered) noexcept;
  void pop() noexcept;
};

// The site of a stack of that site with these tags. Of those that came up recently.
struct TaggedSites {
  static constexpr size_t kPlaces = 64;

  struct Known {
    uint64_t hash;
    uint32_t untagged, site;
  };
  Known known[kPlaces];

  Known &of(uint32_t untagged, uint64_t hash) noexcept {
    return known[(hash ^ untagged) * 0x9E3779B97F4A7C15u >> 58];
  }
};
static_assert(TaggedSites::kPlaces == size_t{1} << (64 - 58));

}  // namespace heapmeter::sites
