// SPDX-License-Identifier: MIT
#include "books/faults.h"

namespace heapmeter::faults {
namespace {

// The fault and its kinds in one word, so that claiming a place publishes them together; 0 is a free place.
struct Place {
  uint64_t key;
  uint64_t first_bytes;
  uint64_t count;
};
constinit Place places[kRecords] = {};

uint64_t key_of(Fault fault, Family family, FreeKind kind) noexcept {
  return static_cast<uint64_t>(fault) << 16 | static_cast<uint64_t>(family) << 8 |
         static_cast<uint64_t>(kind);
}

}  // namespace

void record(Fault fault, Family allocated_by, FreeKind released_by, uint64_t bytes) noexcept {
  const uint64_t key = key_of(fault, allocated_by, released_by);
  for (Place &place : places) {
    uint64_t found = 0;
    if (__atomic_compare_exchange_n(&place.key, &found, key, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
      __atomic_store_n(&place.first_bytes, bytes, __ATOMIC_RELAXED);
      found = key;
    }
    if (found == key) {
      __atomic_fetch_add(&place.count, 1, __ATOMIC_RELEASE);
      return;
    }
  }
}

Record at(int place) noexcept {
  if (place < 0 || place >= kRecords) return {};
  const uint64_t count = __atomic_load_n(&places[place].count, __ATOMIC_ACQUIRE);
  if (count == 0) return {};
  const uint64_t key = __atomic_load_n(&places[place].key, __ATOMIC_RELAXED);
  return {static_cast<Fault>(key >> 16), static_cast<Family>(key >> 8 & 0xff),
          static_cast<FreeKind>(key & 0xff), __atomic_load_n(&places[place].first_bytes, __ATOMIC_RELAXED),
          count};
}

const char *name(Fault fault) noexcept {
  switch (fault) {
    case Fault::kMismatch:
      return "mismatch";
    case Fault::kSizeMismatch:
      return "size_mismatch";
    case Fault::kDoubleFree:
      return "double_free";
    case Fault::kForeignFree:
      return "foreign_free";
    case Fault::kNone:
      break;
  }
  return "";
}

const char *name(Family family) noexcept {
  switch (family) {
    case Family::kMalloc:
      return "malloc";
    case Family::kNew:
      return "new";
    case Family::kNewArray:
      return "new_array";
    case Family::kNone:
      break;
  }
  return "";
}

const char *name(FreeKind kind) noexcept {
  switch (kind) {
#define HEAPMETER_FREE_KIND(name, help) \
  case FreeKind::k_##name:              \
    return #name;
#include <heapmeter/kinds.def>
#undef HEAPMETER_FREE_KIND
    case FreeKind::kCount:
      break;
  }
  return "";
}

}  // namespace heapmeter::faults
