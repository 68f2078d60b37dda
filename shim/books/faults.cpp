// SPDX-License-Identifier: MIT
#include "books/faults.h"

namespace heapmeter {
namespace {

// From the right: kind 5 bits, family 3, fault 4, epoch 8, and two numbers of 20 each.
constexpr unsigned kFamilyShift = 5, kFaultShift = 8, kEpochShift = 12, kMadeShift = 20, kCalledShift = 40;
static_assert(static_cast<unsigned>(FreeKind::kCount) <= 1u << kFamilyShift);

uint64_t number(uint32_t of_code) noexcept { return of_code < faults::kMostNumbers ? of_code : 0; }

uint64_t key_of(faults::Fault fault, Family family, FreeKind kind, faults::Where where) noexcept {
  const uint64_t epoch = where.any() ? where.epoch % faults::kEpochs : 0;
  return static_cast<uint64_t>(kind) | static_cast<uint64_t>(family) << kFamilyShift |
         static_cast<uint64_t>(fault) << kFaultShift | epoch << kEpochShift |
         number(where.made) << kMadeShift | number(where.called) << kCalledShift;
}

uint32_t bits(uint64_t key, unsigned shift, unsigned width) noexcept {
  return static_cast<uint32_t>(key >> shift & ((uint64_t{1} << width) - 1));
}

bool replace_nothing(uint64_t &word, uint64_t by, uint64_t &found) noexcept {
  found = 0;
  return __atomic_compare_exchange_n(&word, &found, by, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

}  // namespace

template <typename Pauses>
void FaultsWith<Pauses>::record(faults::Fault fault, Family allocated_by, FreeKind released_by,
                                uint64_t bytes, faults::Where where) noexcept {
  const bool noted = where.any() && note(key_of(fault, allocated_by, released_by, where), bytes, kOfCode);
  if (!noted) note(key_of(fault, allocated_by, released_by, {}), bytes, kRecords);
}

template <typename Pauses>
bool FaultsWith<Pauses>::note(uint64_t key, uint64_t bytes, int most) noexcept {
  for (int at = 0; at < most; ++at) {
    Place &place = places_[at];
    uint64_t found, known_bytes;
    Pauses::pause();
    if (!replace_nothing(place.key, key, found) && found != key) continue;
    // Whoever claimed the place may not have come to this yet.
    Pauses::pause();
    replace_nothing(place.first_bytes, bytes + 1, known_bytes);
    Pauses::pause();
    __atomic_fetch_add(&place.count, 1, __ATOMIC_RELEASE);
    return true;
  }
  return false;
}

template <typename Pauses>
faults::Record FaultsWith<Pauses>::at(int place) const noexcept {
  if (place < 0 || place >= kRecords) return {};
  const uint64_t count = __atomic_load_n(&places_[place].count, __ATOMIC_ACQUIRE);
  if (count == 0) return {};
  const uint64_t key = __atomic_load_n(&places_[place].key, __ATOMIC_RELAXED);
  return {static_cast<faults::Fault>(bits(key, kFaultShift, 4)),
          static_cast<Family>(bits(key, kFamilyShift, 3)),
          static_cast<FreeKind>(bits(key, 0, kFamilyShift)),
          __atomic_load_n(&places_[place].first_bytes, __ATOMIC_RELAXED) - 1,
          count,
          {bits(key, kMadeShift, 20), bits(key, kCalledShift, 20), bits(key, kEpochShift, 8)}};
}

template class FaultsWith<NoPauses>;

}  // namespace heapmeter

namespace heapmeter::faults {

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
    case Fault::kInnerFree:
      return "inner_free";
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
