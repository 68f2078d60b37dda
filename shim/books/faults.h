// SPDX-License-Identifier: MIT
//
// The first few distinct wrong calls a program made, kept to be read: who allocated, who released, how large
// the first such block was, how many there were. Recording takes no lock and allocates nothing; only the
// counters know all of them.
#pragma once

#include <stdint.h>

#include "books/counters.h"
#include "books/entry.h"
#include "books/pauses.h"

namespace heapmeter::faults {

enum class Fault : uint8_t { kNone, kMismatch, kSizeMismatch, kDoubleFree, kForeignFree, kInnerFree };

// Whose code it is: numbers that attribution has for call stacks, 0 where it has none, and which of its lists
// they are of.
struct Where {
  uint32_t made = 0, called = 0, epoch = 0;

  bool any() const noexcept { return (made | called) != 0; }
};

struct Record {
  Fault fault;
  Family allocated_by;
  FreeKind released_by;
  uint64_t bytes;
  uint64_t count;
  Where where;  // only the last digits of the epoch
};
inline constexpr uint32_t kEpochs = 256, kMostNumbers = 1 << 20;

const char *name(Fault fault) noexcept;
const char *name(Family family) noexcept;
const char *name(FreeKind kind) noexcept;

}  // namespace heapmeter::faults

namespace heapmeter {

template <typename Pauses>
class FaultsWith {
 public:
  static constexpr int kRecords = 32;
  // So many tell the code apart: one call in much code leaves room for every other, without its code.
  static constexpr int kOfCode = 16;

  void record(faults::Fault fault, Family allocated_by, FreeKind released_by, uint64_t bytes,
              faults::Where where = {}) noexcept;
  // The record at this place; its fault is kNone where there is none, or not yet.
  faults::Record at(int place) const noexcept;

 private:
  // The fault, its kinds and whose code it is in one word, so that claiming a place publishes them together;
  // 0 is a free place.
  struct Place {
    uint64_t key;
    uint64_t first_bytes;  // and 1, so that 0 is none yet
    uint64_t count;
  };
  // False when none of the first `most` places is free for it.
  bool note(uint64_t key, uint64_t bytes, int most) noexcept;

  Place places_[kRecords] = {};
};

using Faults = FaultsWith<NoPauses>;
extern template class FaultsWith<NoPauses>;

}  // namespace heapmeter
