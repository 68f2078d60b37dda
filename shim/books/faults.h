// SPDX-License-Identifier: MIT
//
// The first few distinct wrong calls a program made, kept to be read: who allocated, who released, how large
// the first such block was, how many there were. Recording takes no lock and allocates nothing; only the
// counters know all of them.
#pragma once

#include <stdint.h>

#include "books/counters.h"
#include "books/entry.h"

namespace heapmeter::faults {

enum class Fault : uint8_t { kNone, kMismatch, kSizeMismatch, kDoubleFree, kForeignFree };

struct Record {
  Fault fault;
  Family allocated_by;
  FreeKind released_by;
  uint64_t bytes;
  uint64_t count;
};

inline constexpr int kRecords = 16;

void record(Fault fault, Family allocated_by, FreeKind released_by, uint64_t bytes) noexcept;
// The record at this place; its fault is kNone past the last one.
Record at(int place) noexcept;

const char *name(Fault fault) noexcept;
const char *name(Family family) noexcept;
const char *name(FreeKind kind) noexcept;

}  // namespace heapmeter::faults
